-- Runs in review that the person may authorise: under four eyes none that they generated themselves.
(
SELECT 101, id, coalesce(generated_at, started_at), coalesce(generated_at, started_at), 1::bigint, 1::bigint, title
FROM billing_run AS run
WHERE status = 'in_review'
  AND (NOT %(four_eyes)s OR generated_by_id IS DISTINCT FROM %(user)s)
  AND (%(sees_all)s OR (selection ->> 'branch_id')::bigint = ANY (%(branches)s::bigint[]))
ORDER BY id DESC LIMIT %(most)s
)
