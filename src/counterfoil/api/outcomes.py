"""What became of a run's documents: their deliveries, and its totals step by step (billing-rules 12.5, 12.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.runs import DELIVERS
from counterfoil.api.seeing import seen_invoices, seen_runs
from counterfoil.api.shapes import DecimalText, Id, Request
from counterfoil.clock import now
from counterfoil.connectors.port import ControlTotals
from counterfoil.core.money import format_minor
from counterfoil.flows.billing.deliver import resend
from counterfoil.flows.billing.reconcile import Control, control_of, control_to_show, keep_control
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.deliveries.queries import undelivered

router = Router(tags=["runs"])
SEES = Need("runs:read")


class DeliveryShape(Schema):
    """One document on its way over one channel: `email`, or a connector's name."""

    id: int
    invoice: int
    number: str
    channel: str
    state: str
    recipient: str
    attempts: int
    external_number: str
    detail: str
    changed_at: datetime


class Resent(Schema):
    """How many deliveries were queued again."""

    queued: int


class ResendWanted(Request):
    """What failed; with `uncertain` also what may have arrived already, and then may arrive twice."""

    uncertain: bool = False


class Sums(Schema):
    """Documents, lines and amounts of one currency."""

    documents: int
    lines: int
    net: DecimalText
    tax: DecimalText
    gross: DecimalText


class ChangeShape(Schema):
    """What one kind of decision in review changed, so many times."""

    what: str
    times: int
    difference: Sums


class ControlShape(Schema):
    """A run in one currency: `generated`, then `changes` make it `now`; `issued` is compared with `theirs`."""

    currency: str
    agrees: bool
    generated: Sums
    changes: list[ChangeShape]
    unexplained: Sums
    now: Sums
    waiting: Sums
    issued: Sums
    handed: Sums
    theirs: Sums | None


class Reconciliation(Schema):
    """The totals of a run step by step, by currency. `added_up_at` is when, of a large run; null: just now."""

    reconciliation: list[ControlShape]
    added_up_at: datetime | None


@reads(router, "/{run_id}/reconciliation", need=SEES, answer=Reconciliation)
def reconcile_run(request: HttpRequest, run_id: Path[Id]) -> Reconciliation:
    """Return a run's totals from what it generated to what the other system has, which is asked now.

    Of a run of more than 20,000 documents they are those that are kept; where there are none, you wait for them once.
    """
    run = get_object_or_404(seen_runs(request), pk=run_id)
    shown = control_to_show(run) or keep_control(run.pk, now=now)
    controls = control_of(run) if shown.unreached else shown.controls
    return Reconciliation(
        reconciliation=[_control_shape(one) for one in controls],
        added_up_at=shown.made_at,
    )


@reads(router, "/{run_id}/deliveries", need=SEES, answer=Page[DeliveryShape])
def list_run_deliveries(request: HttpRequest, run_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return the deliveries of a run's documents, each with its state."""
    run = get_object_or_404(seen_runs(request), pk=run_id)
    invoices = seen_invoices(request).filter(run=run)
    rows = Delivery.objects.filter(invoice__in=invoices.values("pk")).select_related("invoice__number")
    return page_of(rows, paging=paging, shape=_delivery_shape)


@does(router, "/{run_id}/resend", need=DELIVERS, answer=Resent, status=202)
def resend_run(request: HttpRequest, run_id: Path[Id], wanted: ResendWanted) -> HttpResponse:
    """Queue again what of a run failed, e-mails to the customers' present addresses."""
    get_object_or_404(seen_runs(request), pk=run_id)

    def act() -> Resent:
        states = [DeliveryState.FAILED, *([DeliveryState.UNCERTAIN] if wanted.uncertain else [])]
        queued = resend(undelivered(run_id, states=states), now=now())
        queue_work("deliver_run", run_id=run_id)
        return Resent(queued=queued)

    return once(request, act, status=202)


def _delivery_shape(delivery: Delivery) -> DeliveryShape:
    return DeliveryShape(
        id=delivery.pk,
        invoice=delivery.invoice_id,
        number=delivery.invoice.number.number,
        channel=delivery.channel,
        state=delivery.state,
        recipient=delivery.recipient,
        attempts=delivery.attempts,
        external_number=delivery.external_number,
        detail=delivery.detail,
        changed_at=delivery.changed_at,
    )


def _control_shape(control: Control) -> ControlShape:
    def sums(totals: ControlTotals) -> Sums:
        return Sums(
            documents=totals.documents,
            lines=totals.lines,
            net=format_minor(totals.net_minor, control.currency),
            tax=format_minor(totals.tax_minor, control.currency),
            gross=format_minor(totals.gross_minor, control.currency),
        )

    return ControlShape(
        currency=control.currency,
        agrees=control.agrees,
        generated=sums(control.generated),
        changes=[
            ChangeShape(what=one.what, times=one.times, difference=sums(one.difference))
            for one in control.changes
        ],
        unexplained=sums(control.unexplained),
        now=sums(control.now),
        waiting=sums(control.waiting),
        issued=sums(control.issued),
        handed=sums(control.handed),
        theirs=None if control.theirs is None else sums(control.theirs),
    )
