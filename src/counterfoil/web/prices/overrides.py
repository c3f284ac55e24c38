"""The pages of price lists: what one customer, or one dealer, gets differently (billing-rules 4.1, product A3)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil.flows.editing import remove
from counterfoil.flows.price_lists import let_be_assigned, would_change
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.catalog.queries import price_list
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Dealer
from counterfoil.web.access import needs
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import AdmittedForm, KeyField, edit_page, posted
from counterfoil.web.prices.shown import today
from counterfoil.web.prices.views import seen_overrides

MOST_MASTERS = 1_000
KEPT = _("Charges that are assigned already stay.")
_INHERITED = _("Empty: from the next level")
_FROM_NEXT = _("From the next level")


class OverrideForm(AdmittedForm):
    """An override. What is left empty is decided by the next level."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        unknown=_("There is no master charge with this code. Type it exactly, or choose a suggestion."),
        suggestions="master-charge-suggestions",
        required=True,
        label=_("Master charge"),
        help_text=_("Its code"),
    )

    class Meta:
        model = ChargeOverride
        fields = [
            "master_charge",
            "unit_price",
            "quantity",
            "description",
            "charge_period",
            "tax_category",
            "while_commissioned",
            "assignable",
        ]
        labels = {
            "while_commissioned": _("Billed only while the client is commissioned"),
            "assignable": _("May be assigned"),
        }
        help_texts = {
            "unit_price": _("Until the first price by date. Empty: from the next level"),
            "quantity": _INHERITED,
            "description": _INHERITED,
        }

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for name in ("charge_period", "tax_category"):
            self.fields[name].empty_label = _FROM_NEXT  # type: ignore[attr-defined]
        for name in ("while_commissioned", "assignable"):
            self.fields[name].widget.choices = [
                ("unknown", _FROM_NEXT),
                ("true", gettext("Yes")),
                ("false", gettext("No")),
            ]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["master_charge"].queryset = MasterCharge.objects.all()  # type: ignore[attr-defined]


@needs(Role.VIEWER)
def of_customer(request: HttpRequest, key: int) -> HttpResponse:
    """Show the price list of one customer: what its clients get, and what they may have."""
    customers = within_branches(BillingCustomer.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(customers, pk=key)
    return _list(request, whose=found, kind="customer")


@needs(Role.VIEWER)
def of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Show the price list of one dealer: what its clients get, and what they may have."""
    dealers = within_branches(Dealer.objects.all(), user=request.user)  # type: ignore[arg-type]
    found = get_object_or_404(dealers, pk=key)
    return _list(request, whose=found, kind="dealer")


def _list(request: HttpRequest, *, whose: BillingCustomer | Dealer, kind: str) -> HttpResponse:
    rows = price_list(whose, most=MOST_MASTERS)
    chosen = request.GET.get("show", "")
    if chosen == "own":
        rows = [row for row in rows if row.override is not None]
    elif chosen == "assignable":
        rows = [row for row in rows if row.values["assignable"]]
    context = {
        "title": gettext("Price list of %(name)s") % {"name": whose.name},
        "whose": whose,
        "back": reverse(kind, args=[whose.pk]),
        "new": reverse(f"{kind}-override-new", args=[whose.pk]),
        "assignable": reverse(f"{kind}-assignable", args=[whose.pk]),
        "rows": rows,
        "shown": chosen,
        "most": MOST_MASTERS,
    }
    return render(request, "prices/overrides.html", context)


@needs(Role.BILLER)
@require_POST
def assignable_of_customer(request: HttpRequest, key: int) -> HttpResponse:
    """Say of what is ticked whether the clients of one customer may have it."""
    customers = within_branches(BillingCustomer.objects.all(), user=request.user)  # type: ignore[arg-type]
    return _assignable(request, whose=get_object_or_404(customers, pk=key), kind="customer")


@needs(Role.BILLER)
@require_POST
def assignable_of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Say of what is ticked whether the clients of one dealer may have it."""
    dealers = within_branches(Dealer.objects.all(), user=request.user)  # type: ignore[arg-type]
    return _assignable(request, whose=get_object_or_404(dealers, pk=key), kind="dealer")


def _assignable(request: HttpRequest, *, whose: BillingCustomer | Dealer, kind: str) -> HttpResponse:
    ticked = [
        key for key in request.POST.getlist("selected")[:MOST_MASTERS] if key.isdecimal() and len(key) < 19
    ]
    masters = MasterCharge.objects.filter(pk__in=ticked)
    if "say" not in request.POST:
        count = masters.count()
        words = ngettext("%(count)s master charge", "%(count)s master charges", count) % {"count": count}
        return HttpResponse(words, content_type="text/plain; charset=utf-8")
    said = {"yes": True, "no": False}.get(request.POST["say"])
    count = let_be_assigned(masters, whose=whose, assignable=said)
    messages.success(
        request,
        gettext(
            "The price list says something else of %(count)s master charges now. Charges that are assigned "
            "already stay."
        )
        % {"count": count},
    )
    return HttpResponseRedirect(reverse(f"{kind}-overrides", args=[whose.pk]))


@needs(Role.BILLER)
def new_of_customer(request: HttpRequest, key: int) -> HttpResponse:
    """Let one customer have a master charge differently."""
    customers = within_branches(BillingCustomer.objects.all(), user=request.user)  # type: ignore[arg-type]
    return _new(request, ChargeOverride(customer=get_object_or_404(customers, pk=key)))


@needs(Role.BILLER)
def new_of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Let the clients of one dealer have a master charge differently."""
    dealers = within_branches(Dealer.objects.all(), user=request.user)  # type: ignore[arg-type]
    return _new(request, ChargeOverride(dealer=get_object_or_404(dealers, pk=key)))


def _new(request: HttpRequest, override: ChargeOverride) -> HttpResponse:
    whose, back = override.customer or override.dealer, _list_of(override)
    form = OverrideForm(
        posted(request), instance=override, initial={"master_charge": request.GET.get("code", "")}
    )
    title = gettext("New override for %(name)s") % {"name": whose}
    return edit_page(
        request,
        form=form,
        title=title,
        verb=gettext("Add override"),
        back=back,
        done=_list_of,
        template="prices/override.html",
        context={"whose": whose, "of": f"{'dealer' if override.dealer_id else 'customer'}-{whose.pk}"},
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(seen_overrides(request), pk=key)
    form = OverrideForm(posted(request), instance=found)
    return edit_page(
        request,
        form=form,
        title=gettext("Edit override %(name)s") % {"name": found},
        verb=gettext("Store changes"),
        back=_list_of(found),
        done=_list_of,
        template="prices/override.html",
        context={"whose": found.customer or found.dealer, "of": f"override-{found.pk}"},
    )


@needs(Role.BILLER)
def typed(request: HttpRequest) -> HttpResponse:
    """Answer what is typed of an override with what it would change, for how many charges; nothing is stored."""
    override = _being_typed(request)
    form = OverrideForm(request.GET, instance=override)
    if form.is_valid():
        context = {"found": would_change(form.instance, today=today()), "override": form.instance}
    else:
        context = {
            "problem": next((told[0] for told in form.errors.values()), ""),
            "code": request.GET.get("master_charge"),
        }
    return render(request, "prices/would_change.html", context)


def _being_typed(request: HttpRequest) -> ChargeOverride:
    """Return the override whose form is shown: a stored one, or a new one of a dealer or a customer."""
    key = request.GET.get("of", "")
    kind, _, number = key.partition("-")
    owners = {"dealer": Dealer, "customer": BillingCustomer}
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Http404
    if kind not in owners:
        return get_object_or_404(seen_overrides(request), pk=number)
    rows = within_branches(owners[kind].objects.all(), user=request.user)  # type: ignore[attr-defined]
    return ChargeOverride(**{kind: get_object_or_404(rows, pk=number)})


@needs(Role.BILLER)
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """Take one back, once the person has agreed."""
    found = get_object_or_404(seen_overrides(request), pk=key)
    back = _list_of(found)
    dated = found.price_changes.count()
    confirmation = Confirmation(
        title=gettext("Delete override %(name)s") % {"name": found},
        sentence=gettext("%(name)s is deleted. The next level decides again, for all that is not billed yet.")
        % {"name": found},
        figures=[(gettext("Prices by date deleted with it"), str(dated))] if dated else [],
        lasting=gettext("What is billed already stays as it is."),
        verb=gettext("Delete override"),
        back=back,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    remove(found)
    messages.success(request, gettext("The override was deleted."))
    return HttpResponseRedirect(back)


def _list_of(override: ChargeOverride) -> str:
    if override.customer_id:
        return reverse("customer-overrides", args=[override.customer_id])
    return reverse("dealer-overrides", args=[override.dealer_id])
