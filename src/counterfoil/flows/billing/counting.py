"""Count what a run would bill, a bounded part at a time: the same stages as a preview, and nothing is kept but sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from django.db import connection

from counterfoil.engine.billing import Billed
from counterfoil.flows.billing.load import SQL, ShardRange
from counterfoil.flows.billing.run import Request, bill_shard, shards_of, terms_of_request
from counterfoil.flows.closing import check_books_open
from counterfoil.records.charges.models import ChargeAndPayer

COUNTED_AT_ONCE = 10_000
"""About so many charges are rated in one step; one customer is never split."""
MOST_TIMES = 2
"""So many times as many are too many: fewer customers are taken then."""

Part = tuple[int | None, int | None, int | None]
"""Customers still to be counted, first and last, both None for nobody; and their charges, None where these are not
planned yet: of such a part each step takes the next few customers.
"""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a run would come to, as far as it is counted: of `total` charges `done`.

    *gross* is in minor units by currency. *width* is how many ids of customers the next step takes. Of what credits
    `waiting` says only how many charges there are, since its parts are charges and not customers: it is planned again
    each time.
    """

    customers: int = 0
    invoices: int = 0
    lines: int = 0
    exceptions: int = 0
    gross: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    steps: int = 0
    at_once: int = COUNTED_AT_ONCE
    width: int = 1
    waiting: tuple[Part, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is left to count."""
        return not self.waiting

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values that `from_json` reads."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Counted:
        """Return what `to_json` wrote."""
        return cls(**{**plain, "waiting": tuple(tuple(one) for one in plain["waiting"])})


def begin_counting(request: Request, *, at_once: int = COUNTED_AT_ONCE) -> Counted:
    """Return nothing counted yet of a run of *request*. Raises `BooksClosed` where no run could be dated so."""
    check_books_open(request.invoice_date)
    if not (request.selection.credits or request.selection.events is not None):
        return _begin_with_everybody(at_once=at_once)
    shards = shards_of(request.selection, shard_charges=at_once)
    return Counted(
        at_once=at_once,
        total=sum(shard.charges for shard in shards),
        waiting=tuple((shard.first_customer, shard.last_customer, shard.charges) for shard in shards),
    )


def _begin_with_everybody(*, at_once: int) -> Counted:
    """Return nothing counted yet of all customers; the first part has about as many charges as they have on average."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / "to_count.sql").read_text())
        total, first, last, any_that_nobody_pays = cursor.fetchone()
    waiting: list[Part] = [(None, None, 0)] if any_that_nobody_pays else []
    if first is None:
        return Counted(at_once=at_once, total=total, waiting=tuple(waiting))
    width = max(1, (last - first + 1) * at_once // max(1, total))
    begun = first + width
    rest: list[Part] = [(begun, last, None)] if begun <= last else []
    parts: list[Part] = [(first, min(begun - 1, last), min(at_once, total)), *rest, *waiting]
    return Counted(at_once=at_once, total=total, width=width, waiting=tuple(parts))


def count_on(counted: Counted, *, request: Request) -> Counted:
    """Return *counted* with the next part of a run of *request* added, rated on the data of this moment."""
    if counted.is_whole:
        return counted
    counted = _with_next_planned(counted)
    (first, last, charges), *waiting = counted.waiting
    charges = charges or 0
    shard = ShardRange(number=1, first_customer=first, last_customer=last, charges=charges)
    if request.selection.credits:
        planned = shards_of(request.selection, shard_charges=counted.at_once)
        if len(planned) <= counted.steps:
            return replace(counted, done=counted.total, waiting=())
        shard = planned[counted.steps]
    billed = bill_shard(shard, terms=terms_of_request(request), selection=request.selection)
    return Counted(
        customers=counted.customers + billed.invoices.get_column("customer_id").n_unique(),
        invoices=counted.invoices + billed.invoices.height,
        lines=counted.lines + billed.lines.height,
        exceptions=counted.exceptions + billed.findings.height,
        gross=_sums(counted.gross, billed),
        done=counted.done + charges if waiting else counted.total,
        total=counted.total,
        steps=counted.steps + 1,
        at_once=counted.at_once,
        width=counted.width,
        waiting=tuple(waiting),
    )


def _with_next_planned(counted: Counted) -> Counted:
    """Return *counted* with its next part planned: as many customers as have about `at_once` charges.

    Customers without charges may pay for events: they are taken together with the next who have some.
    """
    (first, last, charges), *waiting = counted.waiting
    if charges is not None or first is None or last is None:
        return counted
    width, at_once, begun = counted.width, counted.at_once, first
    found = 0
    while begun <= last and not found:
        found = _charges_of(begun, begun + width - 1, most=MOST_TIMES * at_once)
        if found > MOST_TIMES * at_once and width > 1:
            width, found = max(1, width * at_once // found), 0
            continue
        begun += width
        width = width * 2 if found * 2 <= at_once else width
    rest: list[Part] = [(begun, last, None)] if begun <= last else []
    parts: list[Part] = [(first, min(begun - 1, last), found), *rest, *waiting]
    return replace(counted, width=width, waiting=tuple(parts))


def _charges_of(first: int, last: int, *, most: int) -> int:
    """Return how many charges the customers from *first* to *last* pay; *most* + 1 stands for any number beyond it."""
    return (
        ChargeAndPayer.objects.filter(payer__gte=first, payer__lte=last)
        .order_by()
        .values("pk")[: most + 1]
        .count()
    )


def _sums(before: Mapping[str, int], billed: Billed) -> dict[str, int]:
    sums = dict(before)
    by_currency = billed.invoices.group_by("currency").agg(pl.col("gross_minor").sum()).sort("currency")
    for currency, gross in by_currency.iter_rows():
        sums[currency] = sums.get(currency, 0) + gross
    return sums
