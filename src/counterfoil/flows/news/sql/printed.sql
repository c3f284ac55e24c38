(
SELECT CASE failure WHEN '' THEN 109 ELSE 110 END, id, ended_at, ended_at, 1::bigint, 1::bigint, title
FROM deliveries_printbatch
WHERE asked_by_id = %(user)s AND ended_at >= %(told_since)s
ORDER BY ended_at DESC LIMIT %(most)s
)
