"""Billing runs: previewed, generated, reviewed, authorised, delivered, or abandoned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.exceptions import ExceptionShape, exception_shape, seen_exceptions
from counterfoil.api.invoices import Invoice, WhyItIsDone, invoice_shape
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once, once_reading
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import check_definition_seen, seen_invoices, seen_runs
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request
from counterfoil.clock import now, today
from counterfoil.core.money import format_minor
from counterfoil.flows.billing import issue, review
from counterfoil.flows.billing.preview import CurrencyTotal, preview
from counterfoil.flows.billing.requesting import days_of, definition_named, request_by_definition
from counterfoil.flows.billing.run import Request as RunRequest
from counterfoil.flows.billing.run import open_run
from counterfoil.records.billing.models import Run as RunRow
from counterfoil.records.billing.models import RunStatus, RunTotal
from counterfoil.records.billing.queries import charges_done
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["runs"])
SEES = Need("runs:read")
PREVIEWS = Need("runs:read", frozenset({Role.BILLER, Role.APPROVER, Role.ACCOUNTANT}))
SEES_EXCEPTIONS = Need("exceptions:read")
SEES_INVOICES = Need("invoices:read")
GENERATES = Need("runs:write", frozenset({Role.BILLER}))
AUTHORISES = Need("runs:authorise", frozenset({Role.APPROVER}))
DELIVERS = Need("runs:deliver", frozenset({Role.BILLER, Role.APPROVER}))


class Total(Schema):
    """What the documents of one currency come to."""

    currency: str
    documents: int
    lines: int
    net: DecimalText
    tax: DecimalText
    gross: DecimalText


class Run(Schema):
    """One execution of a definition, and who did what when."""

    id: int
    definition: str | None
    title: str
    status: str
    cutoff: date
    invoice_date: date
    tax_point: date | None
    generated_by: str | None
    authorised_by: str | None
    scheduled_for: datetime | None
    started_at: datetime
    generated_at: datetime | None
    authorised_at: datetime | None
    issued_at: datetime | None
    abandoned_at: datetime | None
    abandoned_because: str
    voided_at: datetime | None
    voided_because: str


class RunInProgress(Run):
    """A run with how far it is: of its `charges`, so many are done."""

    charges: int
    charges_done: int


class ExceptionCount(Schema):
    """How many exceptions of one code there would be."""

    code: str
    count: int


class Preview(Schema):
    """What a run would store now."""

    invoices: int
    lines: int
    exceptions: int
    totals: list[Total]
    exceptions_by_code: list[ExceptionCount]


class Totals(Schema):
    """The control totals of a run, by currency."""

    totals: list[Total]


class RunWanted(Request):
    """A run of a saved definition; `cutoff` and `invoice_date` null: what the definition's rules give today.

    `tax_point` is the day whose tax rates apply, null: the invoice date (billing-rules 5.1).
    """

    definition: Key
    cutoff: BillingDate | None = None
    invoice_date: BillingDate | None = None
    tax_point: BillingDate | None = None


class RunFilter(Schema):
    """Which runs are asked for."""

    status: RunStatus | None = None
    definition: Key | None = None


@reads(router, "", need=SEES, answer=Page[Run])
def list_runs(request: HttpRequest, wanted: Query[RunFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the runs you may see, the newest first."""
    rows = seen_runs(request)
    if wanted.status is not None:
        rows = rows.filter(status=wanted.status)
    if wanted.definition is not None:
        rows = rows.filter(definition__name=wanted.definition)
    return page_of(rows, paging=paging, shape=lambda run: Run(**_facts(run)), newest_first=True)


@does(router, "", need=GENERATES, answer=RunInProgress, status=202)
def generate_run(request: HttpRequest, wanted: RunWanted) -> HttpResponse:
    """Start a run and queue its generation; ask for the run until its status is in_review."""

    def act() -> RunInProgress:
        run = open_run(asked_for(request, wanted, need=GENERATES), by=user_of(request), now=now())
        queue_work("generate_run", run_id=run.pk)
        return in_progress(run)

    return once(request, act, status=202)


@does(router, "/preview", need=PREVIEWS, answer=Preview)
def preview_run(request: HttpRequest, wanted: RunWanted) -> HttpResponse:
    """Return what a run would store at this moment; nothing of it is stored."""

    def act() -> Preview:
        found = preview(asked_for(request, wanted, need=PREVIEWS))
        counted = found.findings.get_column("code").value_counts().sort("code")
        return Preview(
            invoices=found.invoices.height,
            lines=found.lines.height,
            exceptions=found.findings.height,
            totals=_totals(found.totals()),
            exceptions_by_code=[ExceptionCount(**row) for row in counted.iter_rows(named=True)],
        )

    return once_reading(request, act)


@reads(router, "/{run_id}", need=SEES, answer=RunInProgress)
def get_run(request: HttpRequest, run_id: Path[Id]) -> RunInProgress:
    """Return one run and how far it is."""
    return in_progress(_run(request, run_id))


@reads(router, "/{run_id}/totals", need=SEES, answer=Totals)
def get_run_totals(request: HttpRequest, run_id: Path[Id]) -> Totals:
    """Return the control totals stored when the run was generated."""
    return Totals(totals=_totals(RunTotal.objects.filter(run=_run(request, run_id))))


@reads(router, "/{run_id}/exceptions", need=SEES_EXCEPTIONS, answer=Page[ExceptionShape])
def list_run_exceptions(request: HttpRequest, run_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return what the run could not bill, oldest first."""
    rows = seen_exceptions(request).filter(run_id=_run(request, run_id).pk)
    return page_of(rows, paging=paging, shape=exception_shape)


@reads(router, "/{run_id}/invoices", need=SEES_INVOICES, answer=Page[Invoice])
def list_run_invoices(request: HttpRequest, run_id: Path[Id], paging: Query[Paging]) -> dict[str, Any]:
    """Return the invoices of the run, in the order of their numbers; none while it is generating."""
    rows = seen_invoices(request).filter(run_id=_run(request, run_id).pk)
    return page_of(rows, paging=paging, shape=invoice_shape)


@does(router, "/{run_id}/authorise", need=AUTHORISES, answer=RunInProgress, status=202)
def authorise_run(request: HttpRequest, run_id: Path[Id]) -> HttpResponse:
    """Authorise a run in review and queue its issue: on its date the drafts get their numbers and are delivered."""
    _run(request, run_id)

    def act() -> RunInProgress:
        issue.authorise(run_id, by=user_of(request), now=now())
        queue_work("issue_run", run_id=run_id)
        return in_progress(_run(request, run_id))

    return once(request, act, status=202)


@does(router, "/{run_id}/deliver", need=DELIVERS, answer=RunInProgress, status=202)
def deliver_run(request: HttpRequest, run_id: Path[Id]) -> HttpResponse:
    """Queue the delivery of what of a run is still unsent; what was sent already is not sent again."""
    _run(request, run_id)

    def act() -> RunInProgress:
        run = _run(request, run_id)
        if run.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
            from counterfoil.flows.billing.deliver import RunNotIssued

            raise RunNotIssued(run=run_id, status=small(RunStatus(run.status).label))
        queue_work("deliver_run", run_id=run_id)
        return in_progress(run)

    return once(request, act, status=202)


@does(router, "/{run_id}/abandon", need=GENERATES, answer=RunInProgress)
def abandon_run(request: HttpRequest, run_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Give up a run of which nothing is issued: the next run bills its days."""
    _run(request, run_id)

    def act() -> RunInProgress:
        review.abandon(run_id, reason=why.reason, now=now())
        return in_progress(_run(request, run_id))

    return once(request, act)


def asked_for(request: HttpRequest, wanted: RunWanted, *, need: Need) -> RunRequest:
    """Return the run that is *wanted*. Raises `NotAllowed` where it bills branches that the person does not see."""
    definition = definition_named(wanted.definition)
    check_definition_seen(request, definition, scope=need.scope)
    cutoff, invoice_date = days_of(
        definition,
        today=today(the_organisation().timezone),
        cutoff=wanted.cutoff,
        invoice_date=wanted.invoice_date,
    )
    return request_by_definition(
        definition, cutoff=cutoff, invoice_date=invoice_date, tax_point=wanted.tax_point
    )


def _run(request: HttpRequest, run_id: int) -> RunRow:
    return get_object_or_404(seen_runs(request), pk=run_id)


def _facts(run: RunRow) -> dict[str, Any]:
    linked = {"definition", "generated_by", "authorised_by"}
    plain = {name: getattr(run, name) for name in Run.model_fields if name not in linked}
    return {
        **plain,
        "definition": run.definition.name if run.definition else None,
        "generated_by": run.generated_by.username if run.generated_by else None,
        "authorised_by": run.authorised_by.username if run.authorised_by else None,
    }


def in_progress(run: RunRow) -> RunInProgress:
    """Return *run* as the API shows it, with how far it is."""
    done, planned = charges_done(run.pk)
    return RunInProgress(**_facts(run), charges=planned, charges_done=done)


def _totals(totals: Iterable[RunTotal | CurrencyTotal]) -> list[Total]:
    return [
        Total(
            currency=total.currency,
            documents=total.documents,
            lines=total.lines,
            net=format_minor(total.net_minor, total.currency),
            tax=format_minor(total.tax_minor, total.currency),
            gross=format_minor(total.gross_minor, total.currency),
        )
        for total in totals
    ]
