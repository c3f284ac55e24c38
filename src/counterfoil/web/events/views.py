"""The pages of events: activations, work orders, dispatches and sales."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.recording import mark_chargeable, record_event
from counterfoil.records.charges.models import BillableEvent, EventKind
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale, current_zone
from counterfoil.web.events.forms import EventForm, line_forms
from counterfoil.web.events.lists import (
    ACTIVATIONS,
    OTHER_EVENTS,
    STATES,
    WORK_ORDERS,
    state_of,
    with_invoices_and_payers,
)
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import posted
from counterfoil.web.layout.frame import BELONGS_TO
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.asking import nothing_ticked
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import list_page, selection_of
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

LIST_OF = {
    EventKind.ACTIVATION: "activations",
    EventKind.WORK_ORDER: "work-orders",
    EventKind.DISPATCH: "dispatch-and-sales",
    EventKind.SALE: "dispatch-and-sales",
}
NEW = {
    EventKind.ACTIVATION: _("New activation"),
    EventKind.WORK_ORDER: _("New work order"),
    EventKind.DISPATCH: _("New dispatch"),
    EventKind.SALE: _("New sale"),
}
ADD = {
    EventKind.ACTIVATION: _("Add activation"),
    EventKind.WORK_ORDER: _("Add work order"),
    EventKind.DISPATCH: _("Add dispatch"),
    EventKind.SALE: _("Add sale"),
}
OTHER_KINDS = (EventKind.DISPATCH, EventKind.SALE)


def seen(request: HttpRequest) -> QuerySet[BillableEvent]:
    """Return the events the person may see: those of clients at their branches, and no sales invoices by themselves."""
    rows = BillableEvent.objects.filter(is_invoice=False).select_related("client", "customer")
    return within_branches(rows, user=request.user, path="client__branch_id")  # type: ignore[arg-type]


@needs(Role.VIEWER)
def activations(request: HttpRequest) -> HttpResponseBase:
    """List the alarm responses."""
    return _list(request, ACTIVATIONS, title=gettext("Activations"), kinds=[EventKind.ACTIVATION])


@needs(Role.VIEWER)
def work_orders(request: HttpRequest) -> HttpResponseBase:
    """List the jobs."""
    return _list(request, WORK_ORDERS, title=gettext("Work orders"), kinds=[EventKind.WORK_ORDER])


@needs(Role.VIEWER)
def others(request: HttpRequest) -> HttpResponseBase:
    """List dispatches and sales."""
    return _list(request, OTHER_EVENTS, title=gettext("Dispatch and sales"), kinds=list(OTHER_KINDS))


def _list(request: HttpRequest, listing: Listing, *, title: str, kinds: list[EventKind]) -> HttpResponseBase:
    rows = sight_of(request).limits(
        BillableEvent.objects.filter(kind__in=kinds, is_invoice=False).select_related("client"),
        path="client__branch",
    )
    kind = kinds[-1]
    context = {
        "new": reverse("event-new", args=[kind.value]),
        "new_label": ADD[kind],
    }
    return list_page(request, listing=listing, queryset=rows, title=title, context=context)


@needs(Role.VIEWER)
def event(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: its charges, the invoice that charged it, its history."""
    found = get_object_or_404(seen(request), pk=key)
    with_invoices_and_payers([found])
    setattr(request, BELONGS_TO, reverse(LIST_OF[EventKind(found.kind)]))
    chosen = request.GET.get("tab", "charges")
    context: dict[str, Any] = {
        "event": found,
        "title": f"{found.get_kind_display()} {found.key}",
        "state": STATES[state_of(found)],
        "list_address": reverse(LIST_OF[EventKind(found.kind)]),
        "chosen": chosen,
        "tabs": [
            Tab(gettext("Charges"), "?tab=charges", chosen == "charges"),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
    }
    if chosen == "history":
        context["history"] = history_of(found)
    else:
        context["charges"] = list(found.charges.select_related("master_charge", "tax_category"))
    return render(request, "events/event.html", context)


@needs(Role.BILLER)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Add an event of a kind; `?client=` is the code of whose it is."""
    named = EventKind(kind)
    today = clock.now().astimezone(current_zone()).date()
    found = BillableEvent(kind=named.value)
    initial = {"occurred_on": today, "client": request.GET.get("client", "")}
    form = EventForm(posted(request), user=request.user, instance=found, initial=initial)  # type: ignore[arg-type]
    return _form_page(
        request,
        form,
        title=str(NEW[named]),
        verb=str(ADD[named]),
        back=reverse(LIST_OF[named]),
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one that is not charged yet."""
    found = get_object_or_404(seen(request), pk=key)
    form = EventForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    return _form_page(
        request,
        form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=reverse("event", args=[found.pk]),
    )


def _form_page(request: HttpRequest, form: EventForm, *, title: str, verb: str, back: str) -> HttpResponse:
    lines = line_forms(posted(request), event=form.instance)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        known = {one.pk: one for one in form.instance.charges.all()} if form.instance.pk else {}
        charges = [line.to_charge(known) for line in lines if line.cleaned_data.get("master_charge")]
        try:
            stored = record_event(form.instance, fields=list(form.fields), charges=charges)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(
                request,
                gettext("%(kind)s %(name)s was stored.")
                % {"kind": stored.get_kind_display(), "name": stored.key},
            )
            return HttpResponseRedirect(reverse("event", args=[stored.pk]))
    context = {"form": form, "lines": lines, "title": title, "verb": verb, "back": back}
    return render(request, "events/event_form.html", context)


@needs(Role.BILLER)
@require_POST
def chargeable(request: HttpRequest) -> HttpResponse:
    """Mark the ticked events as chargeable."""
    return _mark(request, is_chargeable=True)


@needs(Role.BILLER)
@require_POST
def not_chargeable(request: HttpRequest) -> HttpResponse:
    """Mark the ticked events as not chargeable."""
    return _mark(request, is_chargeable=False)


def _mark(request: HttpRequest, *, is_chargeable: bool) -> HttpResponse:
    selection = selection_of(request, listing=OTHER_EVENTS, queryset=seen(request))
    first = selection.queryset.order_by("pk").first()
    back = reverse(LIST_OF[EventKind(first.kind)] if first else "activations")
    if first is None:
        messages.warning(request, nothing_ticked(OTHER_EVENTS))
        return HttpResponseRedirect(back)
    verb = gettext("Mark chargeable") if is_chargeable else gettext("Mark not chargeable")
    sentence = (
        gettext("Mark %(ticked)s as chargeable.")
        if is_chargeable
        else gettext("Mark %(ticked)s as not chargeable.")
    )
    confirmation = Confirmation(
        title=verb,
        sentence=sentence % {"ticked": selection.sentence(locale=current_locale())},
        verb=verb,
        back=back,
        lasting="" if is_chargeable else gettext("No run bills them until they are marked chargeable again."),
        fields=selection.fields(),
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        changed = mark_chargeable(
            list(selection.queryset.order_by("pk").values_list("pk", flat=True)), chargeable=is_chargeable
        )
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, _marked(changed, is_chargeable=is_chargeable))
    return HttpResponseRedirect(back)


def _marked(count: int, *, is_chargeable: bool) -> str:
    if is_chargeable:
        words = ngettext("%(count)s event is chargeable now.", "%(count)s events are chargeable now.", count)
    else:
        words = ngettext(
            "%(count)s event is not chargeable now.", "%(count)s events are not chargeable now.", count
        )
    return words % {"count": count}
