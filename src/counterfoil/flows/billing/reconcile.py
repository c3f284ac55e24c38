"""Reconcile: what the other system has is compared with what was issued; no difference is absorbed (12.5)."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.connectors.port import ControlTotal, ExternalDocument
from counterfoil.connectors.registry import connector
from counterfoil.flows.billing.deliver import out_folder
from counterfoil.flows.billing.documents import reference_of
from counterfoil.flows.billing.run import selection_of
from counterfoil.records.billing import queries

REFERENCES_A_CALL = 5_000


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The totals of one currency here and there; equal or not."""

    currency: str
    ours: ControlTotal
    theirs: ControlTotal

    @property
    def agrees(self) -> bool:
        """Whether documents, lines and all three amounts are the same."""
        return self.ours == self.theirs


def reconcile(run_id: int) -> list[Difference]:
    """Return, by currency, what the run issued beside what its connector's system has; empty without a connector."""
    run = queries.run_of(run_id)
    name = selection_of(run).connector
    if not name:
        return []
    ours = {total.currency: total for total in _issued(run_id)}
    theirs = {total.currency: total for total in _external(run_id, name=name)}
    return [
        Difference(
            currency=currency,
            ours=ours.get(currency, _nothing(currency)),
            theirs=theirs.get(currency, _nothing(currency)),
        )
        for currency in sorted({*ours, *theirs})
    ]


def _issued(run_id: int) -> list[ControlTotal]:
    return [ControlTotal(**row) for row in queries.issued_totals(run_id)]


def _external(run_id: int, *, name: str) -> list[ControlTotal]:
    """Return the totals of the other system's documents, asked by reference in portions."""
    other = connector(name, folder=out_folder(run_id))
    sums: dict[str, ControlTotal] = {}
    references = [reference_of(pk) for pk in queries.issued_ids(run_id)]
    for at in range(0, len(references), REFERENCES_A_CALL):
        for one in other.find(references[at : at + REFERENCES_A_CALL]).values():
            sums[one.currency] = _plus(sums.get(one.currency, _nothing(one.currency)), one)
    return list(sums.values())


def _plus(total: ControlTotal, one: ExternalDocument) -> ControlTotal:
    return ControlTotal(
        currency=total.currency,
        documents=total.documents + 1,
        lines=total.lines + one.lines,
        net_minor=total.net_minor + one.net_minor,
        tax_minor=total.tax_minor + one.tax_minor,
        gross_minor=total.gross_minor + one.gross_minor,
    )


def _nothing(currency: str) -> ControlTotal:
    return ControlTotal(currency=currency, documents=0, lines=0, net_minor=0, tax_minor=0, gross_minor=0)
