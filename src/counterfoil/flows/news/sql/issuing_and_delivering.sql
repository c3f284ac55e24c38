-- Runs that a worker issues (numbers follow the ids of drafts, 7.1), or whose documents it sends (in their order).
SELECT CASE job.task WHEN %(issue)s THEN 2 ELSE 3 END,
       run.id, coalesce(run.authorised_at, run.started_at), coalesce(run.authorised_at, run.started_at),
       CASE job.task
           WHEN %(issue)s THEN coalesce((
               SELECT given.invoice_id FROM billing_documentnumber AS given
               WHERE given.invoice_id BETWEEN its.first AND its.last ORDER BY given.invoice_id DESC LIMIT 1
           ) - its.first + 1, 0)
           ELSE coalesce((
               SELECT waiting.invoice_id FROM deliveries_delivery AS waiting
               WHERE waiting.state IN ('queued', 'sending') AND waiting.invoice_id BETWEEN its.first AND its.last
               ORDER BY waiting.id LIMIT 1
           ), its.last) - its.first
       END,
       its.last - its.first + 1, ''
FROM (
    SELECT DISTINCT (args ->> 'run_id')::bigint AS run_id, task_name AS task FROM procrastinate_jobs
    WHERE status = 'doing' AND task_name IN (%(issue)s, %(deliver)s)
) AS job
JOIN billing_run AS run ON run.id = job.run_id
CROSS JOIN LATERAL (
    SELECT (SELECT id FROM billing_invoice WHERE run_id = run.id ORDER BY id LIMIT 1) AS first,
           (SELECT id FROM billing_invoice WHERE run_id = run.id ORDER BY id DESC LIMIT 1) AS last
) AS its
WHERE its.first IS NOT NULL
  AND (%(sees_all)s OR (run.selection ->> 'branch_id')::bigint = ANY (%(branches)s::bigint[]))
