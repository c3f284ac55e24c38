-- What a batch with a cut-off lists (billing-rules 8.3), with why it is unchecked (8.4), whether the selection checks
-- it, and what all of its group that is checked comes to. As core.consolidation says; a test holds them together.
WITH eligible AS (
    SELECT queued.*,
           CASE WHEN (SELECT count(*) > 1 FROM organisation_branch) THEN queued.branch_id END AS in_branch,
           CASE WHEN queued.currency = customer.currency THEN settings.limit_minor END AS limit_minor,
           CASE WHEN queued.currency = customer.currency THEN settings.minimum_minor END AS minimum_minor,
           CASE queued.kind WHEN 'sales' THEN settings.takes_sales ELSE settings.takes_service END AS is_taken,
           settings.next_date
    FROM billing_queuedinvoice AS queued
    JOIN parties_consolidationsettings AS settings ON settings.customer_id = queued.customer_id
    JOIN parties_billingcustomer AS customer ON customer.id = queued.customer_id
    WHERE settings.is_used
      AND queued.invoice_date <= %(cutoff)s
      AND (settings.next_date IS NULL
           OR (settings.next_date <= %(cutoff)s AND queued.invoice_date <= settings.next_date))
      AND (%(branches)s::bigint[] IS NULL OR queued.branch_id = ANY(%(branches)s::bigint[]))
      AND (%(customers)s::bigint[] IS NULL OR queued.customer_id = ANY(%(customers)s::bigint[]))
), totalled AS (
    -- Both kinds in one window: those that follow have its order, so nothing is sorted anew.
    SELECT eligible.*,
           CASE WHEN limit_minor IS NULL THEN NULL
                WHEN kind = 'sales' THEN sum(gross_minor) FILTER (WHERE kind = 'sales') OVER of_group
                ELSE sum(gross_minor) FILTER (WHERE kind <> 'sales') OVER of_group END AS kind_minor
    FROM eligible
    WINDOW of_group AS (PARTITION BY customer_id, currency, in_branch)
), explained AS (
    SELECT totalled.*,
           CASE WHEN limit_minor IS NULL THEN ''
                WHEN NOT is_taken THEN 'not taken'
                WHEN kind_minor < limit_minor THEN ''
                ELSE 'not below' END AS unchecked
    FROM totalled
), selected AS (
    SELECT explained.*,
           invoice_id = ANY(%(checked)s::bigint[])
           OR (NOT invoice_id = ANY(%(unchecked)s::bigint[])
               AND (%(begins_with)s = 'all' OR (%(begins_with)s = 'beforehand' AND unchecked = ''))) AS is_checked
    FROM explained
)
SELECT selected.*,
       COALESCE(sum(gross_minor) FILTER (WHERE is_checked)
           OVER (PARTITION BY customer_id, currency, in_branch), 0)::bigint AS checked_minor
FROM selected
