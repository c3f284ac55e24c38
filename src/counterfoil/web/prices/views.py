"""The pages of prices by date, of a charge, a master charge or an override (billing-rules 4.2 and 4.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.price_history import PriceStep
from counterfoil.core.pricing import Level
from counterfoil.flows.editing import remove
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.charges.price_queries import in_force, steps_of_charge, steps_of_level
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Dealer
from counterfoil.web.access import needs
from counterfoil.web.charges.views import terms_seen
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import AdmittedForm, DayInput, edit_page, posted
from counterfoil.web.prices.shown import YEARS_AHEAD, shown, today
from counterfoil.web.templatetags.counterfoil import Tab


class PriceForm(AdmittedForm):
    """A price from a day on."""

    class Meta:
        model = PriceChange
        fields = ["valid_from", "unit_price"]
        widgets = {"valid_from": DayInput}
        labels = {"valid_from": _("Valid from")}
        help_texts = {
            "valid_from": _(
                "A service period costs what is in force on its first day. What is billed stays as it is"
            ),
            "unit_price": _(
                "The price of one whole charge period. Empty: from this day on the next level decides"
            ),
        }


def seen_overrides(request: HttpRequest) -> QuerySet[ChargeOverride]:
    """Return the overrides of the customers and dealers the person may see."""
    user: Any = request.user
    customers = within_branches(BillingCustomer.objects.all(), user=user)
    dealers = within_branches(Dealer.objects.all(), user=user)
    rows = ChargeOverride.objects.select_related("master_charge", "customer", "dealer")
    return rows.filter(Q(customer__in=customers) | Q(dealer__in=dealers))


def override_of(change: PriceChange) -> ChargeOverride:
    """Return the override whose price *change* is; there is one unless it is a charge's or a master charge's."""
    return ChargeOverride.objects.select_related("master_charge", "customer", "dealer").get(
        pk=change.override_id
    )


def seen_charges(request: HttpRequest) -> QuerySet[Charge]:
    """Return the charges the person may see: those of clients at their branches."""
    user: Any = request.user
    rows = Charge.objects.select_related("client", "master_charge__escalation", "escalation")
    return within_branches(rows, user=user, path="client__branch_id")


def seen(request: HttpRequest) -> QuerySet[PriceChange]:
    """Return the price changes the person may see."""
    return PriceChange.objects.select_related("charge", "override", "master_charge").filter(
        Q(master_charge__isnull=False)
        | Q(charge__in=seen_charges(request))
        | Q(override__in=seen_overrides(request))
    )


def prices_of(owner: Charge | MasterCharge | ChargeOverride) -> str:
    """Return the address of the prices by date of *owner*."""
    names = {Charge: "charge-prices", MasterCharge: "master-charge-prices", ChargeOverride: "override-prices"}
    return reverse(names[type(owner)], args=[owner.pk])


@needs(Role.VIEWER)
def of_charge(request: HttpRequest, key: int) -> HttpResponse:
    """Show the prices of a charge through time, whoever sets them, and the dated ones of its own."""
    terms = terms_seen(seen_charges(request), key=key)
    found = terms.charge
    steps = steps_of_charge(terms, through=today() + timedelta(days=366 * YEARS_AHEAD))
    address = reverse("charge", args=[found.pk])
    tabs = [
        Tab(gettext("Billed"), f"{address}?tab=billed", is_here=False),
        Tab(gettext("Prices"), "", is_here=True),
        Tab(gettext("Forecast"), f"{address}?tab=forecast", is_here=False),
        Tab(gettext("History"), f"{address}?tab=history", is_here=False),
    ]
    growth = found.escalation or found.master_charge.escalation
    return _page(
        request,
        found,
        title=gettext("Prices of %(name)s") % {"name": found},
        back=address,
        steps=steps,
        tabs=tabs,
        growth=growth,
    )


@needs(Role.VIEWER)
def of_master(request: HttpRequest, key: int) -> HttpResponse:
    """Show the prices of a master charge by date."""
    found = get_object_or_404(MasterCharge.objects.select_related("escalation"), pk=key)
    address = reverse("master-charge", args=[found.pk])
    tabs = [
        Tab(gettext("Price list"), f"{address}?tab=overrides", is_here=False),
        Tab(gettext("Prices"), "", is_here=True),
        Tab(gettext("History"), f"{address}?tab=history", is_here=False),
    ]
    steps = steps_of_level(Level.MASTER, found)
    return _page(
        request,
        found,
        title=gettext("Prices of %(name)s") % {"name": found},
        back=address,
        steps=steps,
        tabs=tabs,
        growth=found.escalation,
    )


@needs(Role.VIEWER)
def of_override(request: HttpRequest, key: int) -> HttpResponse:
    """Show by date what one customer or dealer pays for a master charge."""
    found = get_object_or_404(seen_overrides(request), pk=key)
    level = Level.CUSTOMER if found.customer_id else Level.DEALER
    steps = steps_of_level(level, found)
    back = reverse("override-edit", args=[found.pk])
    return _page(
        request,
        found,
        title=gettext("Prices of %(name)s") % {"name": found},
        back=back,
        steps=steps,
        tabs=[],
        growth=None,
    )


@needs(Role.BILLER)
def new_of_charge(request: HttpRequest, key: int) -> HttpResponse:
    """Add a price of a charge."""
    return _new(request, PriceChange(charge=get_object_or_404(seen_charges(request), pk=key)))


@needs(Role.BILLER)
def new_of_master(request: HttpRequest, key: int) -> HttpResponse:
    """Add a price of a master charge."""
    return _new(request, PriceChange(master_charge=get_object_or_404(MasterCharge, pk=key)))


@needs(Role.BILLER)
def new_of_override(request: HttpRequest, key: int) -> HttpResponse:
    """Add a price of an override."""
    return _new(request, PriceChange(override=get_object_or_404(seen_overrides(request), pk=key)))


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change a price, or the day it begins."""
    found = get_object_or_404(seen(request), pk=key)
    back = prices_of(_owner(found))
    form = PriceForm(posted(request), instance=found)
    title = gettext("Edit price of %(name)s") % {"name": _owner(found)}
    return edit_page(
        request, form=form, title=title, verb=gettext("Store changes"), back=back, done=lambda _: back
    )


@needs(Role.BILLER)
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """Take a price back, once the person has agreed."""
    found = get_object_or_404(seen(request), pk=key)
    back = prices_of(_owner(found))
    confirmation = Confirmation(
        title=gettext("Delete the price from %(valid_from)s") % {"valid_from": found.valid_from},
        sentence=gettext(
            "The price of %(name)s from %(valid_from)s on is deleted. The one before it holds again."
        )
        % {"name": _owner(found), "valid_from": found.valid_from},
        lasting=gettext("What is billed already stays as it is."),
        verb=gettext("Delete price"),
        back=back,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    remove(found)
    messages.success(request, gettext("The price was deleted."))
    return HttpResponseRedirect(back)


def _new(request: HttpRequest, change: PriceChange) -> HttpResponse:
    owner = _owner(change)
    back = prices_of(owner)
    form = PriceForm(posted(request), instance=change)
    return edit_page(
        request,
        form=form,
        title=gettext("New price of %(name)s") % {"name": owner},
        verb=gettext("Add price"),
        back=back,
        done=lambda _: back,
    )


def _owner(change: PriceChange) -> Charge | MasterCharge | ChargeOverride:
    owner = change.charge or change.master_charge
    return owner if owner is not None else override_of(change)


def _page(
    request: HttpRequest,
    owner: Charge | MasterCharge | ChargeOverride,
    *,
    title: str,
    back: str,
    steps: list[PriceStep],
    tabs: list[Tab],
    growth: Any,
) -> HttpResponse:
    current, following = in_force(steps, on=today())
    master = owner if isinstance(owner, MasterCharge) else owner.master_charge
    context = {
        "title": title,
        "back": back,
        "owner": owner,
        "currency": master.currency,
        "changes": list(owner.price_changes.order_by("-valid_from")),
        "new": f"{prices_of(owner)}/new",
        "current": shown(current, is_in_force=True),
        "following": shown(following, is_in_force=False) if following else None,
        "steps": [shown(step, is_in_force=step is current) for step in reversed(steps)],
        "has_levels": isinstance(owner, Charge),
        "growth": growth,
        "tabs": tabs,
    }
    return render(request, "prices/prices.html", context)
