"""Print batches: documents of a run, those ticked, or consolidated billings, as files of a hundred documents each (D1).

A part is written whole or not at all, so that a batch that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from counterfoil.core.refusals import Refusal
from counterfoil.documents.render import DocumentNotPrinted, render_billings, render_documents, render_pdf
from counterfoil.flows.billing.documents import documents_with_looks
from counterfoil.flows.billing.run import Progress
from counterfoil.flows.consolidating.documents import with_looks
from counterfoil.records.billing.models import (
    BillingMember,
    ConsolidatedBilling,
    DocumentNumber,
    Invoice,
    Run,
    RunStatus,
)
from counterfoil.records.deliveries import actions
from counterfoil.records.deliveries.models import PrintBatch
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.deliveries.queries import ids_printed
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import DeliveryMethod

PRINT = "print_batch"
DOCUMENTS_A_PART = 100
MOST_DOCUMENTS = 100_000


class NothingToPrint(Refusal):
    """None of these documents is issued and valid, or they go out with consolidated billings. Drafts are printed one
    by one, on their pages.
    """


class NoBillingToPrint(Refusal):
    """None of these consolidated billings is live. Choose others, or print a void one on its page."""


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


def unprinted(*, since: datetime) -> QuerySet[Invoice]:
    """Return what runs issued since hold, whose customers get paper, and that is in no print batch yet.

    What goes with a consolidated billing, and what is void, is left out. A document printed by itself counts as not
    printed: nobody knows whether it was.
    """
    issued = Invoice.objects.filter(
        run__in=Run.objects.filter(status=RunStatus.ISSUED, issued_at__gte=since),
        customer__delivery=DeliveryMethod.PRINT,
        number__isnull=False,
        void__isnull=True,
        queued__isnull=True,
    )
    billed = BillingMember.objects.filter(invoice=OuterRef("pk"), is_live=True)
    return issued.filter(~Exists(billed)).exclude(pk__in=ids_printed(since=since))


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


def open_batch_of_billings(
    billings: QuerySet[ConsolidatedBilling], *, title: str, by: User | None, now: datetime
) -> PrintBatch:
    """Store a batch of *billings*, each with a copy of its documents, and have a worker print it.

    Raises `NoBillingToPrint` and `TooManyToPrint`.
    """
    ids = list(billings.order_by("seq", "revision").values_list("pk", flat=True))
    if not ids:
        raise NoBillingToPrint
    if len(ids) > MOST_DOCUMENTS:
        raise TooManyToPrint(count=len(ids), most=MOST_DOCUMENTS)
    with transaction.atomic():
        batch = PrintBatch(
            title=title, invoices=[], billings=ids, documents=len(ids), asked_by=by, asked_at=now
        )
        actions.create_print_batch(batch)
        queue_work(PRINT, batch_id=batch.pk)
    return batch


def batch_of(batch_id: int) -> PrintBatch:
    """Return the batch. Raises `NoSuchPrintBatch`."""
    found = PrintBatch.objects.select_related("asked_by").filter(pk=batch_id).first()
    if found is None:
        raise NoSuchPrintBatch(batch=batch_id)
    return found


def print_batch(
    batch_id: int, *, now: Callable[[], datetime], progress: Progress | None = None
) -> PrintBatch:
    """Write what is missing of a batch; again: nothing. A document that cannot be printed stops it, and is named."""
    batch, done = batch_of(batch_id), 0
    compose = _billings_composed if batch.billings else _documents_composed
    for number, members in enumerate(_cut(batch), start=1):
        try:
            _write_part(part_path(batch, number), members, compose=compose)
        except DocumentNotPrinted as error:
            with transaction.atomic():
                actions.note_printed(batch, done=done, now=now(), failure=str(error))
            return batch
        done += len(members)
        with transaction.atomic():
            actions.note_printed(batch, done=done, now=now())
        if progress:
            progress(done, batch.documents)
    return batch


def parts_of(batch: PrintBatch) -> int:
    """Return how many files the batch comes to."""
    return len(_cut(batch))


def _cut(batch: PrintBatch) -> list[list[int]]:
    """Return the ids of each file: a hundred documents, or as many billings as have that many copies, at least one."""
    if not batch.billings:
        return [
            batch.invoices[begin : begin + DOCUMENTS_A_PART]
            for begin in range(0, len(batch.invoices), DOCUMENTS_A_PART)
        ]
    stored = ConsolidatedBilling.objects.filter(pk__in=batch.billings).values_list("pk", "member_count")
    members = dict(stored)
    return cut_billings({pk: members[pk] for pk in batch.billings})


def cut_billings(members: Mapping[int, int]) -> list[list[int]]:
    """Return the billings of each file, by id, from how many *members* each has, in that order; at least one a file."""
    parts: list[list[int]] = []
    room = 0
    for pk, count in members.items():
        if room < count + 1:
            parts.append([])
            room = DOCUMENTS_A_PART
        parts[-1].append(pk)
        room -= count + 1
    return parts


@dataclass(frozen=True, kw_only=True)
class Part:
    """A written file of a batch: which one, how many documents it has, and their first and last number."""

    number: int
    documents: int
    first: str
    last: str


def written_parts(batch: PrintBatch) -> list[Part]:
    """Return the files of *batch* that are there, in their order."""
    members = {
        number: ids for number, ids in enumerate(_cut(batch), start=1) if part_path(batch, number).exists()
    }
    ends = {pk for part in members.values() for pk in (part[0], part[-1])}
    if batch.billings:
        named = ConsolidatedBilling.objects.filter(pk__in=ends).values_list("pk", "number")
    else:
        named = DocumentNumber.objects.filter(invoice__in=ends).values_list("invoice", "number")
    numbers = dict(named)
    return [
        Part(number=number, documents=len(part), first=numbers[part[0]], last=numbers[part[-1]])
        for number, part in members.items()
    ]


def part_path(batch: PrintBatch, number: int) -> Path:
    """Return the file of a part, the first one being 1."""
    return Path(settings.HOME) / "out" / "print" / str(batch.pk) / f"print-{batch.pk}-{number:03}.pdf"


def _write_part(path: Path, ids: Sequence[int], *, compose: Callable[[Sequence[int]], bytes]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(".begun")
    begun.write_bytes(compose(ids))
    begun.replace(path)


def _documents_composed(ids: Sequence[int]) -> bytes:
    invoices = Invoice.objects.in_bulk(ids)
    found = documents_with_looks([invoices[pk] for pk in ids])
    try:
        return render_documents(found)
    except DocumentNotPrinted:
        # The compiler does not say of many documents which one it was: that one is refused by itself.
        for document, look in found:
            render_pdf(document, look=look)
        raise


def _billings_composed(ids: Sequence[int]) -> bytes:
    billings = ConsolidatedBilling.objects.in_bulk(ids)
    found = with_looks([billings[pk] for pk in ids])
    try:
        return render_billings(found)
    except DocumentNotPrinted:
        for one in found:
            render_billings([one])
        raise
