-- What the person wrote down to act on, since the beginning of its day where the organisation is.
(
SELECT 108, id, timezone(%(zone)s, act_by::timestamp), timezone(%(zone)s, act_by::timestamp), 1::bigint, 1::bigint,
       left(text, %(characters)s)
FROM parties_lognote
WHERE written_by_id = %(user)s AND act_by <= %(today)s AND NOT is_done
ORDER BY act_by DESC LIMIT %(most)s
)
