"""The pages of the catalogue: master charges, charge periods, taxes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count, islice
from typing import Any
from urllib.parse import quote

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.periods import BillOn, bill_date
from counterfoil.core.refusals import Refusal
from counterfoil.flows.own_clients import would_be_own_client
from counterfoil.flows.using import place_of
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    MasterCharge,
    Place,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.catalog.queries import assignable_masters
from counterfoil.records.charges.queries import grid_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.access import needs
from counterfoil.web.catalogue.forms import ChargePeriodForm, MasterChargeForm, TaxCategoryForm, TaxRateForm
from counterfoil.web.catalogue.lists import CHARGE_PERIODS, MASTER_CHARGES
from counterfoil.web.display import current_locale, current_zone
from counterfoil.web.layout.editing import edit_page, posted, suggestions
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.counting import count_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

PERIODS_SHOWN = 12
MOST_OVERRIDES = 100
LONGEST_ID = 19


def _master_address(master: MasterCharge) -> str:
    return reverse("master-charge", args=[master.pk])


@needs(Role.VIEWER)
def master_charges(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = MasterCharge.objects.select_related("charge_period", "tax_category")
    context = {"new": reverse("master-charge-new"), "new_label": gettext("Add master charge")}
    return list_page(
        request, listing=MASTER_CHARGES, queryset=rows, title=gettext("Master charges"), context=context
    )


@needs(Role.VIEWER)
def master_charge(request: HttpRequest, key: int) -> HttpResponse:
    """Show one, with who gets it differently and its history."""
    found = get_object_or_404(
        MasterCharge.objects.select_related("charge_period", "tax_category", "tariff"), pk=key
    )
    chosen = request.GET.get("tab", "overrides")
    overrides = ChargeOverride.objects.filter(master_charge=found)
    context: dict[str, Any] = {
        "master": found,
        "title": found.name,
        "chosen": chosen,
        "used_on": ", ".join(str(Place(place).label) for place in found.usable_on)
        or gettext("wherever it fits"),
        "charge_count": count_of(found.charges.all()).text(locale=current_locale()),
        "code_in_address": quote(found.code),
        "discount_count": found.discounts.count(),
        "tabs": [
            Tab(gettext("Price list"), "?tab=overrides", chosen == "overrides", overrides.count()),
            Tab(gettext("Prices"), reverse("master-charge-prices", args=[found.pk])),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
    }
    if chosen == "history":
        context["history"] = history_of(found)
    else:
        context["overrides"] = list(
            overrides.select_related("customer", "dealer", "charge_period", "tax_category")[:MOST_OVERRIDES]
        )
    return render(request, "catalogue/master_charge.html", context)


@needs(Role.BILLER)
def master_charge_new(request: HttpRequest) -> HttpResponse:
    """Add a master charge."""
    organisation = request.organisation  # type: ignore[attr-defined]
    form = MasterChargeForm(
        posted(request), initial={"currency": organisation.currency} if organisation else {}
    )
    return edit_page(
        request,
        form=form,
        title=gettext("New master charge"),
        verb=gettext("Add master charge"),
        back=reverse("master-charges"),
        done=_master_address,
    )


@needs(Role.BILLER)
def master_charge_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change a master charge."""
    found = get_object_or_404(MasterCharge, pk=key)
    form = MasterChargeForm(posted(request), instance=found)
    back = _master_address(found)
    return edit_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=back,
        done=_master_address,
    )


@needs(Role.VIEWER)
def master_charge_suggest(request: HttpRequest) -> HttpResponse:
    """Suggest codes while one is typed; those of a `?kind=`, those that a client, customer or dealer may be assigned.

    These are named by `?client=`, `?of_customer=` and `?of_dealer=`.
    """
    rows, kind = MasterCharge.objects.filter(is_active=True), request.GET.get("kind", "")
    place = kind
    for whom in _whom(request):
        rows = assignable_masters(customer_id=whom.customer_id, dealer_id=whom.dealer_id)
        place = place_of(whom).value
    if kind:
        rows = rows.filter(kind=kind.replace("\x00", ""))
    if place in Place.values:
        rows = rows.filter(Q(usable_on=[]) | Q(usable_on__contains=[place]))
    return suggestions(request, rows=rows, key="code", label="name")


_WHOM: dict[str, type[Any]] = {"client": Client, "of_customer": BillingCustomer, "of_dealer": Dealer}


def _whom(request: HttpRequest) -> list[Client]:
    """Return the client to whom something is to be assigned, an own one perhaps not stored yet; at most one."""
    for word, model in _WHOM.items():
        key = request.GET.get(word, "")
        if key.isascii() and key.isdecimal() and len(key) < LONGEST_ID:
            found = within_branches(model.objects.filter(pk=key), user=request.user).first()  # type: ignore[arg-type]
            if found is not None:
                return [found if word == "client" else would_be_own_client(found)]
    return []


@needs(Role.VIEWER)
def charge_periods(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("charge-period-new"), "new_label": gettext("Add charge period")}
    rows = ChargePeriod.objects.all()
    return list_page(
        request, listing=CHARGE_PERIODS, queryset=rows, title=gettext("Charge periods"), context=context
    )


@needs(Role.BILLER)
def charge_period_new(request: HttpRequest) -> HttpResponse:
    """Add a charge period."""
    form = ChargePeriodForm(posted(request), initial={"anchor": date(_today().year, 1, 1)})
    return _charge_period_page(
        request, form, title=gettext("New charge period"), verb=gettext("Add charge period")
    )


@needs(Role.BILLER)
def charge_period_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change a charge period."""
    found = get_object_or_404(ChargePeriod, pk=key)
    form = ChargePeriodForm(posted(request), instance=found)
    return _charge_period_page(
        request, form, title=gettext("Edit %(name)s") % {"name": found}, verb=gettext("Store changes")
    )


def _charge_period_page(
    request: HttpRequest, form: ChargePeriodForm, *, title: str, verb: str
) -> HttpResponse:
    back = reverse("charge-periods")
    return edit_page(
        request,
        form=form,
        title=title,
        verb=verb,
        back=back,
        done=lambda _: back,
        template="catalogue/charge_period.html",
    )


@needs(Role.VIEWER)
def next_periods(request: HttpRequest) -> HttpResponse:
    """Answer what is typed of a charge period with its next twelve periods and when each is billed."""
    form = ChargePeriodForm(request.GET)
    form.is_valid()
    typed = {name: value for name, value in form.cleaned_data.items() if name != "name"}
    rows: list[dict[str, Any]] = []
    problem = ""
    if typed.get("count") and typed.get("unit"):
        try:
            rows = _periods(ChargePeriod(**typed))
        except Refusal as refusal:
            problem = said(refusal)
    return render(request, "catalogue/next_periods.html", {"periods": rows, "problem": problem})


def _periods(period: ChargePeriod) -> list[dict[str, Any]]:
    """Return the days of the next twelve periods and their bill dates; a charge that starts today without anchor."""
    grid = grid_of(period, starts_on=_today())
    first = grid.index_of(_today())
    ranges = [grid.period(k) for k in islice(count(first), PERIODS_SHOWN)]
    return [
        {"days": days, "bill_date": bill_date(days, BillOn(period.bill_on), period.offset_days or 0)}
        for days in ranges
    ]


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()


@needs(Role.VIEWER)
def taxes(request: HttpRequest) -> HttpResponse:
    """Show the tax categories with their rates, newest first."""
    rates = Prefetch("rates", TaxRate.objects.order_by("country", "-valid_from"))
    context = {"categories": list(TaxCategory.objects.prefetch_related(rates)), "title": gettext("Taxes")}
    return render(request, "catalogue/taxes.html", context)


@needs(Role.BILLER)
def tax_category_new(request: HttpRequest) -> HttpResponse:
    """Add a tax category."""
    back = reverse("taxes")
    form = TaxCategoryForm(posted(request))
    return edit_page(
        request,
        form=form,
        title=gettext("New tax category"),
        verb=gettext("Add tax category"),
        back=back,
        done=lambda _: back,
    )


@needs(Role.BILLER)
def tax_category_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Rename a tax category."""
    found, back = get_object_or_404(TaxCategory, pk=key), reverse("taxes")
    form = TaxCategoryForm(posted(request), instance=found)
    return edit_page(
        request,
        form=form,
        title=gettext("Edit %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=back,
        done=lambda _: back,
    )


@needs(Role.BILLER)
def tax_rate_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Correct a rate; documents there are keep the tax they were given."""
    found, back = get_object_or_404(TaxRate.objects.select_related("category"), pk=key), reverse("taxes")
    form = TaxRateForm(posted(request), instance=found)
    title = gettext("Edit rate of %(category)s") % {"category": found.category}
    return edit_page(
        request, form=form, title=title, verb=gettext("Store changes"), back=back, done=lambda _: back
    )


@needs(Role.BILLER)
def tax_rate_new(request: HttpRequest) -> HttpResponse:
    """Add a rate from a day on."""
    back = reverse("taxes")
    form = TaxRateForm(
        posted(request),
        initial={"category": request.GET.get("category"), "valid_from": _today() + timedelta(days=1)},
    )
    return edit_page(
        request,
        form=form,
        title=gettext("New tax rate"),
        verb=gettext("Add tax rate"),
        back=back,
        done=lambda _: back,
    )
