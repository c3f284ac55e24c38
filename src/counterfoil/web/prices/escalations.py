"""The pages of escalations: list and form (billing-rules 4.3)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.ending_terms import end_escalation, less_without_escalation, without_escalation
from counterfoil.records.catalog.models import Escalation
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale, money_text
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.layout.editing import AdmittedForm, DayInput, edit_page, posted
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.prices.shown import today

NOT_WORKED_OUT = _("not worked out: more than a thousand charges grow by it")


class EscalationForm(AdmittedForm):
    """How prices grow: by how much, when, and rounded to what."""

    class Meta:
        model = Escalation
        fields = ["name", "rate", "every_periods", "on_date", "yearly", "step"]
        widgets = {"on_date": DayInput}
        labels = {
            "rate": _("Percent"),
            "every_periods": _("Every so many charge periods"),
            "on_date": _("On a date"),
            "yearly": _("And on that day of every later year"),
            "step": _("Rounded to"),
        }
        help_texts = {
            "rate": _("Such as 3.5; negative lowers the price"),
            "every_periods": _(
                "Counted from the first whole period of each charge, anew where a price is set by hand"
            ),
            "on_date": _("Charges that begin later are not raised by it"),
            "step": _("The new price is a multiple of it: 0.01, 0.05, 1 or 100"),
        }


def _when(row: Escalation) -> str:
    if row.every_periods:
        return (
            gettext("every period")
            if row.every_periods == 1
            else gettext("every %(every_periods)s periods") % {"every_periods": row.every_periods}
        )
    return (
        gettext("yearly from %(on_date)s") % {"on_date": row.on_date}
        if row.yearly
        else gettext("on %(on_date)s") % {"on_date": row.on_date}
    )


ESCALATIONS = Listing(
    name="escalations",
    noun=Noun("escalation", "escalations"),
    columns=(
        Column(name="name", label=_("Name"), link="escalation-edit", sort=("name",), index="unique name"),
        Column(name="rate", label=_("Percent"), kind=Kind.PERCENT),
        Column(name="when", label=_("When"), value=_when),
        Column(name="step", label=_("Rounded to"), kind=Kind.QUANTITY),
    ),
    default_sort="name",
    search=("name__icontains",),
    search_hint=_("Name"),
    empty=Empty(
        title=_("No escalations yet"),
        explanation=_(
            "An escalation lets the prices of charges grow by themselves, every so many periods or on a date."
        ),
        action=_("Add escalation"),
        address_name="escalation-new",
    ),
)


@needs(Role.VIEWER)
def escalations(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("escalation-new"), "new_label": gettext("Add escalation")}
    rows = Escalation.objects.all()
    return list_page(
        request, listing=ESCALATIONS, queryset=rows, title=gettext("Escalations"), context=context
    )


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    return _page(request, Escalation(), title=gettext("New escalation"), verb=gettext("Add escalation"))


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; what is billed already stays."""
    found = get_object_or_404(Escalation, pk=key)
    return _page(
        request,
        found,
        title=gettext("Edit escalation %(name)s") % {"name": found},
        verb=gettext("Store changes"),
    )


@needs(Role.BILLER)
def end(request: HttpRequest, key: int) -> HttpResponse:
    """Say what stops growing and which prices stay, then take an escalation away."""
    found = get_object_or_404(Escalation, pk=key)
    back, locale = reverse("escalation-edit", args=[key]), current_locale()
    changed = without_escalation(found, today=today())
    kept = "" if changed.kept is None else count_text(changed.kept, locale=locale)
    confirmation = Confirmation(
        title=gettext("End escalation %(name)s") % {"name": found},
        sentence=gettext(
            "Nothing grows by %(name)s any more. Prices that it has raised stay as they are today."
        )
        % {"name": found},
        figures=[
            (gettext("Charges that stop growing"), count_text(changed.charges, locale=locale)),
            (gettext("Master charges that name it"), count_text(changed.master_charges, locale=locale)),
            (
                gettext("Charges that keep the prices they have grown to"),
                kept or str(NOT_WORKED_OUT),
            ),
        ],
        foreseen_at=reverse("escalation-end-amount", args=[key]),
        lasting=gettext(
            "What is billed already stays as it is. The history keeps the escalation and your reason."
        ),
        verb=gettext("End escalation"),
        back=back,
        asks_reason=True,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    end_escalation(found, today=today(), reason=reason_given(request))
    messages.success(request, gettext("Escalation %(name)s was ended.") % {"name": found})
    return HttpResponseRedirect(reverse("escalations"))


@needs(Role.BILLER)
def end_amount(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with how much less is billed in twelve months once an escalation has ended."""
    found = get_object_or_404(Escalation, pk=key)
    less, locale = less_without_escalation(found, today=today()), current_locale()
    label = gettext("Billed less in the next twelve months")
    figures = [
        (f"{label}, {currency}", money_text(minor, currency, locale=locale))
        for currency, minor in (less or {}).items()
    ]
    told = figures or [(label, str(NOT_WORKED_OUT) if less is None else gettext("nothing"))]
    return render(request, "counterfoil/parts/figures.html", {"figures": told})


def _page(request: HttpRequest, escalation: Escalation, *, title: str, verb: str) -> HttpResponse:
    form = EscalationForm(posted(request), instance=escalation)
    back = reverse("escalations")
    context = {"remove": reverse("escalation-end", args=[escalation.pk])} if escalation.pk else {}
    context["remove_label"] = gettext("End escalation")
    return edit_page(
        request, form=form, title=title, verb=verb, back=back, done=lambda _: back, context=context
    )
