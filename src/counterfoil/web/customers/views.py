"""The pages of billing customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.core.recipients import EVERYTHING, listed_in
from counterfoil.flows.linking import link_of_customer
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import Invoice, RunStatus
from counterfoil.records.charges.models import BillableEvent, Charge, Discount
from counterfoil.records.charges.queries import terms_of_charges
from counterfoil.records.charges.state_queries import paid_by
from counterfoil.records.counting import number_of
from counterfoil.records.deliveries.models import Mail
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings, Dealer, LogNote
from counterfoil.records.parties.queries import sites
from counterfoil.web.access import needs
from counterfoil.web.customers.forms import CustomerForm
from counterfoil.web.customers.lists import CUSTOMERS
from counterfoil.web.customers.notes import notes_tab
from counterfoil.web.customers.own_charges import own_charges
from counterfoil.web.display import current_locale
from counterfoil.web.events.lists import newest_events
from counterfoil.web.invoices.lists import STATES, state_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import edit_page, posted, suggestions
from counterfoil.web.layout.history import Trail, histories_of, newest
from counterfoil.web.lists.counting import count_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.naming import MAILS
from counterfoil.web.templatetags.counterfoil import Tab

MOST_ROWS = 100


def address(customer: BillingCustomer) -> str:
    """Return the page of *customer*."""
    return reverse("customer", args=[customer.pk])


def seen(request: HttpRequest) -> QuerySet[BillingCustomer]:
    """Return the billing customers the person may see."""
    return within_branches(BillingCustomer.objects.select_related("branch", "group"), user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def customers(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(BillingCustomer.objects.select_related("branch", "group"))
    context = {"new": reverse("customer-new"), "new_label": gettext("Add billing customer")}
    return list_page(
        request, listing=CUSTOMERS, queryset=rows, title=gettext("Billing customers"), context=context
    )


@needs(Role.VIEWER)
def customer(request: HttpRequest, key: int) -> HttpResponse:
    """Show one, with its clients, invoices and history."""
    rows = (
        seen(request)
        .select_related("consolidation", "billing_link", "own_client")
        .annotate(
            client_count=number_of(sites(), path="customer"),
            own_count=number_of(Charge.objects.all(), path="client__own_of_customer"),
            invoice_count=number_of(billing.visible_invoices(), path="customer"),
            discount_count=number_of(Discount.objects.all(), path="customer"),
            note_count=number_of(LogNote.objects.filter(is_done=False), path="customer"),
        )
    )
    found = get_object_or_404(rows, pk=key)
    chosen = request.GET.get("tab", "clients")
    charges = paid_by(Charge.objects.all(), found)
    charge_count = count_of(charges)
    invoices = billing.visible_invoices().filter(customer=found)
    usual = request.organisation.billing_link  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "customer": found,
        "title": found.name,
        "there": link_of_customer(found, usual=usual),
        "consolidation": getattr(found, "consolidation", None),
        "discount_count": found.discount_count,
        "charge_count": charge_count.text(locale=current_locale()),
        "clients_query": f"customer={quote(found.account)}",
        "tabs": [
            Tab(gettext("Clients"), "?tab=clients", chosen == "clients", found.client_count),
            Tab(gettext("Charges"), "?tab=charges", chosen == "charges", charge_count.number),
            Tab(gettext("Charges of its own"), "?tab=own", chosen == "own", found.own_count),
            Tab(gettext("Invoices"), "?tab=invoices", chosen == "invoices", found.invoice_count),
            Tab(gettext("Events"), "?tab=events", chosen == "events"),
            Tab(gettext("Forecast"), "?tab=forecast", chosen == "forecast"),
            Tab(gettext("E-mails"), "?tab=mails", chosen == "mails"),
            Tab(gettext("Contacts"), "?tab=contacts", chosen == "contacts"),
            Tab(gettext("Notes"), "?tab=notes", chosen == "notes", found.note_count),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "most": MOST_ROWS,
        "recipients": recipients_told(found),
        "open": open_of(invoices),
    }
    context |= _on_tab(found, chosen, charges=charges, invoices=invoices)
    return render(request, "customers/customer.html", context)


def _on_tab(
    found: BillingCustomer, chosen: str, *, charges: QuerySet[Charge], invoices: QuerySet[Invoice]
) -> dict[str, Any]:
    """Return what the *chosen* tab of the page shows."""
    if chosen == "history":
        settings = ConsolidationSettings(pk=found.pk)
        its = Trail(settings, about=gettext("Consolidated billing"), currency=found.currency)
        return {"history": newest(*histories_of(Trail(found), its))}
    if chosen == "mails":
        beside = Mail.objects.filter(customer=found).select_related(
            "delivery__invoice__number", "billing__billing", "statement__round", "asked_by"
        )
        return {"mails": list(beside.order_by("-pk")[:MOST_ROWS]), "shows_document": True}
    if chosen == "contacts":
        return {"contacts": list(found.contacts.all()), "contacts_of": "customer", "contacts_key": found.pk}
    if chosen == "invoices":
        recent = billing.with_state(invoices).select_related("run", "hold", "exclusion", "number")
        return {"invoices": with_states(recent.order_by("-pk")[:MOST_ROWS])}
    if chosen == "charges":
        first_ones = charges.select_related("client").order_by("key")[:MOST_ROWS]
        return {"charges": terms_of_charges(first_ones), "shows_client": True}
    if chosen == "own":
        return own_charges(found, page="customer-charge-new", most=MOST_ROWS)
    if chosen == "events":
        events = BillableEvent.objects.filter(Q(customer=found) | Q(customer=None, client__customer=found))
        return {"events": newest_events(events, most=MOST_ROWS), "shows_client": True}
    if chosen == "notes":
        return notes_tab(found, name="customer", key=found.account)
    clients = sites().filter(customer=found).select_related("dealer")
    dealers = Dealer.objects.filter(customer=found)
    return {"clients": list(clients.order_by("code")[:MOST_ROWS]), "dealers": list(dealers[:MOST_ROWS])}


def with_states(rows: Iterable[Invoice]) -> list[Invoice]:
    """Return *rows* with the state of each, for a table beside an object."""
    found = list(rows)
    for row in found:
        row.state = STATES[state_of(row)]
    return found


def recipients_told(customer: BillingCustomer) -> list[tuple[str, str]]:
    """Return the addresses of *customer*, each with what it gets."""
    return [
        (
            one.address,
            "" if one.kinds == EVERYTHING else ", ".join(str(MAILS[kind]) for kind in sorted(one.kinds)),
        )
        for one in listed_in(customer.email)
    ]


def open_of(rows: QuerySet[Invoice]) -> list[tuple[int, str]]:
    """Return what of *rows* is issued and not credited, by currency: what a statement calls open."""
    issued = rows.filter(number__isnull=False, void__isnull=True).exclude(run__status=RunStatus.VOIDED)
    sums = issued.order_by("currency").values_list("currency").annotate(total=Sum("gross_minor"))
    return [(int(total), currency) for currency, total in sums]


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    organisation = request.organisation  # type: ignore[attr-defined]
    initial = {"currency": organisation.currency, "country": organisation.country} if organisation else {}
    form = CustomerForm(posted(request), user=request.user, initial=initial)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("New billing customer"),
        verb=gettext("Add billing customer"),
        back=reverse("customers"),
        done=address,
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(seen(request), pk=key)
    form = CustomerForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=address(found),
        done=address,
    )


@needs(Role.VIEWER)
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest accounts while one is typed: all, or only those that use consolidated billing."""
    rows = seen(request)
    if request.GET.get("consolidating"):
        rows = rows.filter(consolidation__is_used=True)
    return suggestions(request, rows=rows, key="account", label="name")
