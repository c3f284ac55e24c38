SELECT id AS charge_period_id, count, unit, anchor, billing_day, part_charging, day_count, bill_on, offset_days
FROM catalog_chargeperiod
