"""The audit trail in words: who changed which object when, which fields, before and after, and why (product H5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, ForeignKey

from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence
from counterfoil.records.audit import who_did
from counterfoil.records.fields import StepsField
from counterfoil.records.keys import begins_with
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.naming import names_of
from counterfoil.records.organisation.queries import user_called
from counterfoil.records.organisation.trail import (
    Change,
    ChangeQuerySet,
    before_and_after,
    event_models,
    fields_of,
)

NOTHING = sentence("nothing")
SCHEDULE = "Its schedule"
WORDS = {"insert": "added", "update": "changed", "delete": "removed"}


class UnknownKind(Refusal):
    """{kind} is no kind of object in the audit trail. Known are {known}."""


class UnknownField(Refusal):
    """No object in the audit trail has a field {field}. Fields are named like unit_price or is_active."""


@dataclass(frozen=True)
class Difference:
    """One value before and after, in words. *is_whole*: the object was added or removed, and this is a part of it.

    *stored* are the field and its values as the trail keeps them.
    """

    field: str
    label: str
    before: str
    after: str
    is_whole: bool = False
    stored: tuple[Any, Any, Any] = (None, None, None)

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
    """One change in words. *by_id* is the user's id, None where a job or the command line did it.

    *names* are those of the records that its values refer to, by model and id; *row* is all that the trail keeps of it
    then. *is_scheduled*: a run that its schedule began went on by itself.
    """

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
    names: Mapping[Any, str] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    is_scheduled: bool = False


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
        found = found.filter(begins_with("name", name))
    if since:
        found = found.filter(moment__date__gte=since)
    return found.filter(moment__date__lte=until) if until else found


def changes_of_object(record: Any) -> ChangeQuerySet:
    """Return the changes of one audited *record*, in no order."""
    rows = Change.objects.select_related("context").of_tables([type(record).pgh_event_model._meta.db_table])
    return rows.filter(object_id=record.pk)


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


def told(rows: Sequence[Change], *, names_everybody: bool = False) -> list[Told]:
    """Return *rows* in words, in their order; two queries however many they are.

    Their names are those of what they refer to, and, if it *names_everybody*, of all users.
    """
    values = before_and_after(rows)
    behind = {row.id: _stands_behind(row, values.get(row.id, ({}, {}))[1]) for row in rows}
    raw = {row.id: _raw(row, *values.get(row.id, ({}, {}))) for row in rows}
    wanted = _referred_to(
        [*raw.values(), *(_references(row, values.get(row.id)) for row in rows if not row.name)]
    )
    who = {user for user, _scheduled in behind.values()} - {None}
    people = None if names_everybody else wanted.get(User, set()) | who
    names = names_of({**wanted, User: people})
    called = {pk: name for (model, pk), name in names.items() if model is User}
    return [
        Told(
            id=row.id,
            moment=row.moment,
            who=SCHEDULE
            if behind[row.id][1]
            else who_did({**_metadata(row), "user": behind[row.id][0] or 0}, called),
            by_id=_user_id(row),
            what=WORDS.get(row.label, row.label),
            kind=str(event_models()[row.source].pgh_tracked_model._meta.verbose_name),
            object_id=row.object_id,
            name=row.name
            or _called(row, values.get(row.id, ({}, {}))[1], names)
            or sentence("number {key}", key=row.object_id),
            differences=[
                Difference(
                    one.name,
                    str(one.verbose_name),
                    _text(one, before, names),
                    _text(one, after, names),
                    is_whole=row.label != "update",
                    stored=(one, before, after),
                )
                for one, before, after in raw[row.id]
            ],
            reason=_reason(row, values.get(row.id, ({}, {}))[1]),
            where=str(_metadata(row).get("url") or _metadata(row).get("source") or ""),
            names=names,
            row=values.get(row.id, ({}, {}))[1],
            is_scheduled=behind[row.id][1],
        )
        for row in rows
    ]


def _stands_behind(row: Change, after: Mapping[str, Any]) -> tuple[int | None, bool]:
    """Return the id of who made a change, and whether a schedule did.

    A job goes on with what somebody authorised, generated, or let a schedule begin.
    """
    user = _user_id(row)
    if user is not None or _metadata(row).get("operator") or not row.source.endswith("_runevent"):
        return user, False
    behind = after.get("authorised_by_id") or after.get("generated_by_id")
    return behind, behind is None and after.get("scheduled_for") is not None


TELLING = ("document_type", "year", "language", "line_no", "starts_on", "valid_from", "read_on")
"""What tells objects of one kind apart that keep no name."""


def _called(row: Change, values: Mapping[str, Any], names: Mapping[Any, str]) -> str:
    """Return what an object that keeps no name is called: by what it belongs to, and what tells it from others."""
    belongs, tells = [], []
    for column, one in fields_of(row.source).items():
        value = values.get(column)
        if isinstance(one, ForeignKey) and one.related_model is not User:
            belongs.append(names.get((one.related_model, value), ""))
        elif one.name in TELLING and value:
            tells.append(_text(one, value, names))
    return ", ".join(part for part in (*belongs, *tells) if part)


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


def _references(row: Change, values: tuple[dict[str, Any], dict[str, Any]] | None) -> Raw:
    """Return what a row leads to, whether or not it changed."""
    after = values[1] if values else {}
    fields = fields_of(row.source).items()
    return [(one, None, after.get(column)) for column, one in fields if isinstance(one, ForeignKey)]


def _referred_to(changed: Any) -> dict[Any, set[Any]]:
    """Return the keys of the records that values refer to, by their kind."""
    wanted: dict[Any, set[Any]] = {}
    for changed_field, before, after in (one for fields in changed for one in fields):
        if isinstance(changed_field, ForeignKey):
            wanted.setdefault(changed_field.related_model, set()).update({before, after} - {None})
    return wanted


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
