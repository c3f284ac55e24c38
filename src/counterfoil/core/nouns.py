"""How many of a thing there are, in words: "1 invoice", "1,240 invoices"."""

from __future__ import annotations


def counted(number: int, one: str, many: str) -> str:
    """Return *number* with the noun that goes with it, *one* for a single one."""
    return f"{number:,} {one if number == 1 else many}"
