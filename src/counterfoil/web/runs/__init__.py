"""Billing runs: preview, generate, review, authorise, deliver."""
