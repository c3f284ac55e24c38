"""Print batches: documents of a run, or those ticked, as PDF files of a hundred documents each (product D1).

A part is written whole or not at all, so that a batch that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from counterfoil.core.refusals import Refusal
from counterfoil.documents.render import DocumentNotPrinted, render_documents, render_pdf
from counterfoil.flows.billing.documents import documents_with_looks
from counterfoil.flows.billing.run import Progress
from counterfoil.records.billing.models import BillingMember, Invoice, RunStatus
from counterfoil.records.deliveries import actions
from counterfoil.records.deliveries.models import PrintBatch
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import DeliveryMethod

PRINT = "print_batch"
DOCUMENTS_A_PART = 100
MOST_DOCUMENTS = 100_000


class NothingToPrint(Refusal):
    """None of these documents is issued and valid, or they go out with consolidated billings. Drafts are printed one
    by one, on their pages.
    """


class TooManyToPrint(Refusal):
    """{count} documents are too many for one print batch. Print at most {most} at once."""


class NoSuchPrintBatch(Refusal):
    """There is no print batch {batch}."""


def on_paper(run_id: int) -> QuerySet[Invoice]:
    """Return the documents of a run whose customers get them on paper, but for those that go with a billing (8.2)."""
    of_run = Invoice.objects.filter(
        run_id=run_id, customer__delivery=DeliveryMethod.PRINT, queued__isnull=True
    )
    with_billings = BillingMember.objects.filter(invoice__run_id=run_id, is_live=True)
    return of_run.exclude(pk__in=with_billings.values("invoice_id"))


def open_batch(
    rows: QuerySet[Invoice], *, title: str, by: User | None, now: datetime, is_queued: bool = True
) -> PrintBatch:
    """Store a batch of those of *rows* that are issued and valid, by number, and have a worker print it if *is_queued*.

    Raises `NothingToPrint` and `TooManyToPrint`.
    """
    valid = rows.filter(number__isnull=False, void__isnull=True).exclude(run__status=RunStatus.VOIDED)
    ids = list(valid.order_by("number__series_id", "number__seq").values_list("pk", flat=True))
    if not ids:
        raise NothingToPrint
    if len(ids) > MOST_DOCUMENTS:
        raise TooManyToPrint(count=len(ids), most=MOST_DOCUMENTS)
    with transaction.atomic():
        batch = PrintBatch(title=title, invoices=ids, documents=len(ids), asked_by=by, asked_at=now)
        actions.create_print_batch(batch)
        if is_queued:
            queue_work(PRINT, batch_id=batch.pk)
    return batch


def batch_of(batch_id: int) -> PrintBatch:
    """Return the batch. Raises `NoSuchPrintBatch`."""
    found = PrintBatch.objects.select_related("asked_by").filter(pk=batch_id).first()
    if found is None:
        raise NoSuchPrintBatch(batch=batch_id)
    return found


def print_batch(batch_id: int, *, progress: Progress | None = None) -> PrintBatch:
    """Write what is missing of a batch; again: nothing. A document that cannot be printed stops it, and is named."""
    batch = batch_of(batch_id)
    ids: list[int] = batch.invoices
    for number, begin in enumerate(range(0, len(ids), DOCUMENTS_A_PART), start=1):
        members = ids[begin : begin + DOCUMENTS_A_PART]
        try:
            _write_part(part_path(batch, number), members)
        except DocumentNotPrinted as error:
            with transaction.atomic():
                actions.note_printed(batch, done=begin, failure=str(error))
            return batch
        done = begin + len(members)
        with transaction.atomic():
            actions.note_printed(batch, done=done)
        if progress:
            progress(done, len(ids))
    return batch


def parts_of(batch: PrintBatch) -> int:
    """Return how many files the batch comes to."""
    return -(-batch.documents // DOCUMENTS_A_PART)


def part_path(batch: PrintBatch, number: int) -> Path:
    """Return the file of a part, the first one being 1."""
    return Path(settings.HOME) / "out" / "print" / str(batch.pk) / f"print-{batch.pk}-{number:03}.pdf"


def _write_part(path: Path, ids: Sequence[int]) -> None:
    if path.exists():
        return
    invoices = Invoice.objects.in_bulk(ids)
    found = documents_with_looks([invoices[pk] for pk in ids])
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        content = render_documents(found)
    except DocumentNotPrinted:
        # The compiler does not say of many documents which one it was: that one is refused by itself.
        for document, look in found:
            render_pdf(document, look=look)
        raise
    begun = path.with_suffix(".begun")
    begun.write_bytes(content)
    begun.replace(path)
