"""The forms of events with their charge lines, of meters and of readings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.charges.models import BillableEvent, Charge, EventCharge, EventKind, Meter, Reading
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.charges.line_forms import LineForm, LineForms
from counterfoil.web.layout.editing import DayInput, KeyField, WordedForm

EXTRA_LINES = 3
MOST_LINES = 60
_INHERITED = _("Empty: from the customer's, the dealer's or the master charge")


class EventForm(WordedForm):
    """An event. Who pays, when it happened, and from which day on it is billed."""

    client = KeyField(
        Client.objects.all(),
        key="code",
        unknown=_("There is no client with this code. Type it exactly, or choose a suggestion."),
        suggestions="client-suggestions",
        required=True,
        label=_("Client"),
        help_text=_("Its code"),
    )
    customer = KeyField(
        BillingCustomer.objects.all(),
        key="account",
        unknown=_("There is no billing customer with this account. Type it exactly, or choose a suggestion."),
        suggestions="customer-suggestions",
        label=_("Billing customer"),
        help_text=_("Account number of who pays. Empty: the client's"),
    )

    class Meta:
        model = BillableEvent
        fields = [
            "key",
            "client",
            "occurred_on",
            "to_be_billed_on",
            "is_chargeable",
            "description",
            "customer",
            "po_number",
        ]
        widgets = {"occurred_on": DayInput, "to_be_billed_on": DayInput}
        labels = {
            "key": _("Identifier"),
            "is_chargeable": _("Chargeable"),
            "description": _("What happened"),
            "to_be_billed_on": _("To be billed on"),
            "po_number": _("Purchase order"),
        }
        help_texts = {
            "key": _("Any text that no other event has; imports find the event by it"),
            "to_be_billed_on": _("The first run whose cut-off reaches this day bills it. Empty: not yet"),
            "is_chargeable": "",
            "po_number": _("Printed on the invoice"),
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        clients = within_branches(Client.objects.all(), user=user)
        payers = within_branches(BillingCustomer.objects.all(), user=user)
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]
        self.fields["customer"].queryset = payers  # type: ignore[attr-defined]
        if surroundings_of(user).is_legacy:
            del self.fields["customer"]

    def clean(self) -> Any:
        """Bill an activation on the day it occurred unless another day is typed."""
        cleaned: Any = super().clean()
        if self.instance.kind == EventKind.ACTIVATION and not cleaned.get("to_be_billed_on"):
            cleaned["to_be_billed_on"] = cleaned.get("occurred_on")
        return cleaned


class EventChargeForm(LineForm):
    """One charge line of an event. A line without master charge is left out."""

    charge = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> Any:
        """Refuse a line that says something without saying what it charges."""
        cleaned: Any = super().clean()
        typed = [cleaned.get(name) for name in ("description", "quantity", "unit_price")]
        if not cleaned.get("master_charge") and any(value not in (None, "") for value in typed):
            self.add_error("master_charge", gettext("Name the master charge, or empty the line."))
        return cleaned

    def to_charge(self, known: dict[int, EventCharge]) -> EventCharge:
        """Return what was typed as a charge line: one of *known*, by id, or a new one."""
        values = self.cleaned_data
        charge = known.get(values.get("charge") or 0) or EventCharge()
        for name in ("master_charge", "description", "quantity", "unit_price", "tax_category"):
            setattr(charge, name, values[name])
        return charge


def line_forms(data: Any, *, event: BillableEvent) -> Any:
    """Return the forms of the event's lines, with empty ones to add some."""
    stored = list(event.charges.select_related("master_charge")) if event.pk else []
    extra = 0 if event.kind == EventKind.ACTIVATION and stored else 1
    more = EXTRA_LINES if event.kind != EventKind.ACTIVATION else extra
    formset = forms.formset_factory(
        EventChargeForm, formset=LineForms, extra=more, max_num=MOST_LINES, validate_max=True
    )
    initial = [
        {
            "charge": one.pk,
            "master_charge": one.master_charge,
            "description": one.description,
            "quantity": one.quantity,
            "unit_price": one.unit_price,
            "tax_category": one.tax_category_id,
        }
        for one in stored
    ]
    return formset(data, initial=initial, prefix="lines")


class MeterForm(WordedForm):
    """A meter of a charge whose master charge has a tariff."""

    charge = forms.CharField(label=_("Charge"), max_length=80, help_text=_("The charge's identifier"))

    class Meta:
        model = Meter
        fields = ["key", "charge", "name", "digits", "tolerance_days", "may_be_estimated"]
        labels = {
            "key": _("Meter"),
            "tolerance_days": _("Tolerance in days"),
            "may_be_estimated": _("May be estimated"),
        }
        help_texts = {
            "key": _("Its number, or any text that no other meter has"),
            "digits": _("Its counter begins again at 0 after so many digits. Empty: it never does"),
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        self._charges = within_branches(Charge.objects.all(), user=user, path="client__branch_id")
        if self.instance.pk:
            self.initial["charge"] = self.instance.charge.key

    def clean_charge(self) -> Charge:
        """Return the charge; refuse one that does not count readings."""
        found = self._charges.filter(key=self.cleaned_data["charge"]).select_related("master_charge__tariff")
        charge = found.first()
        if charge is None:
            raise forms.ValidationError(gettext("There is no charge with this identifier. Type it exactly."))
        if charge.master_charge.tariff is None:
            raise forms.ValidationError(
                gettext("%(master)s has no tariff, so its charges count nothing. Give it one first.")
                % {"master": charge.master_charge}
            )
        return charge

    def clean_digits(self) -> int | None:
        """Return the digits, one to nine."""
        digits: int | None = self.cleaned_data["digits"]
        if digits is not None and not 1 <= digits <= 9:
            raise forms.ValidationError(gettext("A counter has one to nine digits."))
        return digits


class ReadingForm(WordedForm):
    """What a meter showed on the morning of a day."""

    class Meta:
        model = Reading
        fields = ["read_on", "value", "is_estimate"]
        widgets = {"read_on": DayInput}
        labels = {"read_on": _("Read on"), "value": _("Reading"), "is_estimate": _("An estimate")}

    def clean_value(self) -> Any:
        """Return the reading; refuse a negative one."""
        value = self.cleaned_data["value"]
        if value < 0 or value > 10**9:
            raise forms.ValidationError(gettext("A reading lies between 0 and 1,000,000,000."))
        return value
