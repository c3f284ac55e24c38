"""Print batches: documents as PDF files to be printed together."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import WrongValue
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen_invoices, seen_runs
from counterfoil.api.shapes import PDF, Id, Request
from counterfoil.clock import now
from counterfoil.flows import printing as flow
from counterfoil.records.deliveries.models import PrintBatch as BatchRow
from counterfoil.records.organisation.models import Role

router = Router(tags=["deliveries"])
PRINTS = Need("invoices:read", frozenset({Role.BILLER, Role.APPROVER, Role.ACCOUNTANT}))


class RunOrInvoices(WrongValue):
    """A print batch is of a run or of invoices. Send one of the two."""


class PrintWanted(Request):
    """The documents of a run whose customers get paper, `everybody`'s, or those with the ids `invoices`."""

    run: Id | None = None
    everybody: bool = False
    invoices: Annotated[list[Id], Field(max_length=10_000)] = []


class PrintBatch(Schema):
    """Documents to be printed; once `done` equals `documents` all `parts` can be fetched. A `failure` ends it."""

    id: int
    title: str
    documents: int
    done: int
    parts: int
    failure: str
    asked_at: datetime


@does(router, "", need=PRINTS, answer=PrintBatch, status=202)
def create_print_batch(request: HttpRequest, wanted: PrintWanted) -> HttpResponse:
    """Have documents you may see printed together; a worker writes the files."""
    if (wanted.run is None) == (not wanted.invoices):
        raise RunOrInvoices
    rows, title = seen_invoices(request), "Chosen documents"
    if wanted.run is not None:
        run = get_object_or_404(seen_runs(request), pk=wanted.run)
        paper = flow.on_paper(run.pk).values("pk")
        rows = rows.filter(run=run) if wanted.everybody else rows.filter(pk__in=paper)
        title = f"Run {run.pk}, {run.title}"
    else:
        rows = rows.filter(pk__in=wanted.invoices)

    def act() -> PrintBatch:
        return _shape(flow.open_batch(rows, title=title, by=user_of(request), now=now()))

    return once(request, act, status=202)


@reads(router, "/{batch_id}", need=PRINTS, answer=PrintBatch)
def get_print_batch(request: HttpRequest, batch_id: Path[Id]) -> PrintBatch:
    """Return a print batch of yours, and how far it is."""
    return _shape(_own(request, batch_id))


@reads(router, "/{batch_id}/parts/{part}", need=PRINTS, answer=None, extra=PDF)
def get_print_batch_part(request: HttpRequest, batch_id: Path[Id], part: Path[Id]) -> HttpResponse:
    """Return one file of a print batch of yours as PDF; 404 until it is written."""
    path = flow.part_path(_own(request, batch_id), part)
    if not path.exists():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="application/pdf")


def _own(request: HttpRequest, batch_id: int) -> BatchRow:
    return get_object_or_404(BatchRow.objects.filter(asked_by=user_of(request)), pk=batch_id)


def _shape(batch: BatchRow) -> PrintBatch:
    return PrintBatch(
        id=batch.pk,
        title=batch.title,
        documents=batch.documents,
        done=batch.done,
        parts=flow.parts_of(batch),
        failure=batch.failure,
        asked_at=batch.asked_at,
    )
