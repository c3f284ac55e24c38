"""What every active definition would bill in the next twelve months, and whom: read before and after a move (12.1).

It is the forecast of their charges, kept by payer: how many lines, their net, and a digest of what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from django.db import transaction

from counterfoil.engine.forecast import FORECAST, forecast
from counterfoil.flows.billing.load import load_shard, read_by_index, what_there_is
from counterfoil.flows.billing.run import SHARD_CHARGES, Request, shards_of, terms_of_request
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.billing.running import CreditBasis

_OF_LINES = (
    "charge_id", "customer_id", "currency", "period_start", "period_end", "bill_date", "quantity", "unit_price",
    "net_minor",
)  # fmt: skip
_DIGITS = 0xFFFF_FFFF
"""Of a line's digest so much is added up, that sums of very many lines fit into 64 bits."""


@dataclass(frozen=True, kw_only=True)
class DueLater:
    """What falls due by definition, payer and currency: `sums` has lines, net_minor and the digest of each."""

    sums: pl.DataFrame

    @property
    def line_count(self) -> int:
        """Return how many lines those are."""
        return int(self.sums.get_column("lines").sum())

    @property
    def net(self) -> Mapping[str, int]:
        """Return the net in minor units by currency."""
        of_currency = self.sums.group_by("currency").agg(pl.col("net_minor").sum()).sort("currency")
        return dict(of_currency.iter_rows())

    def is_as(self, other: DueLater) -> bool:
        """Return whether the same lines fall due to the same customers, to the cent."""
        return self.sums.equals(other.sums)


def due_later(*, today: date) -> DueLater:
    """Return what falls due from now to the end of twelve months, net; nothing is stored.

    Credits, and events that are still to happen, are not forecast.
    """
    active = BatchDefinition.objects.filter(is_active=True, credit_basis=CreditBasis.NONE).order_by("name")
    through = date(today.year + 1, today.month, 1) - timedelta(days=1)
    # Only read here, and rolled back, so that what comes after is planned as usual again.
    with transaction.atomic():
        read_by_index()
        there_is = what_there_is()
        parts = [
            part
            for definition in active
            for part in _of_definition(definition, today=today, through=through, there_is=there_is)
        ]
        transaction.set_rollback(True)
    return DueLater(sums=_added_up(pl.concat([_by_payer(FORECAST.empty(), definition=""), *parts])))


def _of_definition(
    definition: BatchDefinition, *, today: date, through: date, there_is: Mapping[str, bool]
) -> Iterator[pl.DataFrame]:
    selection = Selection.of(definition)
    asked = Request(title=definition.title, selection=selection, cutoff=today, invoice_date=today)
    terms = terms_of_request(asked)
    for shard in shards_of(selection, shard_charges=SHARD_CHARGES):
        loaded = load_shard(shard, selection=selection, there_is=there_is)
        lines, _findings = forecast(loaded, terms=terms, through=through)
        yield _by_payer(lines, definition=definition.name)


def _by_payer(lines: pl.DataFrame, *, definition: str) -> pl.DataFrame:
    told = lines.select(_OF_LINES)
    return _added_up(
        told.select(
            "customer_id",
            "currency",
            "net_minor",
            definition=pl.lit(definition),
            lines=pl.lit(1, dtype=pl.Int64),
            digest=(told.hash_rows() & _DIGITS).cast(pl.Int64),
        )
    )


def _added_up(parts: pl.DataFrame) -> pl.DataFrame:
    keys = ("definition", "customer_id", "currency")
    return parts.group_by(keys).agg(pl.col("net_minor", "lines", "digest").sum()).sort(keys)
