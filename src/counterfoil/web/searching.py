"""What can be found from the box at the top: numbers, customers, clients, dealers, master charges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from counterfoil.records.billing import queries
from counterfoil.records.billing.consolidating_queries import is_void
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.customers.contacts import page_of, seen_contacts
from counterfoil.web.customers.notes import seen_notes
from counterfoil.web.layout.search import Hit, SearchKind


def _matching(rows: QuerySet[Any], words: str, *paths: str) -> QuerySet[Any]:
    return rows.filter(Q.create([(path, words) for path in paths], connector=Q.OR))


def find_invoices(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return invoices whose number begins with *words*."""
    rows = queries.visible_invoices().filter(number__number__istartswith=words)
    rows = within_branches(rows, user=user).select_related("number", "customer").order_by("-pk")[:limit]
    return [Hit(row.number.number, row.customer.name, reverse("invoice", args=[row.pk])) for row in rows]


def find_billings(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return consolidated billings whose number begins with *words*, the newest first."""
    rows = ConsolidatedBilling.objects.filter(number__istartswith=words)
    rows = within_branches(rows, user=user).select_related("customer", "void").order_by("-pk")[:limit]
    return [
        Hit(
            row.number,
            f"{row.customer.name}{', void' if is_void(row) else ''}",
            reverse("billing", args=[row.pk]),
        )
        for row in rows
    ]


def find_customers(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return billing customers by account, name or e-mail."""
    found = _matching(
        BillingCustomer.objects.all(), words, "account__istartswith", "name__icontains", "email__icontains"
    )
    rows = within_branches(found, user=user).order_by("account")[:limit]
    return [Hit(row.name, row.account, reverse("customer", args=[row.pk])) for row in rows]


def find_clients(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return clients by code or name."""
    found = _matching(Client.objects.all(), words, "code__istartswith", "name__icontains")
    rows = within_branches(found, user=user).order_by("code")[:limit]
    return [Hit(row.name, row.code, reverse("client", args=[row.pk])) for row in rows]


def find_dealers(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return dealers by code or name."""
    found = _matching(Dealer.objects.all(), words, "code__istartswith", "name__icontains")
    rows = within_branches(found, user=user).order_by("code")[:limit]
    return [Hit(row.name, row.code, reverse("dealer", args=[row.pk])) for row in rows]


def find_master_charges(_user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return master charges by code or name."""
    found = _matching(MasterCharge.objects.all(), words, "code__istartswith", "name__icontains")
    return [
        Hit(row.name, row.code, reverse("master-charge", args=[row.pk]))
        for row in found.order_by("code")[:limit]
    ]


def find_contacts(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return contacts by name, e-mail or telephone number, each on the page of whose contact it is."""
    found = _matching(
        seen_contacts(user), words, "name__icontains", "email__istartswith", "phone__istartswith"
    )
    rows = found.order_by("name")[:limit]
    return [Hit(row.name, str(row.customer or row.client or row.dealer), page_of(row)) for row in rows]


def find_notes(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return notes by their words, the newest first."""
    rows = seen_notes(user).filter(text__icontains=words).order_by("-pk")[:limit]
    return [
        Hit(str(row), row.client.name if row.client else "Message", reverse("note-edit", args=[row.pk]))
        for row in rows
    ]


SEARCHES = (
    SearchKind(label="Invoices", icon="file-invoice", find=find_invoices),
    SearchKind(label="Consolidated billings", icon="file-invoice", find=find_billings),
    SearchKind(label="Billing customers", icon="users", find=find_customers),
    SearchKind(label="Clients", icon="building", find=find_clients),
    SearchKind(label="Dealers", icon="users-group", find=find_dealers),
    SearchKind(label="Contacts", icon="user-circle", find=find_contacts),
    SearchKind(label="Notes", icon="pencil", find=find_notes),
    SearchKind(label="Master charges", icon="tags", find=find_master_charges),
)
