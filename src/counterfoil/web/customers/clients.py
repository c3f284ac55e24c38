"""The pages of clients."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.adding_clients import add_client, would_add
from counterfoil.flows.ending_service import left_running
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import Charge, EventKind
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer, LogNote
from counterfoil.records.parties.queries import IS_SITE
from counterfoil.web.access import needs
from counterfoil.web.charges.priced import with_prices
from counterfoil.web.charges.views import home_of
from counterfoil.web.customers.forms import ClientForm, NewClientForm
from counterfoil.web.customers.lists import CLIENTS
from counterfoil.web.customers.notes import notes_tab
from counterfoil.web.display import current_zone
from counterfoil.web.events.lists import events_of, meters_of
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import edit_page, posted, suggestions
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

MOST_ROWS = 200
RELATED = ("customer", "dealer", "branch")


def address(client: Client) -> str:
    """Return the page of *client*."""
    return reverse("client", args=[client.pk])


def seen(request: HttpRequest) -> QuerySet[Client]:
    """Return the clients the person may see."""
    return within_branches(Client.objects.select_related(*RELATED), user=request.user)  # type: ignore[arg-type]


@needs(Role.VIEWER)
def clients(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = sight_of(request).limits(Client.objects.select_related(*RELATED))
    context = {"new": reverse("client-new"), "new_label": gettext("Add client")}
    return list_page(request, listing=CLIENTS, queryset=rows, title=gettext("Clients"), context=context)


@needs(Role.VIEWER)
def client(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: its charges with the source of each value, what was billed, its events, meters and history."""
    rows = seen(request).annotate(
        charge_count=number_of(Charge.objects.all(), path="client"),
        note_count=number_of(LogNote.objects.filter(is_done=False), path="client"),
    )
    found = get_object_or_404(rows, pk=key)
    chosen = request.GET.get("tab", "charges")
    context: dict[str, Any] = {
        "client": found,
        "home": home_of(found),
        "title": found.name,
        "tabs": [
            Tab(gettext("Charges"), "?tab=charges", chosen == "charges", found.charge_count),
            Tab(gettext("Billed"), "?tab=billed", chosen == "billed"),
            Tab(gettext("Events"), "?tab=events", chosen == "events"),
            Tab(gettext("Meters"), "?tab=meters", chosen == "meters"),
            Tab(gettext("Contacts"), "?tab=contacts", chosen == "contacts"),
            Tab(gettext("Notes"), "?tab=notes", chosen == "notes", found.note_count),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "most": MOST_ROWS,
    }
    if chosen == "history":
        context["history"] = history_of(found)
    elif chosen == "contacts":
        context |= {"contacts": list(found.contacts.all()), "contacts_of": "client", "contacts_key": key}
    elif chosen == "notes":
        context |= notes_tab(found, name="client", key=found.code)
    elif chosen == "events":
        context["events"] = events_of(found, most=MOST_ROWS)
        context["kinds"] = EventKind
    elif chosen == "meters":
        context["meters"] = meters_of(found, most=MOST_ROWS)
    elif chosen == "billed":
        billed = InvoiceLine.objects.filter(charge__client=found, invoice__in=billing.visible_invoices())
        lines = billed.select_related("invoice", "invoice__number").order_by("-pk")
        context["lines"] = list(lines[:MOST_ROWS])
    else:
        context["charges"] = with_prices(found.charges.order_by("key")[:MOST_ROWS])
    return render(request, "customers/client.html", context)


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one; `?customer=` names who pays, `?dealer=` whose client it is. Its branch is theirs."""
    dealers = within_branches(Dealer.objects.select_related("customer"), user=request.user)  # type: ignore[arg-type]
    dealer = dealers.filter(code=request.GET.get("dealer", "")).first()
    payer = BillingCustomer.objects.filter(account=request.GET.get("customer", "")).first()
    payer = payer or (dealer.customer if dealer else None)
    near = payer or dealer
    initial = {"customer": payer, "dealer": dealer, "branch": near.branch_id if near else None}
    form = NewClientForm(posted(request), user=request.user, initial=initial)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("New client"),
        verb=gettext("Add client"),
        back=reverse("clients"),
        done=address,
        template="customers/new_client_form.html",
        store_typed=lambda typed: _added(request, typed),
    )


def _added(request: HttpRequest, form: NewClientForm) -> Client:
    template = form.cleaned_data["template"]
    added = add_client(form.instance, template=template, today=_today())
    if template is not None:
        words = ngettext(
            "%(count)s charge of %(template)s was copied.",
            "%(count)s charges of %(template)s were copied.",
            len(added.charges),
        )
        messages.info(request, words % {"count": len(added.charges), "template": template})
    for reason, count in added.assigned.left_out.items():
        words = gettext("Left out: %(count)s, %(reason)s.") % {"count": count, "reason": said(reason)}
        messages.warning(request, words)
    return added.client


@needs(Role.BILLER)
def would_get(request: HttpRequest) -> HttpResponse:
    """Answer what is typed of a new client with the charges it would get, and what these cost."""
    form = NewClientForm(request.GET, user=request.user)  # type: ignore[arg-type]
    form.is_valid()
    typed = form.cleaned_data
    template: Client | None = typed.get("template")
    context: dict[str, Any] = {"problem": next(iter(form.errors.get("template", [])), "")}
    if template is not None:
        # The code and the name may still be missing, and have no say in what anything costs.
        probe = Client(
            code=f"new {uuid4()}", name=template.name, branch=typed.get("branch") or template.branch
        )
        probe.customer, probe.dealer = typed.get("customer"), typed.get("dealer")
        probe.commissioned_on = typed.get("commissioned_on") or _today()
        try:
            context["added"] = would_add(probe, template=template, today=_today())
        except Refusal as refusal:
            context["problem"] = said(refusal)
    return render(request, "customers/would_get.html", context)


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; of a client that stands for a customer or a dealer itself, change that."""
    found = get_object_or_404(seen(request), pk=key)
    if found.is_own:
        words = gettext("%(name)s follows the one it stands for: change that here.") % {"name": found}
        messages.info(request, words)
        page = "customer-edit" if found.own_of_customer_id else "dealer-edit"
        return HttpResponseRedirect(reverse(page, args=[found.own_of_customer_id or found.own_of_dealer_id]))
    form = ClientForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=address(found),
        done=address,
        template="customers/client_form.html",
    )


@needs(Role.BILLER)
def typed(request: HttpRequest, key: int) -> HttpResponse:
    """Answer what is typed of a client with what its last day leaves running, and what is credited."""
    found = get_object_or_404(seen(request), pk=key)
    form = ClientForm(request.GET, user=request.user, instance=found)  # type: ignore[arg-type]
    context: dict[str, Any] = {"client": found}
    if not form.is_valid():
        context["problem"] = next((told[0] for told in form.errors.values()), "")
    elif form.instance.decommissioned_on is None:
        context["problem"] = gettext("Service goes on, and so do its charges.")
    else:
        left = left_running(form.instance, ends_before=form.instance.decommissioned_on)
        context |= {"found": left, "credited": left.credits.net_minor.items()}
    return render(request, "customers/left_running.html", context)


@needs(Role.VIEWER)
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggest codes of sites while one is typed."""
    return suggestions(request, rows=seen(request).filter(IS_SITE), key="code", label="name")
