"""The audit trail: every change of a table that matters, who made it, when, before and after.

Events are written by statement-level triggers, so COPY and bulk writes are seen too; event tables are
append-only, enforced by the database. Who and why come from `pghistory.context`, opened at the edges.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger


def audited(*, exclude: list[str] | None = None) -> Any:
    """Return a model decorator that records every insert, update and delete of the model's rows."""
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=exclude,
        append_only=True,
        level=pgtrigger.Statement,
    )


def insert_only(name: str) -> pgtrigger.Trigger:
    """Return a trigger by which the database refuses to change or delete a row of the table."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)
