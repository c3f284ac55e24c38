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
from counterfoil.records.organisation.naming import Named, names_of
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
    return newest(history_of(record), *_came_and_went(beside))


def _came_and_went(beside: Sequence[Beside]) -> list[list[Entry]]:
    """Return the newest entries of each of *beside*: a query each, and one for what all of them name."""
    found = [(one.trail.model._meta.get_field(one.field), _newest_events(one.trail)) for one in beside]
    wanted: dict[Any, set[Any]] = {
        User: {_user_id(event) for _f, events in found for event in events} - {None}
    }
    for field, events in found:
        if isinstance(field, ForeignKey):
            wanted.setdefault(field.related_model, set()).update(
                getattr(one, field.attname) for one in events
            )
    names = names_of(wanted)
    people = {pk: name for (model, pk), name in names.items() if model is User}
    return [[_entry_beside(event, field, names, people) for event in events] for field, events in found]


def _newest_events(trail: QuerySet[Any]) -> list[Any]:
    return list(trail.select_related("pgh_context").order_by("-pgh_id")[:MOST_EVENTS])


def _entry_beside(event: Any, field: Any, names: Named, people: dict[Any, str]) -> Entry:
    value = getattr(event, field.attname)
    name = (
        names.get((field.related_model, value), NOTHING)
        if isinstance(field, ForeignKey)
        else str(dict(field.flatchoices).get(value, value))
    )
    pair = (name, NOTHING) if event.pgh_label == "delete" else (NOTHING, name)
    reason = str(_metadata(event).get("reason") or "")
    who = who_did(_metadata(event), people)
    change = Change(label_of(field), *pair)
    return Entry(event.pgh_created_at, who, str(WORDS[event.pgh_label]), [change], reason)


def newest(*histories: Sequence[Entry]) -> list[Entry]:
    """Return the newest hundred entries of several *histories* as one, newest first."""
    return sorted(
        (one for history in histories for one in history), key=lambda entry: entry.moment, reverse=True
    )[:MOST_EVENTS]


@dataclass(frozen=True)
class Trail:
    """The trail of an audited *record*.

    *about* says of what it is, where it stands with others. Amounts in minor units are of *currency*.
    """

    record: Model
    about: str = ""
    currency: str = ""


def history_of(record: Model) -> list[Entry]:
    """Return the newest hundred entries of an audited *record*'s trail, newest first."""
    return histories_of(Trail(record))[0]


def histories_of(*trails: Trail) -> list[list[Entry]]:
    """Return the newest hundred entries of each trail, newest first: a query each, and one for all names."""
    read = [_newest_of(one.record) for one in trails]
    wanted: dict[Any, set[Any]] = {User: set()}
    for events in read:
        wanted[User] |= {_user_id(event) for event in events} - {None}
        for model, keys in _referred_to(events, _fields(events)).items():
            wanted.setdefault(model, set()).update(keys)
    names = names_of(wanted)
    return [_entries(events, trail, names) for trail, events in zip(trails, read, strict=True)]


def _newest_of(record: Model) -> list[Any]:
    trail = type(record).pgh_event_model.objects.filter(pgh_obj_id=record.pk)  # type: ignore[attr-defined]
    return list(trail.select_related("pgh_context").order_by("-pgh_id")[: MOST_EVENTS + 1])


def _fields(events: Sequence[Any]) -> list[Field[Any, Any]]:
    fields = events[0]._meta.fields if events else []
    return [one for one in fields if not (one.name.startswith("pgh_") or one.primary_key or one.name == "id")]


def _entries(events: Sequence[Any], trail: Trail, names: Named) -> list[Entry]:
    people = {pk: name for (model, pk), name in names.items() if model is User}
    fields, about = _fields(events), trail.about
    return [
        Entry(
            moment=event.pgh_created_at,
            who=who_did(_metadata(event), people),
            what=f"{about}: {said(in_small(WORDS[event.pgh_label]))}"
            if about
            else str(WORDS[event.pgh_label]),
            changes=_changes(before, event, fields, names, currency=trail.currency),
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
    names: Named,
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


def _referred_to(events: Sequence[Any], fields: Iterable[Field[Any, Any]]) -> dict[Any, set[Any]]:
    """Return the keys of the records that references lead to, by their kind."""
    wanted: dict[Any, set[Any]] = {}
    for field in (one for one in fields if isinstance(one, ForeignKey)):
        ids = {getattr(event, field.attname) for event in events} - {None}
        wanted.setdefault(field.related_model, set()).update(ids)
    return wanted
