"""Batch definitions."""
