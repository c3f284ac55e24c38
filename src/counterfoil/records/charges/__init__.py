"""Charges assigned to clients, and the span of days billed for each."""
