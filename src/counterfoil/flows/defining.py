"""Batch definitions: made, changed and copied, by the same rules whoever asks: the web, the command line, the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Manager, Model

from counterfoil.connectors.registry import CONNECTORS
from counterfoil.core.dating import NotADayRule, parse_day_rule
from counterfoil.core.periods import Length, NotALength
from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.billing.requesting import UnknownKind, check_known_kinds
from counterfoil.flows.billing.scheduling import NeverDue, NotASchedule, checked_schedule
from counterfoil.records.billing import actions, schedule_actions
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Grouping, Payer
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import CustomerGroup

MOST_PAST_PERIODS = 1200
NOWHERE = ""
AUTHORISERS = (Role.APPROVER, Role.ADMINISTRATOR)
LONGEST_TITLE = 200
_NAMED: Mapping[str, tuple[Manager[Any], str]] = {
    "branch": (Branch.objects, "code"),
    "customer_group": (CustomerGroup.objects, "name"),
}


class NameNotUsable(Refusal):
    """{name} cannot name a definition. Use at most 60 small letters, digits and hyphens, a letter or digit first."""


class NameTaken(Refusal):
    """There is a definition {name} already. Choose another name."""


class TitleNotUsable(Refusal):
    """{title} is no title. Give one of 1 to 200 characters that can be printed."""


class NoSuchMaster(Refusal):
    """There is no master charge {code}. Give codes of the catalogue."""


class KindsMissing(Refusal):
    """The definition bills no kind of charge or event. Name at least one, or let it credit."""


class NotOneOf(Refusal):
    """{value} is no {what}. Known are {known}."""


class PastPeriodsOutOfRange(Refusal):
    """{count} past periods cannot be allowed. Give a whole number from 0 to 1200."""


class MayNotAuthorise(Refusal):
    """Only somebody who may authorise runs lets those of a definition be issued without review. Ask an approver."""


OF_VALUES = (
    NameNotUsable,
    TitleNotUsable,
    KindsMissing,
    UnknownKind,
    NotOneOf,
    PastPeriodsOutOfRange,
    NoSuchMaster,
    NotALength,
    NotADayRule,
    NotASchedule,
    NeverDue,
)
"""What says that a value cannot be used, whatever else is stored."""


def may_authorise(by: User | None) -> bool:
    """Return whether *by* may let runs be issued without review; None is who works on the machine itself."""
    return by is None or by.role in AUTHORISERS


def define(definition: BatchDefinition, *, by: User | None, now: datetime) -> BatchDefinition:
    """Store a new *definition* and return it; its schedule counts from *now*.

    Raises what `faults` yields, and `MayNotAuthorise` where it is authorised by somebody who may not.
    """
    _check(definition)
    if definition.authorised and not may_authorise(by):
        raise MayNotAuthorise
    with _name_taken(definition), transaction.atomic():
        [stored] = actions.create_definitions([definition])
        if stored.schedule:
            schedule_actions.begin_schedule(stored, now=now)
        return stored


def change(
    definition: BatchDefinition, *, fields: Sequence[str], by: User | None, now: datetime
) -> BatchDefinition:
    """Store the changed *fields* of *definition* and return it; runs keep the selection they began with.

    A schedule that is new, or on again, counts from *now*. Raises what `faults` yields, and `MayNotAuthorise` where
    somebody who may not switches *authorised* on; one that is on stays so, whoever changes the rest.
    """
    _check(definition)
    with _name_taken(definition), transaction.atomic():
        before = BatchDefinition.objects.select_for_update().get(pk=definition.pk)
        is_switched_on = "authorised" in fields and definition.authorised and not before.authorised
        if is_switched_on and not may_authorise(by):
            raise MayNotAuthorise
        actions.change_definitions([definition], fields=list(fields))
        after = BatchDefinition.objects.get(pk=definition.pk)
        was, runs = (one.schedule if one.is_active else "" for one in (before, after))
        if runs and runs != was:
            schedule_actions.begin_schedule(after, now=now)
    return after


@contextmanager
def _name_taken(definition: BatchDefinition) -> Iterator[None]:
    """Raise `NameTaken` if somebody has stored another of the name since it was looked for."""
    try:
        yield
    except IntegrityError as error:
        raise NameTaken(name=definition.name) from error


def copy_of(definition: BatchDefinition, *, name: str, title: str = "") -> BatchDefinition:
    """Return a new definition, not stored yet, that says what *definition* says under another name.

    It has no schedule, since two that bill the same by themselves are seldom meant, and its runs are reviewed.
    """
    own = ("id", "name", "title", "schedule", "authorised", "is_active")
    kept = [field.attname for field in BatchDefinition._meta.concrete_fields if field.name not in own]
    values = {attribute: getattr(definition, attribute) for attribute in kept}
    return BatchDefinition(**values, name=name, title=title or f"{definition.title} (copy)")


def worded(definition: BatchDefinition, words: Mapping[str, Any]) -> BatchDefinition:
    """Return *definition* with its fields set to *words*; `branch` is a code, `customer_group` a name, empty for all.

    `master_charges` are codes. Raises `NotOneOf` for a branch, a group or a master charge that there is not.
    """
    for field, word in words.items():
        known = _NAMED.get(field)
        if field == "master_charges":
            word = masters_called(word)
        setattr(definition, field, word if known is None else _called(known, word, what=field))
    return definition


def masters_called(codes: Sequence[str]) -> list[int]:
    """Return the ids of the master charges with these *codes*, in their order. Raises `NoSuchMaster`."""
    known = dict(MasterCharge.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in codes:
        if code not in known:
            raise NoSuchMaster(code=shown(code))
    return sorted({known[code] for code in codes})


def codes_of(definition: BatchDefinition) -> list[str]:
    """Return the codes of the only master charges that *definition* selects; none: all."""
    ids = definition.master_charges
    return (
        list(MasterCharge.objects.filter(pk__in=ids).order_by("code").values_list("code", flat=True))
        if ids
        else []
    )


def lengths_counted(lengths: Sequence[str]) -> list[str]:
    """Return *lengths* of charge periods counted in months or days, the shortest first. Raises `NotALength`."""
    counted = {Length.parse(text).counted for text in lengths}
    return [str(one) for one in sorted(counted, key=lambda one: (one.months or 0, one.days or 0))]


def _called(known: tuple[Manager[Any], str], word: str | None, *, what: str) -> Model | None:
    if not word:
        return None
    rows, key = known
    found: Model | None = rows.filter(**{key: word}).first()
    if found is None:
        keys = rows.values_list(key, flat=True)
        raise NotOneOf(value=shown(word), what=what.replace("_", " "), known=", ".join(keys) or "none")
    return found


def faults(definition: BatchDefinition) -> Iterator[tuple[str, Refusal]]:
    """Yield what is wrong with *definition*, each with the field it is about; put rules and schedule in order."""
    for field, check in _CHECKS.items():
        try:
            check(definition)
        except Refusal as refusal:
            yield field, refusal


def _check(definition: BatchDefinition) -> None:
    for _field, refusal in faults(definition):
        raise refusal


def _check_name(definition: BatchDefinition) -> None:
    """A name that is stored already may stay, even one that could not be given today."""
    others = BatchDefinition.objects.exclude(pk=definition.pk)
    if BatchDefinition.objects.filter(pk=definition.pk, name=definition.name).exists():
        return
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", definition.name):
        raise NameNotUsable(name=shown(definition.name))
    if others.filter(name=definition.name).exists():
        raise NameTaken(name=definition.name)


def _check_title(definition: BatchDefinition) -> None:
    title = definition.title.strip()
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise TitleNotUsable(title=shown(definition.title))


def _check_kinds(definition: BatchDefinition) -> None:
    check_known_kinds(definition.kinds)
    if not definition.kinds and definition.credit_basis == CreditBasis.NONE:
        raise KindsMissing


def _check_past_periods(definition: BatchDefinition) -> None:
    if not 0 <= definition.past_periods_allowed <= MOST_PAST_PERIODS:
        raise PastPeriodsOutOfRange(count=definition.past_periods_allowed)


def _order_lengths(definition: BatchDefinition) -> None:
    definition.period_lengths = lengths_counted(definition.period_lengths)


def _order_cutoff(definition: BatchDefinition) -> None:
    definition.cutoff_rule = str(parse_day_rule(definition.cutoff_rule))


def _order_invoice_date(definition: BatchDefinition) -> None:
    definition.invoice_date_rule = str(parse_day_rule(definition.invoice_date_rule, knows_cutoff=True))


def _order_schedule(definition: BatchDefinition) -> None:
    definition.schedule = checked_schedule(definition.schedule)


def _one_of(value: str, *, what: str, known: Sequence[str]) -> None:
    if value not in known:
        raise NotOneOf(value=shown(value), what=what, known=", ".join(one or "none" for one in known))


_CHECKS: Mapping[str, Callable[[BatchDefinition], None]] = {
    "name": _check_name,
    "title": _check_title,
    "kinds": _check_kinds,
    "payer": lambda one: _one_of(one.payer, what="payer", known=Payer.values),
    "grouping": lambda one: _one_of(one.grouping, what="grouping", known=Grouping.values),
    "credit_basis": lambda one: _one_of(one.credit_basis, what="credit basis", known=CreditBasis.values),
    "connector": lambda one: _one_of(one.connector, what="connector", known=[*CONNECTORS, NOWHERE]),
    "past_periods_allowed": _check_past_periods,
    "period_lengths": _order_lengths,
    "cutoff_rule": _order_cutoff,
    "invoice_date_rule": _order_invoice_date,
    "schedule": _order_schedule,
}
