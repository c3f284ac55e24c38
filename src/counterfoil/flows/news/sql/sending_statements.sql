SELECT 4, round.id, round.asked_at, round.asked_at,
       count(*) FILTER (WHERE statement.state NOT IN ('queued', 'sending')), count(*), ''
FROM deliveries_statementround AS round
JOIN deliveries_statementdelivery AS statement ON statement.round_id = round.id
WHERE round.asked_by_id = %(user)s
  AND round.id IN (SELECT round_id FROM deliveries_statementdelivery WHERE state IN ('queued', 'sending'))
GROUP BY round.id
