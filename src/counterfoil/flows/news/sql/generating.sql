-- Runs being generated, with the charges of their shards.
SELECT 1, run.id, run.started_at, run.started_at,
       coalesce(sum(shard.charges) FILTER (WHERE shard.done_at IS NOT NULL), 0), coalesce(sum(shard.charges), 0), ''
FROM billing_run AS run
LEFT JOIN billing_runshard AS shard ON shard.run_id = run.id
WHERE run.status = 'generating'
  AND (%(sees_all)s OR (run.selection ->> 'branch_id')::bigint = ANY (%(branches)s::bigint[]))
GROUP BY run.id
