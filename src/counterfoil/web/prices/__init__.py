"""Pages of what changes prices: prices by date, overrides, escalations."""
