"""Master charges, charge periods and taxes."""
