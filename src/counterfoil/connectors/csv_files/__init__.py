"""Documents as CSV files, for whatever can import a table."""
