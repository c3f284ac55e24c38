"""What can be found from the box at the top: numbers, customers, clients, dealers, master charges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing import queries
from counterfoil.records.billing.consolidating_queries import is_void
from counterfoil.records.billing.models import ConsolidatedBilling
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.customers.contacts import page_of, seen_contacts
from counterfoil.web.customers.notes import seen_notes
from counterfoil.web.layout.search import Hit, SearchKind
from counterfoil.web.lists.finding import some_found, ways_of

MOST_LOOKED_AT = 200
"""Of what so many match, the first are shown by name; of more, any of them."""


def _matching(rows: QuerySet[Any], words: str, *paths: str) -> QuerySet[Any]:
    return some_found(rows, ways_of(words, paths), most=MOST_LOOKED_AT)


def find_invoices(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return invoices whose number begins with *words*."""
    seen = within_branches(queries.visible_invoices().select_related("number", "customer"), user=user)
    rows = _matching(seen, words, "number__number__istartswith").order_by("-pk")[:limit]
    return [Hit(row.number.number, row.customer.name, reverse("invoice", args=[row.pk])) for row in rows]


def find_billings(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return consolidated billings whose number begins with *words*, the newest first."""
    rows = ConsolidatedBilling.objects.filter(number__istartswith=words)
    rows = within_branches(rows, user=user).select_related("customer", "void").order_by("-pk")[:limit]
    return [
        Hit(
            row.number,
            gettext("%(name)s, void") % {"name": row.customer.name} if is_void(row) else row.customer.name,
            reverse("billing", args=[row.pk]),
        )
        for row in rows
    ]


def find_customers(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return billing customers by account, name or e-mail."""
    seen = within_branches(BillingCustomer.objects.all(), user=user)
    found = _matching(seen, words, "account__istartswith", "name__icontains", "email__icontains")
    rows = found.order_by("account")[:limit]
    return [Hit(row.name, row.account, reverse("customer", args=[row.pk])) for row in rows]


def find_clients(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return clients by code or name."""
    seen = within_branches(Client.objects.all(), user=user)
    rows = _matching(seen, words, "code__istartswith", "name__icontains").order_by("code")[:limit]
    return [Hit(row.name, row.code, reverse("client", args=[row.pk])) for row in rows]


def find_dealers(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return dealers by code or name."""
    seen = within_branches(Dealer.objects.all(), user=user)
    rows = _matching(seen, words, "code__istartswith", "name__icontains").order_by("code")[:limit]
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
    found = _matching(seen_contacts(user), words, "name__icontains", "email__icontains", "phone__icontains")
    rows = found.order_by("name")[:limit]
    return [Hit(row.name, str(row.customer or row.client or row.dealer), page_of(row)) for row in rows]


def find_notes(user: Any, words: str, limit: int) -> Sequence[Hit]:
    """Return notes by their words, the newest first."""
    rows = _matching(seen_notes(user), words, "text__icontains").order_by("-pk")[:limit]
    return [
        Hit(
            str(row),
            row.client.name if row.client else gettext("Message"),
            reverse("note-edit", args=[row.pk]),
        )
        for row in rows
    ]


SEARCHES = (
    SearchKind(label=_("Invoices"), icon="file-invoice", find=find_invoices),
    SearchKind(label=_("Consolidated billings"), icon="file-invoice", find=find_billings),
    SearchKind(label=_("Billing customers"), icon="users", find=find_customers),
    SearchKind(label=_("Clients"), icon="building", find=find_clients),
    SearchKind(label=_("Dealers"), icon="users-group", find=find_dealers),
    SearchKind(label=_("Contacts"), icon="user-circle", find=find_contacts),
    SearchKind(label=_("Notes"), icon="pencil", find=find_notes),
    SearchKind(label=_("Master charges"), icon="tags", find=find_master_charges),
)
