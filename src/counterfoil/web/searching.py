"""What can be found from the box at the top: documents, runs, people, charges, events, and what others call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing import queries
from counterfoil.records.billing.consolidating_queries import is_void
from counterfoil.records.billing.models import (
    BatchDefinition,
    ConsolidatedBilling,
    DocumentSeries,
    DocumentType,
    Invoice,
    Run,
)
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, Meter
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Contact, Dealer, LogNote
from counterfoil.web.customers.contacts import page_of, seen_contacts
from counterfoil.web.customers.notes import seen_notes
from counterfoil.web.layout.search import Hit, SearchKind, by
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


def _document(row: Invoice) -> Hit:
    detail = row.customer.name
    if row.document_type == DocumentType.CREDIT_NOTE:
        detail = gettext("Credit note, %(name)s") % {"name": detail}
    return Hit(row.number.number, detail, reverse("invoice", args=[row.pk]))


def _billing(row: ConsolidatedBilling) -> Hit:
    void = gettext("%(name)s, void") % {"name": row.customer.name}
    return Hit(row.number, void if is_void(row) else row.customer.name, reverse("billing", args=[row.pk]))


def _external(row: Delivery) -> Hit:
    document = row.invoice.number.number
    return Hit(row.external_number, document, reverse("invoice", args=[row.invoice_id]) + "?tab=deliveries")


def _run(row: Run) -> Hit:
    name = gettext("Run %(run)s, %(title)s") % {"run": row.pk, "title": row.title}
    return Hit(name, row.get_status_display(), reverse("run", args=[row.pk]))


def _definition(row: BatchDefinition) -> Hit:
    return Hit(row.title, row.name, reverse("definition", args=[row.pk]))


def _customer(row: BillingCustomer) -> Hit:
    return Hit(row.name, row.account, reverse("customer", args=[row.pk]))


def _client(row: Client) -> Hit:
    return Hit(row.name, row.code, reverse("client", args=[row.pk]))


def _dealer(row: Dealer) -> Hit:
    return Hit(row.name, row.code, reverse("dealer", args=[row.pk]))


def _contact(row: Contact) -> Hit:
    return Hit(row.name, str(row.customer or row.client or row.dealer), page_of(row))


def _note(row: LogNote) -> Hit:
    return Hit(str(row), str(row.about or gettext("Message")), reverse("note-edit", args=[row.pk]))


def _master_charge(row: MasterCharge) -> Hit:
    return Hit(row.name, row.code, reverse("master-charge", args=[row.pk]))


def _charge(row: Charge) -> Hit:
    detail = f"{row.description or row.master_charge.name}, {row.client.name}"
    return Hit(row.key, detail, reverse("charge", args=[row.pk]))


def _event(row: BillableEvent) -> Hit:
    detail = f"{row.get_kind_display()}, {row.client.name}"
    return Hit(row.key, detail, reverse("event", args=[row.pk]))


def _meter(row: Meter) -> Hit:
    return Hit(row.key, row.name or row.charge.client.name, reverse("meter", args=[row.pk]))


_DOCUMENTS = queries.visible_invoices().select_related("number", "customer")
_BILLINGS = ConsolidatedBilling.objects.select_related("customer", "void")
_EXTERNAL = Delivery.objects.select_related("invoice__number")
_EVENTS = BillableEvent.objects.filter(is_invoice=False).select_related("client")
_CHARGES = Charge.objects.select_related("client", "master_charge")
_METERS = Meter.objects.select_related("charge__client")

SEARCHES = (
    SearchKind(
        label=_("Invoices and credit notes"),
        icon="file-invoice",
        seen=_limited(_DOCUMENTS),
        ways=_ways_of_documents,
        order=("-pk",),
        hit=_document,
    ),
    SearchKind(
        label=_("Consolidated billings"),
        icon="file-invoice",
        seen=_limited(_BILLINGS),
        ways=_ways_of_billings,
        order=("-pk",),
        hit=_billing,
    ),
    SearchKind(
        label=_("Runs"), icon="receipt", seen=runs_seen_by, ways=_ways_of_runs, order=("-pk",), hit=_run
    ),
    SearchKind(
        label=_("Billing customers"),
        icon="users",
        seen=_limited(BillingCustomer.objects.all()),
        ways=by("account__istartswith", "name__icontains", "email__icontains"),
        order=("account",),
        hit=_customer,
    ),
    SearchKind(
        label=_("Clients"),
        icon="building",
        seen=_limited(Client.objects.all()),
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        hit=_client,
    ),
    SearchKind(
        label=_("Dealers"),
        icon="users-group",
        seen=_limited(Dealer.objects.all()),
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        hit=_dealer,
    ),
    SearchKind(
        label=_("Contacts"),
        icon="user-circle",
        seen=seen_contacts,
        ways=by("name__icontains", "email__icontains", "phone__icontains"),
        order=("name",),
        hit=_contact,
    ),
    SearchKind(
        label=_("Notes"),
        icon="pencil",
        seen=seen_notes,
        ways=by("text__icontains"),
        order=("-pk",),
        hit=_note,
    ),
    SearchKind(
        label=_("Activations and work orders"),
        icon="activity",
        seen=_limited(_EVENTS, path="client__branch_id"),
        ways=by("key__istartswith"),
        order=("key",),
        hit=_event,
    ),
    SearchKind(
        label=_("Charges"),
        icon="receipt",
        seen=_limited(_CHARGES, path="client__branch_id"),
        ways=by("key__istartswith"),
        order=("key",),
        hit=_charge,
    ),
    SearchKind(
        label=_("Meters"),
        icon="hash",
        seen=_limited(_METERS, path="charge__client__branch_id"),
        ways=by("key__istartswith", "name__icontains"),
        order=("key",),
        hit=_meter,
    ),
    SearchKind(
        label=_("Numbers in other systems"),
        icon="plug-connected",
        seen=_limited(_EXTERNAL, path="invoice__branch_id"),
        ways=_ways_of_external_numbers,
        order=("-pk",),
        hit=_external,
    ),
    SearchKind(
        label=_("Master charges"),
        icon="tags",
        seen=lambda _user: MasterCharge.objects.all(),
        ways=by("code__istartswith", "name__icontains"),
        order=("code",),
        hit=_master_charge,
    ),
    SearchKind(
        label=_("Definitions"),
        icon="receipt",
        seen=_limited(BatchDefinition.objects.all()),
        ways=by("name__istartswith", "title__icontains"),
        order=("name",),
        hit=_definition,
    ),
)
