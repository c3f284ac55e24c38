"""The pages of dealers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import BillingException, RecurringRevenue
from counterfoil.records.billing.sums import in_minor, monthly_of_dealer
from counterfoil.records.charges.models import Charge
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import Dealer, LogNote
from counterfoil.records.parties.queries import sites
from counterfoil.web.access import needs
from counterfoil.web.customers.forms import DealerForm
from counterfoil.web.customers.lists import DEALERS
from counterfoil.web.customers.notes import notes_tab
from counterfoil.web.customers.own_charges import own_charges
from counterfoil.web.customers.views import with_states
from counterfoil.web.display import current_locale, current_zone
from counterfoil.web.exceptions.views import mended_at, object_of
from counterfoil.web.exceptions.views import seen as exceptions_seen_by
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import edit_page, posted, suggestions
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.counting import count_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import message_of, remedy_of
from counterfoil.web.templatetags.counterfoil import Tab

MOST_ROWS = 100


def address(dealer: Dealer) -> str:
    """Return the page of *dealer*."""
    return reverse("dealer", args=[dealer.pk])


def seen(request: HttpRequest) -> QuerySet[Dealer]:
    """Return the dealers the person may see."""
    return within_branches(Dealer.objects.select_related("customer", "branch"), user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def dealers(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(Dealer.objects.select_related("customer", "branch"))
    context = {"new": reverse("dealer-new"), "new_label": gettext("Add dealer")}
    return list_page(request, listing=DEALERS, queryset=rows, title=gettext("Dealers"), context=context)


@needs(Role.VIEWER)
def dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Show one, with its clients and history."""
    today = clock.now().astimezone(current_zone()).date()
    revenue = within_branches(RecurringRevenue.objects.all(), user=request.user)  # type: ignore[arg-type]
    rows = (
        seen(request)
        .select_related("own_client")
        .annotate(
            client_count=number_of(sites(), path="dealer"),
            own_count=number_of(Charge.objects.all(), path="client__own_of_dealer"),
            note_count=number_of(LogNote.objects.filter(is_done=False), path="dealer"),
            recurring=monthly_of_dealer(revenue, dealer=OuterRef("pk"), month=today.replace(day=1)),
        )
    )
    found = get_object_or_404(rows, pk=key)
    chosen = request.GET.get("tab", "clients")
    problems = exceptions_seen_by(request.user).filter(client__dealer=found)
    context: dict[str, Any] = {
        "dealer": found,
        "recurring": in_minor(found.recurring),
        "charge_count": count_of(Charge.objects.filter(client__dealer=found)).text(locale=current_locale()),
        "clients_query": f"dealer={quote(found.code)}",
        "title": found.name,
        "tabs": [
            Tab(gettext("Clients"), "?tab=clients", chosen == "clients", found.client_count),
            Tab(gettext("Charges of its own"), "?tab=own", chosen == "own", found.own_count),
            Tab(gettext("Invoices"), "?tab=invoices", chosen == "invoices"),
            Tab(gettext("Forecast"), "?tab=forecast", chosen == "forecast"),
            Tab(gettext("Exceptions"), "?tab=exceptions", chosen == "exceptions", problems.count()),
            Tab(gettext("Price list"), reverse("dealer-overrides", args=[key])),
            Tab(gettext("Contacts"), "?tab=contacts", chosen == "contacts"),
            Tab(gettext("Notes"), "?tab=notes", chosen == "notes", found.note_count),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "most": MOST_ROWS,
    }
    context |= _on_tab(found, chosen, problems=problems)
    return render(request, "customers/dealer.html", context)


def _on_tab(found: Dealer, chosen: str, *, problems: QuerySet[BillingException]) -> dict[str, Any]:
    """Return what the *chosen* tab of the page shows."""
    if chosen == "history":
        return {"history": history_of(found)}
    if chosen == "contacts":
        return {"contacts": list(found.contacts.all()), "contacts_of": "dealer", "contacts_key": found.pk}
    if chosen == "notes":
        return notes_tab(found, name="dealer", key=found.code)
    if chosen == "own":
        return own_charges(found, page="dealer-charge-new", most=MOST_ROWS)
    if chosen == "exceptions":
        beside = problems.select_related("charge", "client", "customer").order_by("-pk")
        told = [
            (
                one,
                object_of(one),
                mended_at(one),
                message_of(one.code, one.message),
                remedy_of(one.code, one.remedy),
            )
            for one in beside[:MOST_ROWS]
        ]
        return {"problems": told}
    if chosen == "invoices":
        paid = billing.visible_invoices().filter(customer=found.customer_id)
        recent = billing.with_state(paid).select_related("run", "hold", "exclusion", "number")
        return {"invoices": with_states(recent.order_by("-pk")[:MOST_ROWS]) if found.customer_id else []}
    clients = sites().filter(dealer=found).select_related("customer")
    return {"clients": list(clients.order_by("code")[:MOST_ROWS])}


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    form = DealerForm(posted(request), user=request.user)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("New dealer"),
        verb=gettext("Add dealer"),
        back=reverse("dealers"),
        done=address,
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(seen(request), pk=key)
    form = DealerForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
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
    """Suggest codes while one is typed."""
    return suggestions(request, rows=seen(request), key="code", label="name")
