-- A line of a charge whose amount before discounts is not round(quantity × unit price × share), rounded once (3.1).
-- Quantity and price are millionths. Pieces of one grid period are rounded together (3.4): one of several may differ
-- by less than one minor unit, and is 0 where more was billed of the period than its days would cost.
WITH priced AS (
    SELECT line.id, line.invoice_id, line.line_no, line.charge_id, line.grid_start, line.grid_end,
           line.net_minor + line.discount_minor AS amount,
           line.quantity::numeric * line.unit_price * currency.factor * line.fraction_num AS over,
           line.fraction_den::numeric * 1000000000000 AS under
    FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN unnest(%(currencies)s::text[], %(factors)s::bigint[]) AS currency(code, factor)
      ON currency.code = invoice.currency
    WHERE line.kind = 'charge' AND NOT line.includes_tax
), inexact AS (
    SELECT *, EXISTS (
        SELECT FROM billing_invoiceline AS other
        WHERE other.charge_id = priced.charge_id AND other.id <> priced.id
          AND other.period_start < priced.grid_end AND other.period_end > priced.grid_start
        UNION ALL
        SELECT FROM charges_charge AS charge
        WHERE charge.id = priced.charge_id AND charge.opening_billed_to > priced.grid_start
    ) AS is_one_of_several, EXISTS (
        SELECT FROM billing_invoiceline AS credit
        WHERE credit.charge_id = priced.charge_id AND credit.kind = 'credit' AND credit.span_from IS NOT NULL
          AND credit.id < priced.id
          AND credit.period_start < priced.grid_end AND credit.period_end > priced.grid_start
    ) AS follows_a_credit
    FROM priced
    WHERE abs(amount * under - over) * 2 > under
)
SELECT 'invoice ' || COALESCE(number.number, inexact.invoice_id::text) AS documents,
       'line ' || inexact.line_no || ' comes to ' || inexact.amount || ' before discounts; its price and share make '
           || round(inexact.over / inexact.under, 4) || ' (minor units)' AS message
FROM inexact
LEFT JOIN billing_documentnumber AS number ON number.invoice_id = inexact.invoice_id
WHERE NOT (is_one_of_several AND (amount = 0 OR abs(amount * under - over) < under)) AND NOT follows_a_credit
ORDER BY inexact.id
