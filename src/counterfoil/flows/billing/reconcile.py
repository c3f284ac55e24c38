"""Reconcile: what was generated, what review made of it, what was issued, and what the other system has (12.5).

Each step is stored or read for itself and compared; no difference is absorbed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery, Sum

from counterfoil.connectors.port import ControlTotals
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.deliver import open_connector
from counterfoil.flows.billing.documents import reference_of
from counterfoil.flows.billing.run import selection_of
from counterfoil.records.billing import queries, summing_actions
from counterfoil.records.billing.models import Run, RunControl, RunTotal
from counterfoil.records.deliveries.outbox import AlreadyQueued, queue_work_once

SQL = Path(__file__).parent / "sql"
ADD_UP = "add_up_run"
DOCUMENTS_ADDED_UP_WHILE_WAITING = 20_000
"""A run of so many documents is added up while somebody waits; a larger one by a worker."""
_SUMS = ("documents", "lines", "net_minor", "tax_minor", "gross_minor")


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


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one kind of decision in review changed: adjusted, waived, re-dated, re-rated, added, excluded, voided."""

    what: str
    times: int
    difference: ControlTotals


@dataclass(frozen=True, kw_only=True)
class Control:
    """A run in one currency, from what it generated to what the other system has; *theirs* None: not asked.

    `handed` is what is issued as other systems are given it: of amalgamated invoices the formal lines (C11).
    `unexplained` is what generated totals and changes leave open towards what counts now; it is zero unless the
    database was tampered with.
    """

    currency: str
    generated: ControlTotals
    changes: Sequence[Change]
    now: ControlTotals
    issued: ControlTotals
    handed: ControlTotals
    theirs: ControlTotals | None = None

    @property
    def unexplained(self) -> ControlTotals:
        """What no decision explains."""
        explained = reduce(add, (change.difference for change in self.changes), self.generated)
        return _minus(self.now, explained)

    @property
    def waiting(self) -> ControlTotals:
        """What counts and has no number: held, dated later, kept, or not authorised yet."""
        return _minus(self.now, self.issued)

    @property
    def agrees(self) -> bool:
        """Whether every step follows from the one before, up to the other system if it was asked."""
        return self.unexplained == ControlTotals() and self.theirs in (None, self.handed)


@dataclass
class _Currency:
    generated: ControlTotals = field(default_factory=ControlTotals)
    now: ControlTotals = field(default_factory=ControlTotals)
    issued: ControlTotals = field(default_factory=ControlTotals)
    handed: ControlTotals = field(default_factory=ControlTotals)
    changes: list[Change] = field(default_factory=list)


def control_of(run: Run, *, asks_other_system: bool = True) -> list[Control]:
    """Return the control totals of *run* by currency, step by step; others are asked once it issued something (12.5).

    Raises what the connector says if it cannot be asked.
    """
    found: dict[str, _Currency] = {}
    for row in _rows("control_changes", run):
        currency = found.setdefault(row["currency"], _Currency())
        if row["what"] == "generated":
            currency.generated = _sums(row)
        else:
            currency.changes.append(Change(what=row["what"], times=row["times"], difference=_sums(row)))
    for row in _rows("control_now", run):
        currency = found.setdefault(row["currency"], _Currency())
        currency.now += _sums(row)
        if row["is_issued"]:
            currency.issued = _sums(row)
            currency.handed = replace(currency.issued, lines=row["formal_lines"])
    is_issued = any(one.issued.documents for one in found.values())
    theirs = _theirs(run) if asks_other_system and is_issued else None
    return [
        Control(
            currency=code,
            generated=one.generated,
            changes=one.changes,
            now=one.now,
            issued=one.issued,
            handed=one.handed,
            theirs=None if theirs is None else theirs.get(code, ControlTotals()),
        )
        for code, one in sorted(found.items())
    ]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The control totals of a run, when they were added up (None: now), and why the other system was not reached."""

    controls: Sequence[Control]
    unreached: str = ""
    made_at: datetime | None = None


def control_to_show(run: Run) -> Shown | None:
    """Return the control totals of *run*: of a large one as they are kept; None: ask `start_adding_up`."""
    if not _is_large(run):
        return _add_up(run)
    kept = RunControl.objects.filter(pk=run.pk).first()
    if kept is None or kept.made_of != _made_of(run):
        return None
    controls = [_control_of_json(one) for one in kept.controls]
    return Shown(controls=controls, unreached=kept.unreached, made_at=kept.made_at)


def keep_control(run_id: int, *, now: Callable[[], datetime]) -> Shown:
    """Add the documents of a run up and keep what that comes to. Can run twice."""
    run = queries.run_of(run_id)
    made_of = _made_of(run)
    found = _add_up(run)
    with transaction.atomic():
        moment = now()
        summing_actions.keep_control(
            run_id,
            controls=[asdict(one) for one in found.controls],
            unreached=found.unreached,
            made_of=made_of,
            now=moment,
        )
    return replace(found, made_at=moment)


def add_up_if_large(run_id: int) -> None:
    """Have a worker add a run up, now that much has become of its documents, where nobody could wait for that."""
    if _is_large(queries.run_of(run_id)):
        start_adding_up(run_id)


def start_adding_up(run_id: int) -> None:
    """Have a worker add the documents of a run up, unless that is waited for already."""
    with suppress(AlreadyQueued), transaction.atomic():
        queue_work_once(ADD_UP, once=f"{ADD_UP} {run_id}", run_id=run_id)


def with_size(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Return *runs*, each with how many documents it generated, so that nobody asks whether it is large."""
    of_run = RunTotal.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return runs.annotate(documents_generated=Subquery(of_run.annotate(n=Sum("documents")).values("n")))


def _is_large(run: Run) -> bool:
    known: Any = (
        run if hasattr(run, "documents_generated") else with_size(Run.objects.filter(pk=run.pk)).get()
    )
    return (known.documents_generated or 0) > DOCUMENTS_ADDED_UP_WHILE_WAITING


def _add_up(run: Run) -> Shown:
    try:
        return Shown(controls=control_of(run))
    except Refusal as refusal:
        return Shown(controls=control_of(run, asks_other_system=False), unreached=str(refusal))


# Counts that indexes give, by which one sees whether something has become of the documents of a run.
_MADE_OF = """
SELECT (SELECT count(*) FROM billing_invoiceexclusion AS one
        JOIN billing_invoice AS invoice ON invoice.id = one.invoice_id WHERE invoice.run_id = run.id),
       (SELECT count(*) FROM billing_invoicevoid AS one
        JOIN billing_invoice AS invoice ON invoice.id = one.invoice_id WHERE invoice.run_id = run.id),
       (SELECT count(*) FROM billing_invoice WHERE run_id = run.id AND shard = 0),
       (SELECT coalesce(sum(documents), 0)::bigint FROM billing_issueddue WHERE run_id = run.id),
       (SELECT count(*) FROM (
           SELECT FROM deliveries_delivery AS one JOIN billing_invoice AS invoice ON invoice.id = one.invoice_id
           WHERE invoice.run_id = run.id AND one.channel <> 'email'
             AND one.state IN ('queued', 'sending', 'failed', 'uncertain')
           LIMIT 1000) AS under_way)
FROM billing_run AS run WHERE run.id = %s
"""


def _made_of(run: Run) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_MADE_OF, [run.pk])
        excluded, voided, added, issued, under_way = cursor.fetchone()
    return {
        "status": run.status,
        "excluded": excluded,
        "voided": voided,
        "added": added,
        "issued": issued,
        "under_way": under_way,
    }


def _control_of_json(stored: dict[str, Any]) -> Control:
    sums = ("generated", "now", "issued", "handed", "theirs")
    changes = [
        Change(what=one["what"], times=one["times"], difference=ControlTotals(**one["difference"]))
        for one in stored["changes"]
    ]
    totals = {name: ControlTotals(**stored[name]) if stored[name] is not None else None for name in sums}
    return Control(currency=stored["currency"], changes=changes, **totals)  # type: ignore[arg-type]


def reconcile(run_id: int) -> list[Comparison]:
    """Return, by currency, what the run issued beside what its connector's system has; empty without a connector."""
    run = queries.run_of(run_id)
    theirs = _theirs(run)
    if theirs is None:
        return []
    ours = _handed(run)
    return [
        Comparison(
            currency=currency,
            ours=ours.get(currency, ControlTotals()),
            theirs=theirs.get(currency, ControlTotals()),
        )
        for currency in sorted({*ours, *theirs})
    ]


def _handed(run: Run) -> dict[str, ControlTotals]:
    return {row["currency"]: _sums(row) for row in queries.issued_totals(run.pk)}


def _theirs(run: Run) -> dict[str, ControlTotals] | None:
    """Return what the other system has of the run's documents, by currency; None without a connector."""
    name = selection_of(run).connector
    if not name:
        return None
    references = [reference_of(pk) for pk in queries.issued_ids(run.pk)]
    with open_connector(name, run_id=run.pk) as other:
        return other.totals(references=references)


def _sums(row: Mapping[str, Any]) -> ControlTotals:
    return ControlTotals(**{name: row[name] for name in _SUMS})


def _minus(one: ControlTotals, other: ControlTotals) -> ControlTotals:
    return ControlTotals(**{name: getattr(one, name) - getattr(other, name) for name in _SUMS})


def _rows(name: str, run: Run) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"), {"run": run.pk})
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
