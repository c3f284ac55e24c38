"""Count what a run would bill, a bounded part at a time: the same stages as a preview, and nothing is kept but sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from counterfoil.engine.billing import Billed
from counterfoil.flows.billing.load import ShardRange
from counterfoil.flows.billing.run import Request, bill_shard, shards_of, terms_of_request
from counterfoil.flows.closing import check_books_open

COUNTED_AT_ONCE = 25_000
"""About so many charges are rated in one step; one customer is never split."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a run would come to, as far as it is counted: of `total` charges `done`.

    *gross* is in minor units by currency. *waiting* are the customers still to be counted: from, to, charges; of what
    credits only how many charges, since its parts are charges and not customers: it is planned again each time.
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
    waiting: tuple[tuple[int | None, int | None, int], ...] = ()

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
    shards = shards_of(request.selection, shard_charges=at_once)
    return Counted(
        at_once=at_once,
        total=sum(shard.charges for shard in shards),
        waiting=tuple((shard.first_customer, shard.last_customer, shard.charges) for shard in shards),
    )


def count_on(counted: Counted, *, request: Request) -> Counted:
    """Return *counted* with the next part of a run of *request* added, rated on the data of this moment."""
    if counted.is_whole:
        return counted
    (first, last, charges), *waiting = counted.waiting
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
        done=counted.done + charges,
        total=counted.total,
        steps=counted.steps + 1,
        at_once=counted.at_once,
        waiting=tuple(waiting),
    )


def _sums(before: Mapping[str, int], billed: Billed) -> dict[str, int]:
    sums = dict(before)
    by_currency = billed.invoices.group_by("currency").agg(pl.col("gross_minor").sum()).sort("currency")
    for currency, gross in by_currency.iter_rows():
        sums[currency] = sums.get(currency, 0) + gross
    return sums
