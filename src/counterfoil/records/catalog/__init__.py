"""Master charges, charge periods, price overrides, tax categories and rates."""
