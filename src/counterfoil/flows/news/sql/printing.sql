SELECT 5, id, asked_at, asked_at, done::bigint, documents::bigint, '' FROM deliveries_printbatch
WHERE asked_by_id = %(user)s AND ended_at IS NULL
