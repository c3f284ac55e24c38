"""The pages of billing customers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.flows.consolidating.settings import settings_of
from counterfoil.flows.linking import link_of_customer
from counterfoil.records.billing import queries as billing
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.state_queries import paid_by
from counterfoil.records.deliveries.models import Mail
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, ConsolidationSettings, Dealer
from counterfoil.web.access import needs
from counterfoil.web.customers.forms import CustomerForm
from counterfoil.web.customers.lists import CUSTOMERS
from counterfoil.web.display import current_locale
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import edit_page, posted, suggestions
from counterfoil.web.layout.history import history_of, newest
from counterfoil.web.lists.counting import count_of
from counterfoil.web.lists.page import list_page
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
    found = get_object_or_404(seen(request), pk=key)
    chosen = request.GET.get("tab", "clients")
    clients = Client.objects.filter(customer=found).select_related("dealer")
    invoices = billing.visible_invoices().filter(customer=found)
    context: dict[str, Any] = {
        "customer": found,
        "title": found.name,
        "there": link_of_customer(found),
        "consolidation": settings_of(found),
        "discount_count": found.discounts.count(),
        "charge_count": count_of(paid_by(Charge.objects.all(), found)).text(locale=current_locale()),
        "clients_query": f"customer={quote(found.account)}",
        "tabs": [
            Tab(gettext("Clients"), "?tab=clients", chosen == "clients", clients.count()),
            Tab(gettext("Invoices"), "?tab=invoices", chosen == "invoices", invoices.count()),
            Tab(gettext("E-mails"), "?tab=mails", chosen == "mails"),
            Tab(gettext("Contacts"), "?tab=contacts", chosen == "contacts"),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "most": MOST_ROWS,
    }
    if chosen == "history":
        settings = ConsolidationSettings(pk=found.pk)
        its = history_of(settings, about=gettext("Consolidated billing"), currency=found.currency)
        context["history"] = newest(history_of(found), its)
    elif chosen == "mails":
        mails = Mail.objects.filter(customer=found)
        beside = mails.select_related(
            "delivery__invoice__number", "billing__billing", "statement__round", "asked_by"
        )
        context["mails"] = list(beside.order_by("-pk")[:MOST_ROWS])
        context["shows_document"] = True
    elif chosen == "contacts":
        context |= {"contacts": list(found.contacts.all()), "contacts_of": "customer", "contacts_key": key}
    elif chosen == "invoices":
        recent = billing.with_state(invoices).select_related("run", "hold", "exclusion", "number")
        context["invoices"] = list(recent.order_by("-pk")[:MOST_ROWS])
    else:
        context["clients"] = list(clients.order_by("code")[:MOST_ROWS])
        context["dealers"] = list(Dealer.objects.filter(customer=found)[:MOST_ROWS])
    return render(request, "customers/customer.html", context)


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
