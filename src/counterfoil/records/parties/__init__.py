"""Billing customers, clients and dealers."""
