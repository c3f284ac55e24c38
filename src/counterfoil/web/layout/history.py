"""The History tab: who changed what, when, before and after, read from the audit trail (product H5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from counterfoil.core.sentences import in_small
from counterfoil.records.audit import who_did
from counterfoil.records.organisation.models import User
from counterfoil.web.recorded import label_of, value_text
from counterfoil.web.saying import said

MOST_EVENTS = 100
NOTHING = _("nothing")
WORDS = {"insert": _("Added"), "update": _("Changed"), "delete": _("Removed")}


@dataclass(frozen=True)
class Change:
    """One value before and after; of what was added or removed, `before` is empty."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """What one person did to the object at one moment."""

    moment: datetime
    who: str
    what: str
    changes: Sequence[Change]
    reason: str = ""


@dataclass(frozen=True)
class Beside:
    """What belongs to a record and is stored beside it: its *trail*, and the *field* that says what it is."""

    trail: QuerySet[Any]
    field: str


def history_with(record: Model, *beside: Beside) -> list[Entry]:
    """Return the newest entries of *record*'s trail with those of what lies *beside* it, newest first."""
    entries = [*history_of(record), *(entry for one in beside for entry in _came_and_went(one))]
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST_EVENTS]


def _came_and_went(beside: Beside) -> list[Entry]:
    events = list(beside.trail.select_related("pgh_context").order_by("-pgh_id")[:MOST_EVENTS])
    field = beside.trail.model._meta.get_field(beside.field)
    people = User.objects.in_bulk({_user_id(event) for event in events} - {None})
    names = _names_of(field, {getattr(event, field.attname) for event in events})
    entries = []
    for event in events:
        name = names.get(getattr(event, field.attname), NOTHING)
        pair = (name, NOTHING) if event.pgh_label == "delete" else (NOTHING, name)
        change = Change(label_of(field), *pair)
        who = who_did(_metadata(event), people)
        reason = str(_metadata(event).get("reason") or "")
        entries.append(Entry(event.pgh_created_at, who, str(WORDS[event.pgh_label]), [change], reason))
    return entries


def _names_of(field: Any, values: set[Any]) -> dict[Any, str]:
    """Return what each of *values* of *field* is called: the name of a record, the label of a choice."""
    if isinstance(field, ForeignKey):
        related: Any = field.related_model
        return {pk: str(record) for pk, record in related.objects.in_bulk(values).items()}
    return {value: str(dict(field.flatchoices).get(value, value)) for value in values}


def newest(*histories: Sequence[Entry]) -> list[Entry]:
    """Return the newest hundred entries of several *histories* as one, newest first."""
    return sorted(
        (one for history in histories for one in history), key=lambda entry: entry.moment, reverse=True
    )[:MOST_EVENTS]


def history_of(record: Model, *, about: str = "", currency: str = "") -> list[Entry]:
    """Return the newest hundred entries of an audited *record*'s trail, newest first.

    *about* says of what they are, where they stand with others. Amounts in minor units are of *currency*.
    """
    trail = type(record).pgh_event_model.objects.filter(pgh_obj_id=record.pk)  # type: ignore[attr-defined]
    events = list(trail.select_related("pgh_context").order_by("-pgh_id")[: MOST_EVENTS + 1])
    fields = (
        [field for field in events[0]._meta.fields if not field.name.startswith("pgh_")] if events else []
    )
    fields = [field for field in fields if not field.primary_key and field.name != "id"]
    names = _names_of_related(events, fields)
    people = User.objects.in_bulk({_user_id(event) for event in events} - {None})
    return [
        Entry(
            moment=event.pgh_created_at,
            who=who_did(_metadata(event), people),
            what=f"{about}: {said(in_small(WORDS[event.pgh_label]))}"
            if about
            else str(WORDS[event.pgh_label]),
            changes=_changes(before, event, fields, names, currency=currency),
            reason=str(_metadata(event).get("reason") or getattr(event, "reason", "") or ""),
        )
        for event, before in zip(events[:MOST_EVENTS], [*events[1:], None], strict=False)
    ]


def _user_id(event: Any) -> int | None:
    return _metadata(event).get("user")


def _metadata(event: Any) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context else {}


def _changes(
    before: Any,
    after: Any,
    fields: Iterable[Field[Any, Any]],
    names: dict[tuple[Any, Any], str],
    *,
    currency: str,
) -> list[Change]:
    """Return what differs; of what was added or removed all that it says, on one side."""

    def said_of(event: Any, field: Field[Any, Any]) -> str:
        value = getattr(event, field.attname)
        return value_text(field, value, names=names, beside=vars(event), currency=currency)

    shown = [field for field in fields if field.editable]
    if after.pgh_label != "update":
        texts = ((label_of(field), said_of(after, field)) for field in shown)
        return [Change(label=label, before="", after=text) for label, text in texts if text]
    if before is None:
        return []
    return [
        Change(
            label=label_of(field),
            before=said_of(before, field) or str(NOTHING),
            after=said_of(after, field) or str(NOTHING),
        )
        for field in shown
        if getattr(before, field.attname) != getattr(after, field.attname)
    ]


def _names_of_related(events: Sequence[Any], fields: Iterable[Field[Any, Any]]) -> dict[tuple[Any, Any], str]:
    """Return what the objects are called that references lead to; one query a kind of object."""
    wanted: dict[Any, set[Any]] = {}
    for field in fields:
        if isinstance(field, ForeignKey):
            ids = {getattr(event, field.attname) for event in events} - {None}
            wanted.setdefault(field.related_model, set()).update(ids)
    return {
        (model, pk): str(related)
        for model, ids in wanted.items()
        if ids
        for pk, related in model.objects.in_bulk(ids).items()
    }
