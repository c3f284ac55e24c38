SELECT id AS charge_period_id, count, unit, anchor, billing_day, part_charging, day_count, bill_on, offset_days,
       split_on_price_change::int
FROM catalog_chargeperiod
