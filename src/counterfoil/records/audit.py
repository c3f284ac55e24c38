"""The audit trail: every change of a table that matters, who made it, when, before and after.

Events are written by statement-level triggers, so COPY and bulk writes are seen too; event tables are
append-only, enforced by the database. Who and why come from `pghistory.context`, opened at the edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pghistory
import pgtrigger
from django.db import connection, models


def audited(*, exclude: list[str] | None = None, found_by: str = "") -> Any:
    """Return a model decorator that records every insert, update and delete of the model's rows.

    Where there are many, their trail is *found by* what people call them: a column of text, by its beginning.
    """

    def decorated(model: Any) -> Any:
        # The whole trail is read in the order of time (records/organisation/trail.py).
        indexes = [models.Index(fields=["pgh_created_at"])]
        if found_by:
            name = f"trail_{model._meta.model_name}_{found_by}"
            indexes.append(models.Index(fields=[found_by], opclasses=["varchar_pattern_ops"], name=name))
        track = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=exclude,
            append_only=True,
            level=pgtrigger.Statement,
            meta={"indexes": indexes},
        )
        return track(model)

    return decorated


NOBODY = "Counterfoil"
"""Who did what nobody asked for."""


def who_did(metadata: Mapping[str, Any], people: Mapping[int, Any]) -> str:
    """Return who made a change, by what its context says: one of *people*, else whom the machine knew."""
    found = people.get(metadata.get("user", 0))
    if found is not None:
        return str(found)
    operator = metadata.get("operator")
    return f"{operator}, on the command line" if operator else NOBODY


def insert_only(name: str) -> pgtrigger.Trigger:
    """Return a trigger by which the database refuses to change or delete a row of the table."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def moment_of_trail() -> datetime:
    """Return the moment under which the trail keeps what the present transaction writes: when it began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def as_of(model: type[models.Model], ids: Iterable[int], *, moment: datetime) -> dict[int, models.Model]:
    """Return, by id, the rows of an audited *model* as they were at *moment*, read from its trail.

    A document issued then is printed from these, so that it never changes afterwards. The values are events of
    the model, with the same field names. Ids that did not exist yet are left out.
    """
    events = model.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        pgh_obj_id__in=set(ids), pgh_created_at__lte=moment
    )
    return {event.pgh_obj_id: event for event in events.order_by("pgh_id")}
