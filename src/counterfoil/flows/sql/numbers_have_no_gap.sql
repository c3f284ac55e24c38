-- A series whose numbers are not 1, 2, 3 … up to the one before next_seq, each once (billing-rules 7.1).
WITH given AS (
    SELECT series_id, count(*) AS numbers, count(DISTINCT seq) AS different, min(seq) AS first, max(seq) AS last
    FROM billing_documentnumber GROUP BY series_id
)
SELECT 'series ' || series.id || ' (' || branch.code || ' ' || series.document_type || ' ' || series.year || ')'
           AS documents,
       COALESCE(given.numbers, 0) || ' numbers from ' || COALESCE(given.first, 0) || ' to '
           || COALESCE(given.last, 0) || ', the next is ' || series.next_seq AS message
FROM billing_documentseries AS series
JOIN organisation_branch AS branch ON branch.id = series.branch_id
LEFT JOIN given ON given.series_id = series.id
WHERE series.next_seq <> COALESCE(given.last, 0) + 1
   OR COALESCE(given.numbers, 0) <> series.next_seq - 1
   OR COALESCE(given.different, 0) <> series.next_seq - 1
   OR COALESCE(given.first, 1) <> 1
ORDER BY series.id
