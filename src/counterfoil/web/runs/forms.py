"""The form that asks for a run: by a definition, or on the spot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.requesting import (
    days_of,
    request_by_definition,
    request_on_the_spot,
)
from counterfoil.flows.billing.run import Request
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Payer
from counterfoil.records.catalog.models import Kind
from counterfoil.records.labels import english
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import given_branches, within_branches
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.saying import said

GIVES_BACK = {
    CreditBasis.DAILY: _("Gives back, by the day, what was billed for days that are no longer served"),
    CreditBasis.MONTHLY: _("Gives back, by whole months, what was billed for time that is no longer served"),
}


class RunForm(forms.Form):
    """What to bill, by when, dated when. `request` is the run asked for, once the form is valid."""

    definition = forms.ModelChoiceField(
        BatchDefinition.objects.filter(is_active=True),
        label=_("Definition"),
        required=False,
        empty_label=_("On the spot: service charges"),
        help_text=_(
            "A definition says itself who pays, how invoices are grouped and where they go; without one every service "
            "charge is billed, as chosen below"
        ),
    )
    payer = forms.ChoiceField(
        label=_("Who pays"), choices=Payer.choices, required=False, help_text=_("Counts without a definition")
    )
    branch = forms.ModelChoiceField(
        Branch.objects.all(),
        label=_("Branch"),
        required=False,
        empty_label=_("Every branch"),
        help_text=_("Counts without a definition"),
    )
    cutoff = forms.DateField(
        label=_("Cut-off"),
        widget=DayInput,
        help_text=_("Everything with a bill date up to this day is billed"),
    )
    invoice_date = forms.DateField(label=_("Invoice date"), widget=DayInput)
    tax_point = forms.DateField(
        label=_("Tax point"),
        widget=DayInput,
        required=False,
        help_text=_("The day whose tax rates apply. Empty: the invoice date"),
    )

    def __init__(self, data: Any = None, *, user: User, today: date, **more: Any) -> None:
        initial = more.pop("initial", {})
        super().__init__(data, initial={**_days_at_first(initial, today=today), **initial}, **more)
        self.request: Request
        branches = within_branches(Branch.objects.all(), user=user, path="pk")
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]
        self.must_name_branch = bool(given_branches(user))
        if self.must_name_branch:
            own = BatchDefinition.objects.filter(is_active=True, branch__in=branches)
            self.fields["definition"].queryset = own  # type: ignore[attr-defined]
            self.fields["branch"].empty_label = None  # type: ignore[attr-defined]
        self._ask_by_definition()

    def _ask_by_definition(self) -> None:
        """Have the days asked for anew once a definition is chosen, and leave out what it says itself."""
        field = self.fields["definition"]
        anew = {"hx-get": reverse("run-new"), "hx-trigger": "change", "hx-swap": "outerHTML"}
        field.widget.attrs.update({**anew, "hx-target": ".run-new", "hx-select": ".run-new"})
        # A button pressed while the form is brought in anew would be gone before it is let go.
        field.widget.attrs["hx-disabled-elt"] = ".run-new button"
        definition = _definition((self.data if self.is_bound else self.initial).get("definition"))
        if definition is None:
            return
        for name in ("payer", "branch"):
            self.fields[name].disabled = True
            self.fields[name].help_text = gettext("The definition says it")
        self.fields["branch"].empty_label = gettext("As the definition says")  # type: ignore[attr-defined]
        self.fields["payer"].choices = [("", gettext("As the definition says"))]  # type: ignore[attr-defined]
        for name in ("cutoff", "invoice_date"):
            self.fields[name].help_text = gettext(
                "Filled in by the definition's rule; another day may be typed"
            )
        field.help_text = GIVES_BACK.get(definition.credit_basis, field.help_text)

    def clean(self) -> Any:
        """Put the request together; refuse what cannot be run."""
        cleaned: Any = super().clean()
        if self.errors:
            return cleaned
        days = {name: cleaned[name] for name in ("cutoff", "invoice_date", "tax_point")}
        if self.must_name_branch and not cleaned["definition"] and not cleaned["branch"]:
            self.add_error("branch", gettext("Choose one of your branches."))
            return cleaned
        try:
            self.request = self._asked(cleaned, days)
        except Refusal as refusal:
            self.add_error(None, said(refusal))
        return cleaned

    def _asked(self, cleaned: dict[str, Any], days: dict[str, date]) -> Request:
        if cleaned["definition"]:
            return request_by_definition(cleaned["definition"], **days)
        spot = request_on_the_spot([Kind.SERVICE.value], **days)
        branch, payer = cleaned["branch"], cleaned["payer"] or Payer.ANY.value
        selection = replace(spot.selection, payer=payer, branch_id=branch.pk if branch else None)
        # The title is stored, and so it is English like everything that is.
        names = [
            english(Payer(payer).label) if payer != Payer.ANY else "all",
            *([branch.name] if branch else []),
        ]
        title = f"Service, {', '.join(names).lower()}"
        return replace(spot, selection=selection, title=title)


def _definition(key: object) -> BatchDefinition | None:
    """Return the definition with the key that an address or a form gives, None where it is none."""
    text = str(key)
    return BatchDefinition.objects.filter(pk=text).first() if text.isdecimal() and len(text) < 19 else None


def _days_at_first(initial: dict[str, Any], *, today: date) -> dict[str, date]:
    """Return the days that are filled in beforehand: those of the definition that was come from, if any."""
    definition = _definition(initial.get("definition", ""))
    if definition is None:
        return {"cutoff": today.replace(day=1), "invoice_date": today}
    cutoff, invoice_date = days_of(definition, today=today)
    return {"cutoff": cutoff, "invoice_date": invoice_date}
