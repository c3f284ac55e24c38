"""Consolidated billing: queue, choose, bill in a batch or by hand, edit, void, roll and send (billing-rules 8)."""
