"""Batch definitions, runs, exceptions, invoices and their lines, document series and numbers."""
