"""Reconcile: what the other system has is compared with what was issued; no difference is absorbed (12.5)."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.connectors.port import ControlTotals
from counterfoil.flows.billing.deliver import open_connector
from counterfoil.flows.billing.documents import reference_of
from counterfoil.flows.billing.run import selection_of
from counterfoil.records.billing import queries


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The totals of one currency here and there; equal or not."""

    currency: str
    ours: ControlTotals
    theirs: ControlTotals

    @property
    def agrees(self) -> bool:
        """Whether documents, lines and all three amounts are the same."""
        return self.ours == self.theirs


def reconcile(run_id: int) -> list[Comparison]:
    """Return, by currency, what the run issued beside what its connector's system has; empty without a connector."""
    name = selection_of(queries.run_of(run_id)).connector
    if not name:
        return []
    ours = {row.pop("currency"): ControlTotals(**row) for row in queries.issued_totals(run_id)}
    theirs = _external(run_id, name=name)
    return [
        Comparison(
            currency=currency,
            ours=ours.get(currency, ControlTotals()),
            theirs=theirs.get(currency, ControlTotals()),
        )
        for currency in sorted({*ours, *theirs})
    ]


def _external(run_id: int, *, name: str) -> dict[str, ControlTotals]:
    """Return what the other system has of the run's documents, by currency."""
    references = [reference_of(pk) for pk in queries.issued_ids(run_id)]
    with open_connector(name, run_id=run_id) as other:
        return other.totals(references=references)
