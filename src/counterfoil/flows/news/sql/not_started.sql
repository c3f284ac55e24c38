-- Schedules whose run was due and did not start.
SELECT 102, definition.id, state.seen_up_to, state.seen_up_to, 1::bigint, 1::bigint, definition.title
FROM billing_schedulestate AS state
JOIN billing_batchdefinition AS definition ON definition.id = state.definition_id
WHERE state.problem <> '' AND definition.is_active AND definition.schedule <> ''
  AND (%(sees_all)s OR definition.branch_id = ANY (%(branches)s::bigint[]))
