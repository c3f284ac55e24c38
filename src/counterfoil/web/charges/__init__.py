"""Charges assigned to clients."""
