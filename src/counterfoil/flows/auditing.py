"""The audit trail in words: who changed which object when, which fields, before and after, and why (product H5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, ForeignKey, Q

from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence
from counterfoil.records.audit import who_did
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import user_called
from counterfoil.records.organisation.trail import (
    Change,
    ChangeQuerySet,
    before_and_after,
    event_models,
    fields_of,
)

NOTHING = sentence("nothing")
WORDS = {"insert": "added", "update": "changed", "delete": "removed"}


class UnknownKind(Refusal):
    """{kind} is no kind of object in the audit trail. Known are {known}."""


class UnknownField(Refusal):
    """No object in the audit trail has a field {field}. Fields are named like unit_price or is_active."""


@dataclass(frozen=True)
class Difference:
    """One value before and after, in words. *is_whole*: the object was added or removed, and this is a part of it."""

    field: str
    label: str
    before: str
    after: str
    is_whole: bool = False

    @property
    def sentence(self) -> str:
        """Return it in one line: what was new or is gone has one side alone."""
        return self.sentence_with(self.label)

    def sentence_with(self, label: str, *, said: Callable[[str], str] = str) -> str:
        """Return `sentence` with the field called *label*, and its values as they are *said*."""
        values = [said(value) for value in (self.before, self.after) if value != NOTHING]
        is_one_sided = len(values) == 1 and self.is_whole
        return f"{label}: {values[0] if is_one_sided else f'{said(self.before)} → {said(self.after)}'}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One change in words. *by_id* is the user's id, None where a job or the command line did it."""

    id: str
    moment: datetime
    who: str
    by_id: int | None
    what: str
    kind: str
    object_id: int
    name: str
    differences: Sequence[Difference]
    reason: str
    where: str


def kinds() -> dict[str, str]:
    """Return what can have changed: the code of each kind of object, and its name."""
    named = {
        source: str(model.pgh_tracked_model._meta.verbose_name) for source, model in event_models().items()
    }
    return {name.replace(" ", "-"): name for name in sorted(named.values())}


def changes(
    *,
    user: str = "",
    kind: str = "",
    name: str = "",
    field: str = "",
    since: date | None = None,
    until: date | None = None,
) -> ChangeQuerySet:
    """Return the changes that fit what is given, in no order. Days are UTC's; *until* is the last one.

    Raises `NoSuchUser`, `UnknownKind` and `UnknownField`.
    """
    found = Change.objects.select_related("context")
    if kind:
        found = of_kind(found, kind)
    if field:
        found = of_field(found, field)
    if user:
        found = by_user(found, user_called(user).pk)
    if name:
        found = found.filter(Q(name__istartswith=name))
    if since:
        found = found.filter(moment__date__gte=since)
    return found.filter(moment__date__lte=until) if until else found


def by_user(rows: ChangeQuerySet, user_id: int) -> ChangeQuerySet:
    """Return those of *rows* that the user with that id made."""
    return rows.filter(context__metadata__user=user_id)


def of_kind(rows: ChangeQuerySet, kind: str) -> ChangeQuerySet:
    """Return the changes of one kind of object, by its code in `kinds`. Raises `UnknownKind`."""
    return rows.of_tables(_tables_of(kind))


def of_field(rows: ChangeQuerySet, field: str) -> ChangeQuerySet:
    """Return those of *rows* that gave *field* another value; it is named as pages or as programs name it.

    Raises `UnknownField`.
    """
    wanted = field.strip().lower().replace(" ", "_")
    for source in event_models():
        for column, one in fields_of(source).items():
            if wanted in (one.name, column, str(one.verbose_name).lower().replace(" ", "_")):
                return rows.of_field(column)
    raise UnknownField(field=shown(field))


def told(rows: Sequence[Change]) -> list[Told]:
    """Return *rows* in words, in their order; a few queries however many they are."""
    values = before_and_after(rows)
    people = User.objects.in_bulk({_user_id(row) for row in rows} - {None})
    raw = {row.id: _raw(row, *values.get(row.id, ({}, {}))) for row in rows}
    names = _names(raw.values())
    return [
        Told(
            id=row.id,
            moment=row.moment,
            who=who_did(_metadata(row), people),
            by_id=_user_id(row),
            what=WORDS.get(row.label, row.label),
            kind=str(event_models()[row.source].pgh_tracked_model._meta.verbose_name),
            object_id=row.object_id,
            name=row.name or sentence("number {key}", key=row.object_id),
            differences=[
                Difference(
                    one.name, str(one.verbose_name), _text(one, before, names), _text(one, after, names)
                )
                for one, before, after in raw[row.id]
            ],
            reason=_reason(row, values.get(row.id, ({}, {}))[1]),
            where=str(_metadata(row).get("url") or _metadata(row).get("source") or ""),
        )
        for row in rows
    ]


Raw = list[tuple[Any, Any, Any]]


def _raw(row: Change, before: dict[str, Any], after: dict[str, Any]) -> Raw:
    """Return the fields that differ, each with its stored value before and after."""
    if row.label == "delete":
        before, after = after, {}
    fields = fields_of(row.source)
    pairs = [(field, before.get(column), after.get(column)) for column, field in fields.items()]
    if row.label == "update":
        return [(field, old, new) for field, old, new in pairs if old != new]
    return [(field, old, new) for field, old, new in pairs if (old or new) not in (None, "", [], {})]


def _names(changed: Any) -> dict[tuple[Any, Any], str]:
    """Return what the records are called that values refer to; one query a kind of record."""
    wanted: dict[Any, set[Any]] = {}
    for field, before, after in (one for fields in changed for one in fields):
        if isinstance(field, ForeignKey):
            wanted.setdefault(field.related_model, set()).update({before, after} - {None})
    return {
        (model, pk): str(record)
        for model, ids in wanted.items()
        for pk, record in model.objects.in_bulk(ids).items()
    }


def _text(field: Any, value: Any, names: dict[tuple[Any, Any], str]) -> str:
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), sentence("number {key}", key=value))
    if isinstance(value, bool):
        return sentence("yes") if value else sentence("no")
    if isinstance(field, StepsField):
        value = field.from_db_value(value, None, None)
        return f"{value:f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(field, DateTimeField):
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M:%S}"
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)


def _reason(row: Change, after: dict[str, Any]) -> str:
    return str(_metadata(row).get("reason") or after.get("reason") or "")


def _metadata(row: Change) -> dict[str, Any]:
    return row.context.metadata if row.context_id and row.context else {}


def _user_id(row: Change) -> int | None:
    return _metadata(row).get("user")


def _tables_of(kind: str) -> list[str]:
    known = kinds()
    if kind not in known:
        raise UnknownKind(kind=shown(kind), known=", ".join(known))
    return [
        source
        for source, model in event_models().items()
        if str(model.pgh_tracked_model._meta.verbose_name) == known[kind]
    ]
