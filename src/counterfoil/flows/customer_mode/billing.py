"""What every active definition would bill today, read within the transaction that is open, to be compared (12.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db import transaction

from counterfoil.engine.billing import Billed
from counterfoil.flows.billing.load import read_by_index
from counterfoil.flows.billing.requesting import days_of, request_by_definition
from counterfoil.flows.billing.run import SHARD_CHARGES, load, rated, shards_of, terms_of_request
from counterfoil.records.billing.models import BatchDefinition

_OF_LINES = (
    "charge_id", "event_charge_id", "kind", "period_start", "period_end", "quantity", "unit_price", "net_minor",
    "tax_minor",
)  # fmt: skip
_OF_DOCUMENTS = ("customer_id", "currency", "branch_id", "net_minor", "tax_minor", "gross_minor")


@dataclass(frozen=True, kw_only=True)
class WouldBill:
    """What one definition would bill: who pays which documents and lines, and how many exceptions there would be."""

    definition: str
    title: str
    documents: pl.DataFrame
    lines: pl.DataFrame
    exceptions: int

    @property
    def line_count(self) -> int:
        """Return how many lines those are."""
        return self.lines.height

    @property
    def gross(self) -> Mapping[str, int]:
        """Return the gross in minor units by currency."""
        if self.documents.is_empty():
            return {}
        sums = self.documents.group_by("currency").agg(pl.col("gross_minor").sum()).sort("currency")
        return dict(sums.iter_rows())

    def is_as(self, other: WouldBill) -> bool:
        """Return whether *other* bills the same lines to the same customers, to the cent."""
        return self.documents.equals(other.documents) and self.lines.equals(other.lines)


def would_bill(*, today: date) -> list[WouldBill]:
    """Return what each active definition would bill, or credit, if it ran on *today*, by name."""
    active = BatchDefinition.objects.filter(is_active=True).order_by("name")
    # Only read here, and rolled back, so that what comes after is planned as usual again.
    with transaction.atomic():
        read_by_index()
        found = [_would_bill(definition, today=today) for definition in active]
        transaction.set_rollback(True)
    return found


def _would_bill(definition: BatchDefinition, *, today: date) -> WouldBill:
    cutoff, invoice_date = days_of(definition, today=today)
    request = request_by_definition(definition, cutoff=cutoff, invoice_date=invoice_date)
    terms, selection = terms_of_request(request), request.selection
    parts = [
        rated(load(shard, selection=selection), terms=terms, selection=selection)
        for shard in shards_of(selection, shard_charges=SHARD_CHARGES)
    ]
    return WouldBill(
        definition=definition.name,
        title=definition.title,
        documents=_together(part.invoices.select(_OF_DOCUMENTS) for part in parts),
        lines=_together(_lines(part) for part in parts),
        exceptions=sum(part.findings.height for part in parts),
    )


def _lines(part: Billed) -> pl.DataFrame:
    payers = part.invoices.select("invoice_no", "customer_id")
    return part.lines.select("invoice_no", *_OF_LINES).join(payers, on="invoice_no").drop("invoice_no")


def _together(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return *parts* in one order, whatever order they were read in."""
    tables = list(parts)
    return pl.concat(tables).sort(pl.all()) if tables else pl.DataFrame()
