"""What some charges would bill by a day, however long their past is: rated as a run would, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from counterfoil.engine.billing import Loaded, Terms, bill
from counterfoil.flows.billing.load import ShardRange, load_shard, reading, what_there_is
from counterfoil.flows.billing.run import Request, terms_of_request
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.catalog.models import Kind

EVERY_PAST_PERIOD = 1200
# Payers so near one another are read together: what lies between them costs less than asking again.
NEAR = 500

Payers = Mapping[int, int | None]
"""The ids of charges, or of charges of events, each with the customer who pays; None: nobody."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one charge would bill, net of tax, or the sentence that says why it cannot be billed."""

    currency: str = ""
    net_minor: int = 0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """What charges, and charges of events, would bill, by id; what owes nothing is not among them."""

    charges: Mapping[int, Estimate]
    events: Mapping[int, Estimate]


def estimate(*, charges: Payers, events: Payers, cutoff: date, are_active: bool = False) -> Estimates:
    """Return what *charges*, and charges of *events*, would bill by *cutoff*, read payer by payer.

    *are_active*: as if every customer were active again.
    """
    selection = Selection(kinds=tuple(Kind.values), past_periods_allowed=EVERY_PAST_PERIOD)
    request = Request(title="", selection=selection, cutoff=cutoff, invoice_date=cutoff)
    of_charges: dict[int, Estimate] = {}
    of_events: dict[int, Estimate] = {}
    ranges = list(_ranges({*charges.values(), *events.values()}))
    if not ranges:
        return Estimates(charges={}, events={})
    terms = terms_of_request(request)
    with reading(None):
        there_is = {**what_there_is(), "events": bool(events)}
        for first, last in ranges:
            shard = ShardRange(number=1, first_customer=first, last_customer=last, charges=len(charges))
            loaded = load_shard(shard, selection=selection, there_is=there_is)
            chosen = _chosen(loaded, charges=charges, events=events, are_active=are_active)
            for charge, event, found in _rated(chosen, terms):
                if charge is not None:
                    of_charges[charge] = found
                elif event is not None:
                    of_events[event] = found
    return Estimates(charges=of_charges, events=of_events)


def _ranges(payers: set[int | None]) -> Iterator[tuple[int | None, int | None]]:
    """Yield from which to which payer to read, neighbours together; those whom nobody pays for are read alone."""
    if None in payers:
        yield None, None
    known = sorted(payer for payer in payers if payer is not None)
    begun = 0
    for place, payer in enumerate(known):
        if place + 1 == len(known) or known[place + 1] - payer > NEAR:
            yield known[begun], payer
            begun = place + 1


def _chosen(loaded: Loaded, *, charges: Payers, events: Payers, are_active: bool) -> Loaded:
    """Return of *loaded* what rates *charges*, and charges of *events*, alone."""
    chosen = replace(
        loaded,
        charges=loaded.charges.filter(pl.col("charge_id").is_in(list(charges))),
        events=loaded.events.filter(pl.col("event_charge_id").is_in(list(events))),
    )
    if are_active:
        chosen = replace(chosen, customers=chosen.customers.with_columns(is_active=pl.lit(value=True)))
    return chosen


def _rated(loaded: Loaded, terms: Terms) -> Iterator[tuple[int | None, int | None, Estimate]]:
    """Yield each charge or charge of an event, and what it would bill."""
    billed = bill(loaded, terms=terms)
    for row in billed.findings.filter(pl.col("charge_id").is_not_null()).iter_rows(named=True):
        yield row["charge_id"], None, Estimate(problem=row["message"])
    sums = (
        billed.lines.join(billed.invoices.select("invoice_no", "currency"), on="invoice_no")
        .group_by("charge_id", "event_charge_id", "currency")
        .agg(pl.col("net_minor").sum())
    )
    for charge, event, currency, net in sums.iter_rows():
        yield charge, event, Estimate(currency=currency, net_minor=net)
