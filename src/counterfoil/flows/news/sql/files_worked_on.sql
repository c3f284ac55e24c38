-- Files that a worker checks or takes in, or will, told to who sent or confirmed them.
SELECT CASE file.state WHEN 'asked' THEN 7 ELSE 8 END, file.id,
       coalesce(file.begun_at, file.changed_at), coalesce(file.begun_at, file.changed_at),
       file.rows_read::bigint, file.rows_total::bigint, ''
FROM organisation_fileimport AS file
WHERE file.state IN ('asked', 'confirmed') AND %(user)s IN (file.asked_by_id, file.confirmed_by_id)
  AND EXISTS (
      SELECT FROM procrastinate_jobs AS job
      WHERE job.task_name = %(take_in)s AND job.status IN ('todo', 'doing')
        AND (job.args ->> 'import_id')::bigint = file.id
  )
