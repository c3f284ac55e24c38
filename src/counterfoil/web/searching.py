"""What can be found from the box at the top: documents, runs, people, charges, events, and what others call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing import queries
from counterfoil.records.billing.models import (
    BatchDefinition,
    ConsolidatedBilling,
    DocumentSeries,
    DocumentType,
    RunStatus,
)
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, EventKind, Meter
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Contact, Dealer, LogNote
from counterfoil.records.parties.queries import sites
from counterfoil.web.customers.contacts import page_of, seen_contacts
from counterfoil.web.customers.notes import seen_notes
from counterfoil.web.layout.search import Hit, SearchKind, Told, by
from counterfoil.web.lists.finding import ways_of
from counterfoil.web.runs.seeing import runs_seen_by

LARGEST_NUMBER = 10**15


def _limited(rows: QuerySet[Any], *, path: str = "branch_id") -> Callable[[Any], QuerySet[Any]]:
    """Return what gives those of *rows* that a user may see, by their branch at *path*."""
    return lambda user: within_branches(rows, user=user, path=path)


def _counted(words: str) -> int | None:
    """Return the number that *words* are, None if they are none: people know the end of a document's number."""
    return int(words) if words.isascii() and words.isdigit() and int(words) < LARGEST_NUMBER else None


def _ways_of_documents(words: str) -> list[Q]:
    """Return how a document is found: by the start of its number, or by its place in whichever series."""
    ways, place = ways_of(words, ["number__number__istartswith"]), _counted(words)
    if place is not None:
        ways.append(Q(number__series__in=DocumentSeries.objects.values("pk"), number__seq=place))
    return ways


def _ways_of_billings(words: str) -> list[Q]:
    ways, place = ways_of(words, ["number__istartswith"]), _counted(words)
    return ways if place is None else [*ways, Q(seq=place)]


def _ways_of_runs(words: str) -> list[Q]:
    ways, number = ways_of(words, ["title__icontains"]), _counted(words)
    return ways if number is None else [*ways, Q(pk=number)]


def _ways_of_external_numbers(words: str) -> list[Q]:
    return [way & ~Q(external_number="") for way in ways_of(words, ["external_number__istartswith"])]


_ONE = {"customer": "account", "client": "code", "dealer": "code"}
_WHOSE = tuple(
    path for name, code in _ONE.items() for path in (f"{name}_id", f"{name}__{code}", f"{name}__name")
)
"""Of whom a contact or a note is: a customer, a client or a dealer."""


def _whose(told: Told) -> str:
    """Return the code and the name of whom a contact or a note is; "" where it is of nobody."""
    found = [name for name in _ONE if told[f"{name}_id"] is not None]
    return f"{told[f'{found[0]}__{_ONE[found[0]]}']} {told[f'{found[0]}__name']}" if found else ""


def _document(told: Told) -> Hit:
    detail = told["customer__name"]
    if told["document_type"] == DocumentType.CREDIT_NOTE:
        detail = gettext("Credit note, %(name)s") % {"name": detail}
    return Hit(told["number__number"], detail, reverse("invoice", args=[told["pk"]]))


def _billing(told: Told) -> Hit:
    name = told["customer__name"]
    detail = name if told["void__billing_id"] is None else gettext("%(name)s, void") % {"name": name}
    return Hit(told["number"], detail, reverse("billing", args=[told["pk"]]))


def _external(told: Told) -> Hit:
    address = reverse("invoice", args=[told["invoice_id"]]) + "?tab=deliveries"
    return Hit(told["external_number"], told["invoice__number__number"], address)


def _run(told: Told) -> Hit:
    name = gettext("Run %(run)s, %(title)s") % {"run": told["pk"], "title": told["title"]}
    return Hit(name, str(RunStatus(told["status"]).label), reverse("run", args=[told["pk"]]))


def _named(page: str, *, name: str = "name", detail: str) -> Callable[[Told], Hit]:
    """Return what tells something by its *name* and the *detail* beside it; *page* shows it."""
    return lambda told: Hit(told[name], told[detail], reverse(page, args=[told["pk"]]))


def _contact(told: Told) -> Hit:
    return Hit(
        told["name"], _whose(told), page_of(Contact(**{f"{name}_id": told[f"{name}_id"] for name in _ONE}))
    )


def _note(told: Told) -> Hit:
    note = LogNote(text=told["text"])
    return Hit(str(note), _whose(told) or gettext("Message"), reverse("note-edit", args=[told["pk"]]))


def _charge(told: Told) -> Hit:
    detail = f"{told['description'] or told['master_charge__name']}, {told['client__name']}"
    return Hit(told["key"], detail, reverse("charge", args=[told["pk"]]))


def _event(told: Told) -> Hit:
    detail = f"{EventKind(told['kind']).label}, {told['client__name']}"
    return Hit(told["key"], detail, reverse("event", args=[told["pk"]]))


def _meter(told: Told) -> Hit:
    detail = told["name"] or told["charge__client__name"]
    return Hit(told["key"], detail, reverse("meter", args=[told["pk"]]))


_EVENTS = BillableEvent.objects.filter(is_invoice=False)

SEARCHES = (
    SearchKind(
        label=_("Invoices and credit notes"),
        icon="file-invoice",
        seen=_limited(queries.visible_invoices()),
        ways=_ways_of_documents,
        order=("-pk",),
        values=("number__number", "customer__name", "document_type"),
        hit=_document,
    ),
    SearchKind(
        label=_("Consolidated billings"),
        icon="file-invoice",
        seen=_limited(ConsolidatedBilling.objects.all()),
        ways=_ways_of_billings,
        order=("-pk",),
        values=("number", "customer__name", "void__billing_id"),
        hit=_billing,
    ),
    SearchKind(
        label=_("Runs"),
        icon="receipt",
        seen=runs_seen_by,
        ways=_ways_of_runs,
        order=("-pk",),
        values=("title", "status"),
        hit=_run,
    ),
    SearchKind(
        label=_("Billing customers"),
        icon="users",
        seen=_limited(BillingCustomer.objects.all()),
        ways=by("account__istartswith", "name__icontains", "email__icontains"),
        order=("account",),
        values=("name", "account"),
        hit=_named("customer", detail="account"),
    ),
    SearchKind(
        label=_("Clients"),
        icon="building",
        seen=_limited(sites()),  # an own client is found as its customer or dealer
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        values=("name", "code"),
        hit=_named("client", detail="code"),
    ),
    SearchKind(
        label=_("Dealers"),
        icon="users-group",
        seen=_limited(Dealer.objects.all()),
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        values=("name", "code"),
        hit=_named("dealer", detail="code"),
    ),
    SearchKind(
        label=_("Contacts"),
        icon="user-circle",
        seen=seen_contacts,
        ways=by("name__icontains", "email__icontains", "phone__icontains"),
        order=("name",),
        values=("name", *_WHOSE),
        hit=_contact,
    ),
    SearchKind(
        label=_("Notes"),
        icon="pencil",
        seen=seen_notes,
        ways=by("text__icontains"),
        order=("-pk",),
        values=("text", *_WHOSE),
        hit=_note,
    ),
    SearchKind(
        label=_("Activations and work orders"),
        icon="activity",
        seen=_limited(_EVENTS, path="client__branch_id"),
        ways=by("key__istartswith"),
        order=("key",),
        values=("key", "kind", "client__name"),
        hit=_event,
    ),
    SearchKind(
        label=_("Charges"),
        icon="receipt",
        seen=_limited(Charge.objects.all(), path="client__branch_id"),
        ways=by("key__istartswith"),
        order=("key",),
        values=("key", "description", "master_charge__name", "client__name"),
        hit=_charge,
    ),
    SearchKind(
        label=_("Meters"),
        icon="hash",
        seen=_limited(Meter.objects.all(), path="charge__client__branch_id"),
        ways=by("key__istartswith", "name__icontains"),
        order=("key",),
        values=("key", "name", "charge__client__name"),
        hit=_meter,
    ),
    SearchKind(
        label=_("Numbers in other systems"),
        icon="plug-connected",
        seen=_limited(Delivery.objects.all(), path="invoice__branch_id"),
        ways=_ways_of_external_numbers,
        order=("-pk",),
        values=("external_number", "invoice_id", "invoice__number__number"),
        hit=_external,
    ),
    SearchKind(
        label=_("Master charges"),
        icon="tags",
        seen=lambda _user: MasterCharge.objects.all(),
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        values=("name", "code"),
        hit=_named("master-charge", detail="code"),
    ),
    SearchKind(
        label=_("Definitions"),
        icon="receipt",
        seen=_limited(BatchDefinition.objects.all()),
        ways=by("name__istartswith", "title__icontains"),
        order=("name",),
        values=("title", "name"),
        hit=_named("definition", name="title", detail="name"),
    ),
)
