"""The audit trail as a whole: who changed what, when, before and after, and why."""
