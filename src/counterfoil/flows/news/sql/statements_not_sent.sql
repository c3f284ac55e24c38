-- Of those the person asked for lately: sent again, a statement is one of another round.
SELECT 106, max(round_id), min(changed_at), max(changed_at), count(*), 1::bigint, ''
FROM (
    SELECT statement.round_id, statement.changed_at FROM deliveries_statementdelivery AS statement
    JOIN deliveries_statementround AS round ON round.id = statement.round_id
    WHERE statement.state IN ('failed', 'uncertain') AND statement.changed_at >= %(told_since)s
      AND round.asked_by_id = %(user)s
    ORDER BY statement.id DESC LIMIT %(most_counted)s
) AS newest
HAVING count(*) > 0
