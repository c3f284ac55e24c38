"""The pages of charges: one charge with why it costs what it costs; assign and change."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.core.refusals import Refusal
from counterfoil.flows.assigning import next_key
from counterfoil.flows.foreseeing import foresee
from counterfoil.flows.own_clients import Owner, would_be_own_client
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import Charge, Discount
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.access import needs
from counterfoil.web.charges.forms import ChargeForm
from counterfoil.web.charges.inherited import inherited
from counterfoil.web.charges.lists import CHARGES
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import edit_page, posted
from counterfoil.web.layout.history import history_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.prices.shown import price_shown, today
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

MOST_LINES, LONGEST_ID = 100, 19
OWN_TAB = "?tab=own"
RELATED = (
    "client__customer",
    "client__dealer",
    "escalation",
    "master_charge__charge_period",
    "master_charge__tax_category",
    "master_charge__escalation",
    "master_charge__tariff",
    "customer",
)


def address(charge: Charge) -> str:
    """Return the page of *charge*."""
    return reverse("charge", args=[charge.pk])


def seen(request: HttpRequest) -> QuerySet[Charge]:
    """Return the charges the person may see: those of clients at their branches."""
    return within_branches(Charge.objects.all(), user=request.user, path="client__branch_id")  # type: ignore[arg-type]


def terms_seen(rows: QuerySet[Charge], *, key: int) -> ChargeTerms:
    """Return one of *rows*, which the person may see, with its terms; or answer that there is nothing here."""
    found = terms_of_charges(rows.filter(pk=key).select_related("master_charge__tariff"))
    if not found:
        raise Http404
    return found[0]


@needs(Role.VIEWER)
def charges(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    related = ("client__dealer", "client__branch", "master_charge")
    rows = sight_of(request).limits(Charge.objects.select_related(*related), path="client__branch")
    return list_page(request, listing=CHARGES, queryset=rows, title=gettext("Charges"))


@needs(Role.VIEWER)
def charge(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: its terms with their sources, what it billed, its history."""
    rows = seen(request).annotate(discount_count=number_of(Discount.objects.all(), path="charge"))
    terms = terms_seen(rows, key=key)
    chosen = request.GET.get("tab", "billed")
    context: dict[str, Any] = {
        "terms": terms,
        "charge": terms.charge,
        "home": home_of(terms.charge.client),
        "title": terms.description,
        "price": price_shown(terms),
        "discount_count": terms.charge.discount_count,  # type: ignore[attr-defined]
        "tabs": [
            Tab(gettext("Billed"), "?tab=billed", chosen == "billed"),
            Tab(gettext("Prices"), reverse("charge-prices", args=[key])),
            Tab(gettext("Forecast"), "?tab=forecast", chosen == "forecast"),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
    }
    if chosen == "history":
        context["history"] = history_of(terms.charge)
    else:
        lines = InvoiceLine.objects.filter(charge=terms.charge, invoice__in=billing.visible_invoices())
        newest = lines.select_related("invoice", "invoice__number").order_by("-period_start")
        context["lines"] = list(newest[:MOST_LINES])
    return render(request, "charges/charge.html", context)


@needs(Role.BILLER)
def new(request: HttpRequest, client: int) -> HttpResponse:
    """Assign a master charge to a client."""
    clients = within_branches(Client.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(clients, pk=client)
    return _new(request, found, name=str(found), of=f"client-{found.pk}")


@needs(Role.BILLER)
def new_of_customer(request: HttpRequest, key: int) -> HttpResponse:
    """Assign a master charge to a billing customer itself."""
    return _new_of_owner(request, "customer", get_object_or_404(_owners_seen(request)["customer"], pk=key))


@needs(Role.BILLER)
def new_of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Assign a master charge to a dealer itself."""
    return _new_of_owner(request, "dealer", get_object_or_404(_owners_seen(request)["dealer"], pk=key))


def _new_of_owner(request: HttpRequest, kind: str, owner: Owner) -> HttpResponse:
    return _new(request, would_be_own_client(owner), name=str(owner), of=f"{kind}-{owner.pk}")


def _new(request: HttpRequest, client: Client, *, name: str, of: str) -> HttpResponse:
    form = ChargeForm(
        posted(request),
        user=request.user,  # type: ignore[arg-type]
        instance=Charge(client=client),
        initial={"key": next_key(client), "starts_on": client.commissioned_on},
    )
    back = home_of(client)
    return edit_page(
        request,
        form=form,
        title=gettext("Assign charge to %(name)s") % {"name": name},
        verb=gettext("Assign charge"),
        back=back,
        done=lambda _: back,
        template="charges/form.html",
        context={"client": client, "home": back, "of": of},
    )


def home_of(client: Client) -> str:
    """Return the page with the charges of *client*, which may stand for a customer or a dealer itself."""
    if client.own_of_customer_id is not None:
        return reverse("customer", args=[client.own_of_customer_id]) + OWN_TAB
    if client.own_of_dealer_id is not None:
        return reverse("dealer", args=[client.own_of_dealer_id]) + OWN_TAB
    return reverse("client", args=[client.pk])


def _owners_seen(request: HttpRequest) -> dict[str, QuerySet[Any]]:
    """Return the billing customers and the dealers that the person may see, by the word for one."""
    kinds = {
        "customer": BillingCustomer.objects.select_related("own_client"),
        "dealer": Dealer.objects.select_related("customer", "own_client"),
    }
    return {kind: within_branches(rows, user=request.user) for kind, rows in kinds.items()}  # type: ignore[arg-type,type-var]


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change the dates, the price and the other values of one."""
    found = get_object_or_404(seen(request).select_related(*RELATED), pk=key)
    form = ChargeForm(posted(request), user=request.user, instance=found)  # type: ignore[arg-type]
    return edit_page(
        request,
        form=form,
        title=gettext("Edit charge %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=address(found),
        done=address,
        template="charges/form.html",
        context={"client": found.client, "home": home_of(found.client), "of": f"charge-{found.pk}"},
    )


@needs(Role.BILLER)
def typed(request: HttpRequest) -> HttpResponse:
    """Answer what is typed of a charge with what it would bill, and what is inherited; nothing is stored."""
    charge = _being_typed(request)
    form = ChargeForm(request.GET, user=request.user, instance=charge)  # type: ignore[arg-type]
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            found = foresee(form.instance, fields=list(form.fields), today=today())
        except Refusal as refusal:
            context["problem"] = said(refusal)
        else:
            credited = found.credits.net_minor.items()
            is_by_tariff = form.instance.master_charge.tariff_id is not None
            context |= {"found": found, "credited": credited, "is_by_tariff": is_by_tariff}
    else:
        first = next((told[0] for told in form.errors.values()), "")
        untold = gettext("Type the code of a master charge to see what it would bill.")
        context["problem"] = first if request.GET.get("master_charge") else untold
    typed_of = form.cleaned_data
    if typed_of.get("master_charge"):
        told = ("master_charge", "customer", "paid_by", "starts_on", "escalation")
        bare = Charge(client=charge.client, **{name: typed_of[name] for name in told if name in typed_of})
        bare.starts_on = bare.starts_on or today()
        told_of = inherited(bare, mode=surroundings_of(request.user).customer_mode)
        context["inherited"] = {name: words for name, words in told_of.items() if name in form.fields}
    return render(request, "charges/foreseen.html", context)


def _being_typed(request: HttpRequest) -> Charge:
    """Return the charge whose form is shown: a stored one, or a new one of a client, a customer or a dealer."""
    kind, _, number = request.GET.get("of", "").partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < LONGEST_ID):
        raise Http404
    if kind == "charge":
        return get_object_or_404(seen(request).select_related(*RELATED), pk=number)
    owners = _owners_seen(request)
    if kind in owners:
        return Charge(client=would_be_own_client(get_object_or_404(owners[kind], pk=number)))
    clients = within_branches(Client.objects.select_related("customer", "dealer"), user=request.user)  # type: ignore[arg-type]
    return Charge(client=get_object_or_404(clients, pk=number))
