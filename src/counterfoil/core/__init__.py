"""The rules, on plain values. Standard library only: no clock, no I/O (billing-rules.md)."""
