"""Invoices: list, page, PDF; hold, release and exclude drafts."""
