"""The pages of tariffs: how usage is priced (billing-rules 4.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.recording import store_tariff
from counterfoil.records.catalog.models import Tariff, TariffTier
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.layout.editing import WordedForm, posted
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page

EXTRA_TIERS = 3
MOST_TIERS = 40

TARIFFS = Listing(
    name="tariffs",
    noun=Noun("tariff", "tariffs"),
    columns=(
        Column(name="name", label=_("Name"), link="tariff-edit", sort=("name",), index="unique name"),
        Column(name="counts", label=_("Counts"), value="get_counts_display"),
        Column(name="mode", label=_("Tiers"), value="get_mode_display"),
        Column(name="tier_count", label=_("How many"), kind=Kind.COUNT),
        Column(name="unit", label=_("Unit")),
        Column(name="unit_step", label=_("Rounded up to"), kind=Kind.QUANTITY, is_shown=False),
        Column(name="allowance", label=_("Free units"), kind=Kind.QUANTITY),
        Column(name="minimum", label=_("Minimum"), kind=Kind.QUANTITY),
    ),
    default_sort="name",
    search=("name__icontains",),
    search_hint=_("Name"),
    empty=Empty(
        title=_("No tariffs yet"),
        explanation=_(
            "A tariff prices what meters or activations count. A master charge that has one bills usage."
        ),
        action=_("Add tariff"),
        address_name="tariff-new",
    ),
)


class TariffForm(WordedForm):
    """How units are counted, what is free, and the least a period costs."""

    class Meta:
        model = Tariff
        fields = ["name", "counts", "mode", "unit", "unit_step", "allowance", "minimum"]
        labels = {
            "counts": _("What is counted"),
            "mode": _("How tiers price units"),
            "unit_step": _("Units are rounded up to"),
            "allowance": _("Free units"),
        }
        help_texts = {
            "unit": _("Printed beside the units, such as kWh"),
            "allowance": _("Of a whole charge period; a part of a period has its share"),
            "minimum": _("The least a whole charge period costs, in the master charge's currency"),
        }


class TierForm(forms.Form):
    """One tier. A tier without a price is left out."""

    from_units = forms.DecimalField(
        label=_("From units"), max_digits=15, decimal_places=6, min_value=0, initial=0, required=False
    )
    unit_price = forms.DecimalField(max_digits=18, decimal_places=6, required=False, label=_("Unit price"))
    fee = forms.DecimalField(label=_("Fee"), max_digits=18, decimal_places=6, required=False)


class TierForms(forms.BaseFormSet):  # type: ignore[type-arg]
    """The tiers of one tariff, each from another bound on."""

    def tiers(self) -> list[TariffTier]:
        """Return the tiers typed, by their bounds."""
        typed = [form.cleaned_data for form in self.forms if form.cleaned_data.get("unit_price") is not None]
        tiers = [
            TariffTier(
                from_units=one.get("from_units") or 0, unit_price=one["unit_price"], fee=one.get("fee") or 0
            )
            for one in typed
        ]
        return sorted(tiers, key=lambda tier: tier.from_units)

    def clean(self) -> None:
        """Refuse two tiers from the same bound on."""
        if any(self.errors):
            return
        bounds = [tier.from_units for tier in self.tiers()]
        if len(set(bounds)) < len(bounds):
            raise forms.ValidationError(gettext("Two tiers begin at the same units. Give each its own."))


@needs(Role.VIEWER)
def tariffs(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    rows = Tariff.objects.annotate(tier_count=Count("tiers"))
    context = {"new": reverse("tariff-new"), "new_label": gettext("Add tariff")}
    return list_page(request, listing=TARIFFS, queryset=rows, title=gettext("Tariffs"), context=context)


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add a tariff."""
    form = TariffForm(posted(request), instance=Tariff())
    return _form_page(request, form, title=gettext("New tariff"), verb=gettext("Add tariff"))


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change a tariff. What is billed already is never rated again."""
    found = get_object_or_404(Tariff, pk=key)
    form = TariffForm(posted(request), instance=found)
    return _form_page(
        request, form, title=gettext("Edit %(name)s") % {"name": found}, verb=gettext("Store changes")
    )


def _form_page(request: HttpRequest, form: TariffForm, *, title: str, verb: str) -> HttpResponse:
    tiers = _tier_forms(posted(request), tariff=form.instance)
    back = reverse("tariffs")
    if request.method == "POST" and form.is_valid() and tiers.is_valid():
        stored = store_tariff(form.instance, fields=list(form.fields), tiers=tiers.tiers())
        messages.success(request, gettext("%(name)s was stored.") % {"name": stored})
        return HttpResponseRedirect(back)
    context = {"form": form, "tiers": tiers, "title": title, "verb": verb, "back": back}
    return render(request, "catalogue/tariff.html", context)


def _tier_forms(data: Any, *, tariff: Tariff) -> Any:
    stored = (
        tariff.tiers.order_by("from_units").values("from_units", "unit_price", "fee") if tariff.pk else []
    )
    formset = forms.formset_factory(
        TierForm, formset=TierForms, extra=EXTRA_TIERS, max_num=MOST_TIERS, validate_max=True
    )
    return formset(data, initial=list(stored), prefix="tiers")
