"""Documents as CSV files."""
