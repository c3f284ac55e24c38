"""Consolidated billings: look, make in a batch or by hand, edit, void, mail; the queue; settings and next dates."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.consolidation_rolls import MAKES, SEES, due_to_roll
from counterfoil.api.invoices import PDF, WhyItIsDone
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen, seen_branches, seen_invoices
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Request
from counterfoil.api.storing import NothingCalledSo
from counterfoil.clock import now
from counterfoil.core.money import format_minor
from counterfoil.flows.consolidating import batch as batches
from counterfoil.flows.consolidating import by_hand, deliver
from counterfoil.flows.consolidating.choosing import Selection, groups_of
from counterfoil.flows.consolidating.listing import listed_in
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import NoSuchBranch, branches_called, the_organisation
from counterfoil.records.parties.models import BillingCustomer

router = Router(tags=["consolidated billings"])
PREVIEWS = Need("invoices:read", frozenset({Role.BILLER, Role.APPROVER, Role.ACCOUNTANT}))


class Billing(Schema):
    """One revision of a consolidated billing. A void one that was edited names the revision that took its place."""

    id: int
    number: str
    is_void: bool
    replaced_by: str | None
    batch: str | None
    customer: str
    branch: str
    currency: str
    billing_date: date
    due_on: date
    po_number: str
    description: str
    invoices: int
    tax: DecimalText
    total: DecimalText


class Entry(Schema):
    """A document of a billing, as it is listed."""

    number: str | None
    invoice_date: date
    po_number: str
    document_type: str
    source: str
    description: str
    tax: DecimalText
    total: DecimalText
    amount_due: DecimalText


class Entries(Schema):
    """What a billing lists, in its order."""

    items: list[Entry]


class BillingFilter(Schema):
    """Which billings are asked for."""

    customer: Key | None = None
    batch: Key | None = None
    is_void: bool | None = None


class Chosen(Request):
    """What of a batch's list is checked: it begins with what is checked beforehand, all or none."""

    cutoff: BillingDate
    begins_with: Literal["beforehand", "all", "none"] = "beforehand"
    checked: list[Id] = Field(default=[], max_length=20_000)
    unchecked: list[Id] = Field(default=[], max_length=20_000)


class BatchWanted(Chosen):
    """A batch. `uses_next_date`: a customer's next date instead of the billing date, where it has one."""

    billing_date: BillingDate
    uses_next_date: bool = False
    number: str = Field(default="", max_length=20, pattern=r"^[^\x00]*$")
    description: str = Field(default="", max_length=300, pattern=r"^[^\x00]*$")
    sends_email: bool = True


class Gathered(Schema):
    """One billing a batch would make, or, where it is `short` of the minimum, would not."""

    customer: str
    currency: str
    branch: str | None
    next_date: date | None
    listed: int
    checked: int
    total: DecimalText
    is_billed: bool
    short: str | None


class Previewed(Schema):
    """What a batch would make now; nothing is stored."""

    billings: list[Gathered]


class BatchMade(Schema):
    """The batch, how many billings it made, and how many customers' next dates are due to be rolled."""

    batch: str
    billings: int
    due_to_roll: int


class Typed(Request):
    """What a billing says; `due_on` null: by the customer's terms; `branch` null: the customer's, or as it was."""

    invoices: list[Id] = Field(min_length=1, max_length=20_000)
    billing_date: BillingDate
    due_on: BillingDate | None = None
    description: str = Field(default="", max_length=300, pattern=r"^[^\x00]*$")
    po_number: str = Field(default="", max_length=60, pattern=r"^[^\x00]*$")
    branch: Key | None = None
    sends_email: bool = False


class BillingWanted(Typed):
    """A billing of one customer, made by hand; `number` empty: the next one."""

    customer: Key
    number: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")


class Count(Schema):
    """How many it was."""

    count: int


@reads(router, "", need=SEES, answer=Page[Billing])
def list_billings(
    request: HttpRequest, wanted: Query[BillingFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the consolidated billings you may see, oldest first."""
    rows = _seen(request)
    if wanted.customer is not None:
        rows = rows.filter(customer__account=wanted.customer)
    if wanted.batch is not None:
        rows = rows.filter(batch__number=wanted.batch)
    if wanted.is_void is not None:
        rows = rows.filter(void__isnull=not wanted.is_void)
    return page_of(rows, paging=paging, shape=_shape)


@does(router, "/preview", need=PREVIEWS, answer=Previewed)
def preview_batch(request: HttpRequest, wanted: Chosen) -> HttpResponse:
    """Return what a batch would make: by customer what is checked, and who falls short of the minimum."""

    def act() -> Previewed:
        return Previewed(
            billings=[
                Gathered(
                    customer=one.account,
                    currency=one.currency,
                    branch=one.branch or None,
                    next_date=one.next_date,
                    listed=one.invoices,
                    checked=one.invoices_checked,
                    total=format_minor(one.total_minor, one.currency),
                    is_billed=one.is_billed,
                    short=one.short or None,
                )
                for one in groups_of(_selection(request, wanted))
            ]
        )

    return once(request, act)


@does(router, "/batches", need=MAKES, answer=BatchMade)
def create_batch(request: HttpRequest, wanted: BatchWanted) -> HttpResponse:
    """Make a billing for each customer, currency and branch of what is checked and reaches its minimum."""

    def act() -> BatchMade:
        made = batches.create_batch(
            batches.Batch(
                selection=_selection(request, wanted),
                billing_date=wanted.billing_date,
                uses_next_date=wanted.uses_next_date,
                number=wanted.number,
                description=wanted.description,
                sends_email=wanted.sends_email,
            ),
            by=user_of(request),
            now=now(),
        )
        due = due_to_roll(request, cutoff=wanted.cutoff).count()
        return BatchMade(batch=made.number, billings=made.billings.count(), due_to_roll=due)

    return once(request, act)


@does(router, "", need=MAKES, answer=Billing)
def create_billing(request: HttpRequest, wanted: BillingWanted) -> HttpResponse:
    """Make one billing of chosen invoices of a customer by hand; the minimum does not hold it back."""

    customer = get_object_or_404(customers_seen(request), account=wanted.customer)

    def act() -> Billing:
        made = by_hand.create_billing(
            by_hand.ByHand(
                customer_id=customer.pk,
                number=wanted.number,
                **_typed(request, wanted),
            ),
            by=user_of(request),
            now=now(),
        )
        return _shape(_seen(request).get(pk=made.pk))

    return once(request, act)


@reads(router, "/{billing_id}", need=SEES, answer=Billing)
def get_billing(request: HttpRequest, billing_id: Path[Id]) -> Billing:
    """Return one billing."""
    return _shape(get_object_or_404(_seen(request), pk=billing_id))


@reads(router, "/{billing_id}/documents", need=SEES, answer=Entries)
def list_documents(request: HttpRequest, billing_id: Path[Id]) -> Entries:
    """Return what a billing lists, in its order."""
    found = get_object_or_404(_seen(request), pk=billing_id)
    language = found.customer.language or the_organisation().language
    return Entries(
        items=[
            Entry(
                number=one.number,
                invoice_date=one.invoice_date,
                po_number=one.po_number,
                document_type=one.document_type.value,
                source=one.source,
                description=one.description,
                tax=format_minor(one.tax_minor, found.currency),
                total=format_minor(one.gross_minor, found.currency),
                amount_due=format_minor(one.gross_minor, found.currency),
            )
            for one in listed_in(found, language=language)
        ]
    )


@reads(router, "/{billing_id}/pdf", need=SEES, answer=None, extra=PDF)
def get_billing_pdf(request: HttpRequest, billing_id: Path[Id]) -> HttpResponse:
    """Return a billing as PDF: its list, and a copy of each document."""
    found = get_object_or_404(_seen(request), pk=billing_id)
    answer = HttpResponse(deliver.pdf_of([found]), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return answer


@does(router, "/{billing_id}/edit", need=MAKES, answer=Billing)
def edit_billing(request: HttpRequest, billing_id: Path[Id], wanted: Typed) -> HttpResponse:
    """Save another revision in the place of a live billing, with these values and invoices.

    Invoices of it that you may not see stay in it.
    """
    old = get_object_or_404(_seen(request), pk=billing_id)

    def act() -> Billing:
        typed = _typed(request, wanted)
        unseen = old.members.exclude(invoice__in=seen_invoices(request).filter(memberships__billing=old))
        typed["invoices"] = sorted({*typed["invoices"], *unseen.values_list("invoice_id", flat=True)})
        made = by_hand.edit_billing(
            by_hand.Edit(billing_id=billing_id, **typed), by=user_of(request), now=now()
        )
        return _shape(_seen(request).get(pk=made.pk))

    return once(request, act)


@does(router, "/{billing_id}/void", need=MAKES, answer=Billing)
def void_billing(request: HttpRequest, billing_id: Path[Id], why: WhyItIsDone) -> HttpResponse:
    """Void a live billing: its invoices are eligible again, its number is never used again."""
    get_object_or_404(_seen(request), pk=billing_id)

    def act() -> Billing:
        by_hand.void_billings([billing_id], reason=why.reason, by=user_of(request), now=now())
        return _shape(_seen(request).get(pk=billing_id))

    return once(request, act)


@does(router, "/{billing_id}/email", need=MAKES, answer=Count)
def email_billing(request: HttpRequest, billing_id: Path[Id]) -> HttpResponse:
    """Queue a live billing to be sent by e-mail, first or again."""
    get_object_or_404(_seen(request), pk=billing_id)
    return once(request, lambda: Count(count=deliver.queue_mails([billing_id], now=now())))


def _seen(request: HttpRequest) -> Any:
    return seen(queries.with_state(ConsolidatedBilling.objects.all()), request=request)


def ids_seen(request: HttpRequest, wanted: list[int]) -> list[int]:
    """Return *wanted* invoices. Raises `NothingCalledSo` for one that the person does not see: none is left out."""
    found = set(seen_invoices(request).filter(pk__in=wanted).values_list("pk", flat=True))
    for missing in sorted(set(wanted) - found):
        raise NothingCalledSo(what="invoice", key=str(missing))
    return sorted(found)


def _selection(request: HttpRequest, wanted: Chosen) -> Selection:
    branches = seen_branches(request)
    return Selection(
        cutoff=wanted.cutoff,
        begins_with=wanted.begins_with,
        checked=tuple(wanted.checked),
        unchecked=tuple(wanted.unchecked),
        branches=tuple(branches) if branches else None,
    )


def _typed(request: HttpRequest, wanted: Typed) -> dict[str, Any]:
    return {
        "invoices": ids_seen(request, wanted.invoices),
        "billing_date": wanted.billing_date,
        "due_on": wanted.due_on,
        "description": wanted.description,
        "po_number": wanted.po_number,
        "branch_id": None if wanted.branch is None else _branch(request, wanted.branch),
        "sends_email": wanted.sends_email,
    }


def _branch(request: HttpRequest, code: str) -> int:
    """Return the branch with that *code*. Raises `NoSuchBranch`, also for one that the person does not see."""
    branches = seen_branches(request)
    [branch] = branches_called([code])
    if branches and branch.pk not in branches:
        raise NoSuchBranch(code=code, known="those you may see")
    return branch.pk


def customers_seen(request: HttpRequest) -> Any:
    """Return the billing customers the person sees."""
    return seen(BillingCustomer.objects.select_related("branch"), request=request)


def _shape(one: ConsolidatedBilling) -> Billing:
    void = getattr(one, "void", None)
    return Billing(
        id=one.pk,
        number=one.number,
        is_void=void is not None,
        replaced_by=void.replaced_by.number if void is not None and void.replaced_by else None,
        batch=one.batch.number if one.batch else None,
        customer=one.customer.account,
        branch=one.branch.code,
        currency=one.currency,
        billing_date=one.billing_date,
        due_on=one.due_on,
        po_number=one.po_number,
        description=one.description,
        invoices=one.member_count,
        tax=format_minor(one.tax_minor, one.currency),
        total=format_minor(one.gross_minor, one.currency),
    )
