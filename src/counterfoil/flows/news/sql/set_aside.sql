-- Runs of late that set something aside, with how much; of each title the newest, as on the page of the exceptions.
(
SELECT 107, run.id, run.generated_at, run.generated_at, its.exceptions, 1::bigint, run.title
FROM billing_run AS run
CROSS JOIN LATERAL (SELECT sum(exceptions) AS exceptions FROM billing_runshard WHERE run_id = run.id) AS its
WHERE run.generated_at >= %(told_since)s AND run.status IN ('in_review', 'authorised', 'issued')
  AND its.exceptions > 0
  AND NOT EXISTS (
      SELECT FROM billing_run AS later
      WHERE later.generated_at >= %(told_since)s AND later.status IN ('in_review', 'authorised', 'issued')
        AND later.title = run.title AND later.id > run.id
        AND (%(sees_all)s OR (later.selection ->> 'branch_id')::bigint = ANY (%(branches)s::bigint[]))
  )
  AND (%(sees_all)s OR (run.selection ->> 'branch_id')::bigint = ANY (%(branches)s::bigint[]))
ORDER BY run.generated_at DESC LIMIT %(most)s
)
