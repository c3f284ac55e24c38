-- What became of the files that the person sent or confirmed; those that no worker has any more have stopped.
(
SELECT CASE file.state WHEN 'checked' THEN 111 WHEN 'refused' THEN 112 WHEN 'done' THEN 113 ELSE 114 END, file.id,
       coalesce(ended.at, file.changed_at), coalesce(ended.at, file.changed_at),
       file.problem_count::bigint, 1::bigint, file.name
FROM organisation_fileimport AS file
CROSS JOIN LATERAL (
    SELECT CASE WHEN file.state IN ('asked', 'confirmed') THEN file.begun_at END AS at
) AS ended
WHERE file.changed_at >= %(told_since)s AND file.state <> 'cancelled'
  AND %(user)s IN (file.asked_by_id, file.confirmed_by_id)
  AND (file.state NOT IN ('asked', 'confirmed') OR NOT EXISTS (
      SELECT FROM procrastinate_jobs AS job
      WHERE job.task_name = %(take_in)s AND job.status IN ('todo', 'doing')
        AND (job.args ->> 'import_id')::bigint = file.id
  ))
ORDER BY file.changed_at DESC LIMIT %(most)s
)
