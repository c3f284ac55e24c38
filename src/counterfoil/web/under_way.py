"""What is going on now, for the top bar of every page: whatever takes longer than a moment, with how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing.starting import DELIVER, ISSUE
from counterfoil.records.billing.models import ConsolidationBatch, DocumentNumber, Invoice, Run
from counterfoil.records.deliveries.models import (
    OPEN_STATES,
    BillingDelivery,
    Delivery,
    PrintBatch,
    StatementDelivery,
    StatementRound,
)
from counterfoil.records.organisation.models import User
from counterfoil.web.layout.work import Work
from counterfoil.web.runs.seeing import generating, runs_seen_by

MOST_SHOWN = 5
RUN, ISSUING, DELIVERING, STATEMENTS, PRINTING, BILLINGS = range(6)
COLUMNS = ("kind", "pk", "begun_at", "done", "planned")


def under_way(user: User) -> list[Work]:
    """Return what goes on now: in runs that *user* may see, and what they asked for themselves.

    It stands on every page, so it is one query, whose parts are found by the few rows that are open.
    """
    parts = [
        generating(user).annotate(kind=Value(RUN), begun_at=F("started_at")),
        _issuing(user),
        _delivering(user),
        _statements(user),
        _printing(user),
        _billings(user),
    ]
    first, *others = [rows.order_by().values_list(*COLUMNS) for rows in parts]
    return [_shown(*found) for found in first.union(*others, all=True)[:MOST_SHOWN]]


def _issuing(user: User) -> QuerySet[Any]:
    """Return the runs that a worker issues now; numbers are given in the order of the ids of drafts (7.1)."""
    runs = _worked_on(user, task=ISSUE)
    numbered = DocumentNumber.objects.filter(
        invoice__gte=OuterRef("first_invoice"), invoice__lte=OuterRef("last_invoice")
    ).order_by("-invoice")
    return runs.annotate(
        kind=Value(ISSUING),
        begun_at=Coalesce("authorised_at", "started_at"),
        done=Coalesce(_key(numbered.values("invoice_id")) - F("first_invoice") + 1, 0),
        planned=F("last_invoice") - F("first_invoice") + 1,
    )


def _delivering(user: User) -> QuerySet[Any]:
    """Return the runs whose documents a worker sends now, in the order of the documents' ids."""
    runs = _worked_on(user, task=DELIVER)
    waiting = Delivery.objects.filter(
        state__in=OPEN_STATES, invoice__gte=OuterRef("first_invoice"), invoice__lte=OuterRef("last_invoice")
    ).order_by("pk")
    return runs.annotate(
        kind=Value(DELIVERING),
        begun_at=Coalesce("authorised_at", "started_at"),
        done=Coalesce(_key(waiting.values("invoice_id")), F("last_invoice")) - F("first_invoice"),
        planned=F("last_invoice") - F("first_invoice") + 1,
    )


def _worked_on(user: User, *, task: str) -> QuerySet[Run]:
    """Return the runs with a job *task* that a worker does now, with their first and last invoices."""
    jobs = ProcrastinateJob.objects.filter(task_name=task, status="doing")
    ids = jobs.values_list(Cast(KeyTextTransform("run_id", "args"), BigIntegerField()))
    invoices = Invoice.objects.filter(run=OuterRef("pk")).order_by("pk").values("pk")
    return (
        runs_seen_by(user)
        .select_related(None)
        .filter(pk__in=ids)
        .annotate(first_invoice=_key(invoices), last_invoice=_key(invoices.reverse()))
    )


def _key(rows: QuerySet[Any]) -> Subquery:
    """Return the first of *rows*, ids, as a number to reckon with."""
    return Subquery(rows[:1], output_field=BigIntegerField())


def _statements(user: User) -> QuerySet[Any]:
    waiting = StatementDelivery.objects.filter(state__in=OPEN_STATES)
    return StatementRound.objects.filter(asked_by=user, pk__in=waiting.values("round")).annotate(
        kind=Value(STATEMENTS),
        begun_at=F("asked_at"),
        done=Count("deliveries", filter=~Q(deliveries__state__in=OPEN_STATES)),
        planned=Count("deliveries"),
    )


def _printing(user: User) -> QuerySet[Any]:
    open_ones = PrintBatch.objects.filter(asked_by=user, failure="", done__lt=F("documents"))
    return open_ones.annotate(kind=Value(PRINTING), begun_at=F("asked_at"), planned=F("documents"))


def _billings(user: User) -> QuerySet[Any]:
    waiting = BillingDelivery.objects.filter(state__in=OPEN_STATES, billing__batch__isnull=False)
    return ConsolidationBatch.objects.filter(
        created_by=user, pk__in=waiting.values("billing__batch")
    ).annotate(
        kind=Value(BILLINGS),
        begun_at=F("created_at"),
        done=Count("billings__deliveries", filter=~Q(billings__deliveries__state__in=OPEN_STATES)),
        planned=Count("billings__deliveries"),
    )


def _shown(kind: int, key: int, begun_at: datetime, done: int, planned: int) -> Work:
    title, stage, unit, page = _SAID[kind](key)
    return Work(
        title=title,
        stage=stage,
        done=min(done, planned),
        total=planned,
        unit=unit,
        started_at=begun_at,
        address=reverse(page, args=[key]),
    )


Said = tuple[str, str, str, str]
"""Title, stage, unit, and the name of the page that shows it."""


def _of_run(key: int) -> str:
    return gettext("Run %(run)s") % {"run": key}


_SAID: dict[int, Callable[[int], Said]] = {
    RUN: lambda key: (_of_run(key), gettext("Generating invoices"), gettext("charges"), "run"),
    ISSUING: lambda key: (_of_run(key), gettext("Issuing invoices"), gettext("invoices"), "run"),
    DELIVERING: lambda key: (
        _of_run(key),
        gettext("Sending documents"),
        gettext("documents"),
        "run-deliveries",
    ),
    STATEMENTS: lambda _key: (
        gettext("Statements"),
        gettext("Sending statements"),
        gettext("statements"),
        "statement-round",
    ),
    PRINTING: lambda _key: (
        gettext("Print batch"),
        gettext("Printing documents"),
        gettext("documents"),
        "print-batch",
    ),
    BILLINGS: lambda _key: (
        gettext("Consolidated billings"),
        gettext("Sending consolidated billings"),
        gettext("billings"),
        "billing-batch",
    ),
}
