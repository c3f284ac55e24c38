"""Which run somebody asks for: by a definition's name, or by a selection given on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from counterfoil.core.dating import parse_day_rule
from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.billing.run import Request
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import BatchDefinition, CreditBasis
from counterfoil.records.catalog.models import Kind
from counterfoil.records.labels import english, small
from counterfoil.records.parties.models import CustomerGroup

BILLED_KINDS = tuple(Kind.values)
"""The kinds of charge and of event that a run can bill."""


class NoSuchDefinition(Refusal):
    """There is no batch definition {name}. `counterfoil definition list` shows those there are."""


class DefinitionIsOff(Refusal):
    """The batch definition {name} is switched off. Switch it on, or run another one."""


class NotBilledYet(Refusal):
    """{what} cannot be run: billing {kinds} is not available yet. Run one that selects service charges."""


class NotACreditDefinition(Refusal):
    """The batch definition {name} bills and credits nothing. Run `credit`, or one that credits."""


class UnknownKind(Refusal):
    """{kind} is no kind of charge. Known are {known}."""


def definition_named(name: str) -> BatchDefinition:
    """Return the batch definition called *name*. Raises `NoSuchDefinition`."""
    definition = BatchDefinition.objects.filter(name=name).first()
    if definition is None:
        raise NoSuchDefinition(name=shown(name))
    return definition


def days_of(
    definition: BatchDefinition, *, today: date, cutoff: date | None = None, invoice_date: date | None = None
) -> tuple[date, date]:
    """Return the cut-off and the invoice date of a run of *definition* on *today*: those given, else by its rules."""
    until = cutoff or parse_day_rule(definition.cutoff_rule).day(today=today)
    dated = parse_day_rule(definition.invoice_date_rule, knows_cutoff=True)
    return until, invoice_date or dated.day(today=today, cutoff=until)


def request_by_definition(
    definition: BatchDefinition,
    *,
    cutoff: date,
    invoice_date: date,
    tax_point: date | None = None,
    past_periods: int | None = None,
    credit_basis: str | None = None,
) -> Request:
    """Return the run that *definition* describes, of *cutoff*; *past_periods* None leaves it to the definition.

    *tax_point* None is the invoice date (billing-rules 5.1). *credit_basis* None leaves it to the definition, too;
    only one that credits can be run on another basis. Raises `NotBilledYet` for kinds of charge that no run
    can bill yet, `DefinitionIsOff`, and `NotACreditDefinition`.
    """
    selection = Selection.of(definition)
    if not selection.credits:
        _check_kinds(definition.kinds, what=f"The definition {definition.name}")
    if not definition.is_active:
        raise DefinitionIsOff(name=definition.name)
    if credit_basis is not None:
        if not selection.credits:
            raise NotACreditDefinition(name=definition.name)
        selection = replace(selection, credit_basis=credit_basis)
    if past_periods is not None:
        selection = replace(selection, past_periods_allowed=past_periods)
    return Request(
        title=definition.title,
        selection=selection,
        cutoff=cutoff,
        invoice_date=invoice_date,
        tax_point=tax_point,
        definition=definition,
    )


def request_on_the_spot(
    kinds: Sequence[str],
    *,
    cutoff: date,
    invoice_date: date,
    tax_point: date | None = None,
    past_periods: int | None = None,
    period_lengths: Sequence[str] = (),
    master_ids: Sequence[int] = (),
    group: CustomerGroup | None = None,
) -> Request:
    """Return a run over all charges of *kinds*, whoever pays; of *period_lengths*, *master_ids* and *group* alone.

    Raises `UnknownKind` and `NotBilledYet`.
    """
    check_known_kinds(kinds)
    _check_kinds(kinds, what="This selection")
    allowed = {} if past_periods is None else {"past_periods_allowed": past_periods}
    names = ", ".join([*(english(Kind(kind).label) for kind in kinds), *period_lengths])
    return Request(
        title=f"{names}, {_whose(group, master_ids)}",
        selection=Selection(
            kinds=tuple(kinds),
            period_lengths=tuple(period_lengths),
            master_ids=tuple(master_ids),
            group_id=group.pk if group else None,
            **allowed,
        ),
        cutoff=cutoff,
        invoice_date=invoice_date,
        tax_point=tax_point,
    )


def _whose(group: CustomerGroup | None, master_ids: Sequence[int]) -> str:
    which = ", ".join(
        one for one in (group.name if group else "", "some master charges" if master_ids else "") if one
    )
    return which or "all"


def request_of_credits(basis: str, *, cutoff: date, invoice_date: date) -> Request:
    """Return a run that credits all days no longer served, whoever paid, *basis* daily or monthly (6.2, 6.3)."""
    return Request(
        title=f"{english(CreditBasis(basis).label)}, all",
        selection=Selection(kinds=(), credit_basis=CreditBasis(basis).value),
        cutoff=cutoff,
        invoice_date=invoice_date,
    )


def check_known_kinds(kinds: Sequence[str]) -> None:
    """Raise `UnknownKind` for the first of *kinds* that is none."""
    for kind in kinds:
        if kind not in Kind.values:
            raise UnknownKind(kind=shown(kind), known=", ".join(Kind.values))


def _check_kinds(kinds: Sequence[str], *, what: str) -> None:
    later = [small(Kind(kind).label) for kind in kinds if kind not in BILLED_KINDS]
    if later or not kinds:
        raise NotBilledYet(what=what, kinds=" and ".join(later) or "credits")
