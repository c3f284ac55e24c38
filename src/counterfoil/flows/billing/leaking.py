"""Leakage: what is billable and no active definition selects, and what it would bill today (product C8).

A definition selects by kind, payer, branch, customer group, length of the charge period and master charge, and these
are few: the combinations that none selects, the gaps, are worked out first. Where there are none nothing leaks, and no
charge is looked at. Of groups, lengths and master charges only those that a definition names are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from counterfoil.core.sentences import joined, sentence
from counterfoil.flows.billing.estimating import Estimate, estimate
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Payer
from counterfoil.records.catalog.models import ChargePeriod, Kind
from counterfoil.records.charges.models import Charge, EventCharge
from counterfoil.records.charges.queries import length_of
from counterfoil.records.charges.state_queries import by_levels
from counterfoil.records.keys import among
from counterfoil.records.labels import english
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import Surroundings, surroundings_of
from counterfoil.records.parties.models import BillingCustomer

OTHER_GROUPS = OTHER_MASTERS = 0
OTHER_LENGTHS, NO_LENGTH = "", "event"
"""How long the period of a charge is that no definition names; and that of an event, which has none."""


@dataclass(frozen=True, order=True)
class Gap:
    """What no active definition selects: charges of a *kind* that a dealer, or somebody else, pays at a branch.

    *group_id*, *master_id* and *length* are ones that a definition names; 0 and "": none of these. Events have
    `NO_LENGTH`.
    """

    kind: str
    by_dealer: bool
    branch_id: int
    group_id: int = OTHER_GROUPS
    master_id: int = OTHER_MASTERS
    length: str = OTHER_LENGTHS


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A charge, or a charge of an event, that leaks, and what it would bill today."""

    row: Charge | EventCharge
    would_bill: Estimate


def gaps_between(
    definitions: Iterable[Selection], *, kinds: Iterable[str], branches: Iterable[int]
) -> set[Gap]:
    """Return what none of *definitions* selects, of *kinds* and *branches*; those that credit select nothing."""
    bills = [one for one in definitions if not one.credits]
    groups = {one.group_id or OTHER_GROUPS for one in bills} | {OTHER_GROUPS}
    masters = {pk for one in bills for pk in one.master_ids} | {OTHER_MASTERS}
    lengths = {length for one in bills for length in one.period_lengths}
    # Where no definition asks for a length an event is selected as a charge is.
    lengths |= {OTHER_LENGTHS, *([NO_LENGTH] if lengths else [])}
    every = (Gap(*one) for one in product(kinds, (False, True), branches, groups, masters, lengths))
    return {gap for gap in every if not any(_selects(one, gap) for one in bills)}


def _selects(selection: Selection, gap: Gap) -> bool:
    payers = {Payer.ANY, Payer.DEALER if gap.by_dealer else Payer.DIRECT}
    is_here = selection.branch_id in (None, gap.branch_id) and selection.group_id in (None, gap.group_id)
    is_one = not selection.master_ids or gap.master_id in selection.master_ids
    is_so_long = not selection.period_lengths or gap.length in (*selection.period_lengths, NO_LENGTH)
    return gap.kind in selection.kinds and selection.payer in payers and is_here and is_one and is_so_long


def leaking_charges(*, around: Surroundings | None = None) -> QuerySet[Charge]:
    """Return the charges with days left to bill that no active definition selects, with `payer` and `by_dealer`.

    The branches and the customer mode are those *around* somebody, where they are at hand.
    """
    is_billed = Q(span__billed_from__lte=F("starts_on"), span__billed_to__gte=F("ends_before"))
    rows = Charge.objects.select_related("client__branch", "client__dealer", "customer", "master_charge")
    return _within_gaps(rows, client="client", kind="master_charge__kind", around=around).exclude(is_billed)


def leaking_events(*, around: Surroundings | None = None) -> QuerySet[EventCharge]:
    """Return the charges of chargeable events, with a day to be billed, that no active definition selects.

    *around* as of `leaking_charges`.
    """
    rows = EventCharge.objects.filter(
        event__is_chargeable=True,
        event__is_invoice=False,
        event__to_be_billed_on__isnull=False,
        charged__isnull=True,
    )
    rows = rows.select_related(
        "event__client__branch", "event__client__dealer", "event__customer", "master_charge"
    )
    return _within_gaps(rows, client="event__client", kind="event__kind", around=around)


def _within_gaps(rows: Any, *, client: str, kind: str, around: Surroundings | None) -> Any:
    around = around or surroundings_of(User())
    billing = list(BatchDefinition.objects.filter(is_active=True, credit_basis=CreditBasis.NONE))
    groups = {one.customer_group_id for one in billing} - {None}
    masters = {pk for one in billing for pk in one.master_charges}
    lengths = {length for one in billing for length in one.period_lengths}
    if lengths and rows.model is Charge:
        rows = rows.annotate(
            effective_period=by_levels(
                "charge_period_id", holds=BigIntegerField(), in_legacy_mode=around.is_legacy
            )
        )
    rows = rows.annotate(
        payer=F("who_pays__payer_id"),
        by_dealer=F("who_pays__by_dealer"),
        named_group=_named_group(groups),
        named_master=_named_master(masters),
        named_length=_named_length(lengths, of_events=rows.model is EventCharge),
    )
    gaps = gaps_between(
        map(Selection.of, billing), kinds=Kind.values, branches=[branch.pk for branch in around.branches]
    )
    within = Q(pk__in=[])
    for gap in sorted(gaps):
        here = {kind: gap.kind, "by_dealer": gap.by_dealer, f"{client}__branch_id": gap.branch_id}
        within |= Q(**here, named_group=gap.group_id, named_master=gap.master_id, named_length=gap.length)
    return rows.filter(within)


def _named_group(groups: Set[int]) -> Any:
    """Return the customer group of who pays where it is one of *groups*, those that definitions name."""
    if not groups:
        return Value(OTHER_GROUPS, output_field=BigIntegerField())
    members = BillingCustomer.objects.filter(group__in=groups, pk=OuterRef("payer")).order_by()
    return Coalesce(Subquery(members.values("group_id"), output_field=BigIntegerField()), Value(OTHER_GROUPS))


def _named_master(masters: Set[int]) -> Any:
    """Return the master charge where it is one of *masters*, those that definitions name."""
    if not masters:
        return Value(OTHER_MASTERS, output_field=BigIntegerField())
    named = When(master_charge__in=masters, then=F("master_charge_id"))
    return Case(named, default=Value(OTHER_MASTERS))


def _named_length(lengths: Set[str], *, of_events: bool) -> Any:
    """Return the length of a charge's period where it is one of *lengths*, those that definitions name."""
    if not lengths or of_events:
        return Value(NO_LENGTH if lengths else OTHER_LENGTHS, output_field=TextField())
    by_length: dict[str, list[int]] = {}
    for period in ChargePeriod.objects.all():
        by_length.setdefault(length_of(period), []).append(period.pk)
    cases = [
        When(effective_period__in=by_length.get(length, []), then=Value(length)) for length in sorted(lengths)
    ]
    return Case(*cases, default=Value(OTHER_LENGTHS), output_field=TextField())


def gap_of(row: Any) -> Gap:
    """Return the gap through which *row*, of `leaking_charges` or `leaking_events`, leaks."""
    client = row.client if isinstance(row, Charge) else row.event.client
    kind = row.master_charge.kind if isinstance(row, Charge) else row.event.kind
    return Gap(kind, row.by_dealer, client.branch_id, row.named_group, row.named_master, row.named_length)


def leaks_of(rows: Sequence[Any], *, today: date) -> list[Leak]:
    """Return what each of *rows*, charges or charges of events that leak, would bill today, or why it could not."""
    charges = {row.pk: row.payer for row in rows if isinstance(row, Charge)}
    events = {row.pk: row.payer for row in rows if isinstance(row, EventCharge)}
    found = estimate(charges=charges, events=events, cutoff=today)
    return [
        Leak(
            row=row,
            would_bill=(found.charges if isinstance(row, Charge) else found.events).get(row.pk, Estimate()),
        )
        for row in rows
    ]


def all_leaks(*, today: date, at_once: int) -> Iterator[list[Leak]]:
    """Yield all that leaks, *at_once* by payer: charges, then charges of events, each with what it would bill today."""
    for rows in (leaking_charges(), leaking_events()):
        after: Place | None = START
        while after is not None:
            chunk, after = next_leaking(rows, after, most=at_once)
            if chunk:
                yield leaks_of(chunk, today=today)


Place = tuple[int, int]
"""How far one is in the order of payers: a payer, 0 for none, and an id."""
START: Place = (0, 0)
PAYERS_AT_ONCE = 1_000
LOOKED_AT_ONCE = 10_000
BLOCKS_AT_ONCE = 5
LARGEST_ID = 2**63 - 1


def next_leaking(rows: Any, after: Place, *, most: int) -> tuple[list[Any], Place | None]:
    """Return the next of *rows*, what leaks, behind the place *after* by payer, and where to go on; None: all was seen.

    At most *most*, and none where the next payers leak nothing: a step looks at the charges of a thousand payers, or
    at ten thousand charges, so that it costs the same however many there are.
    """
    payers = BillingCustomer.objects.filter(pk__gt=after[0]).order_by("pk").values_list("pk", flat=True)
    last = (list(payers[PAYERS_AT_ONCE - 1 : PAYERS_AT_ONCE]) or [None])[0]
    looked_at = _places(rows.model, after=after, last=last)
    found = {row.pk: row for row in among(rows, [pk for _payer, pk in looked_at])}
    leaking = [place for place in looked_at if place[1] in found]
    if len(leaking) > most:
        return [found[pk] for _payer, pk in leaking[:most]], leaking[most - 1]
    chunk = [found[pk] for _payer, pk in leaking]
    if len(looked_at) >= LOOKED_AT_ONCE:
        return chunk, looked_at[-1]
    return chunk, None if last is None else (last, LARGEST_ID)


def leaking_behind(rows: Any, after: int, *, most: int) -> tuple[list[Any], int | None]:
    """Return the next of *rows*, what leaks, by id behind *after*, and behind which to go on; None: all was seen.

    At most *most*, and fewer where little leaks: a call looks at fifty thousand charges at most.
    """
    found: list[Any] = []
    behind = rows.model.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    ids = list(behind[: BLOCKS_AT_ONCE * LOOKED_AT_ONCE])
    for begun in range(0, len(ids), LOOKED_AT_ONCE):
        block = ids[begun : begun + LOOKED_AT_ONCE]
        found += among(rows, block).order_by("pk")[: most + 1 - len(found)]
        if len(found) > most:
            return found[:most], found[most - 1].pk
    return found, ids[-1] if len(ids) == BLOCKS_AT_ONCE * LOOKED_AT_ONCE else None


def _places(model: Any, *, after: Place, last: int | None) -> list[Place]:
    """Return the places of the next rows of *model* behind *after*, of payers up to *last*, leaking or not, in order.

    Who pays stands with the row, else with its client: each is found by an index of its own.
    """
    about = "" if model is Charge else "event__"
    own, of_client = f"{about}customer", f"{about}client__customer"
    each: list[QuerySet[Any, Any]] = []
    for payer, others in ((own, {}), (of_client, {f"{own}__isnull": True})):
        payer_id = f"{payer}_id"
        behind = Q(**{f"{payer_id}__gt": after[0]}) | Q(**{payer_id: after[0], "pk__gt": after[1]})
        rows = model.objects.filter(behind, **others, **{f"{payer_id}__gte": after[0]})
        if last is not None:
            rows = rows.filter(**{f"{payer_id}__lte": last})
        each.append(rows.order_by(payer_id, "pk").values_list(F(payer_id), F("pk"))[:LOOKED_AT_ONCE])
    if after[0] == 0:
        nobody = model.objects.filter(
            **{f"{own}__isnull": True, f"{of_client}__isnull": True}, pk__gt=after[1]
        )
        each.append(nobody.order_by("pk").values_list(Value(0), F("pk"))[:LOOKED_AT_ONCE])
    return sorted(each[0].union(*each[1:], all=True))[:LOOKED_AT_ONCE]


@dataclass(frozen=True, kw_only=True)
class GapTotal:
    """What leaks through one gap: how many charges, of events too, and what they would bill today, by currency."""

    gap: Gap
    count: int
    net_minor: dict[str, int]


def totals_by_gap(leaks: Iterable[Leak], *, before: Sequence[GapTotal] = ()) -> list[GapTotal]:
    """Return what *leaks* come to by gap, added to what was counted *before*."""
    counts = {total.gap: total.count for total in before}
    sums = {total.gap: dict(total.net_minor) for total in before}
    for leak in leaks:
        gap = gap_of(leak.row)
        counts[gap] = counts.get(gap, 0) + 1
        by_currency = sums.setdefault(gap, {})
        if leak.would_bill.currency:
            currency = leak.would_bill.currency
            by_currency[currency] = by_currency.get(currency, 0) + leak.would_bill.net_minor
    return [GapTotal(gap=gap, count=counts[gap], net_minor=sums[gap]) for gap in sorted(counts)]


def in_words(gap: Gap, *, branch: str, group: str, master: str = "") -> str:
    """Return the gap as people say it: "Service, paid directly, at Main"; what is not named is empty."""
    named = [
        english(Kind(gap.kind).label),
        sentence("paid by the dealer") if gap.by_dealer else sentence("paid directly"),
        sentence("at {branch}", branch=branch),
        sentence("group {group}", group=group) if group else "",
        master,
        gap.length if gap.length not in (OTHER_LENGTHS, NO_LENGTH) else "",
    ]
    return joined(filter(None, named), ", ")
