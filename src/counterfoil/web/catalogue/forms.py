"""The forms of master charges, charge periods and taxes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.admitting import SAME_PERIOD
from counterfoil.records.catalog.models import (
    ChargePeriod,
    MasterCharge,
    Place,
    RevenueMethod,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.organisation.queries import is_legacy
from counterfoil.web.layout.editing import AdmittedForm, DayInput, LastDayField, WordedForm


class MasterChargeForm(AdmittedForm):
    """A master charge."""

    usable_on = forms.MultipleChoiceField(
        choices=Place.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Used on"),
        help_text=_("None ticked: wherever it fits"),
    )
    active_end = LastDayField(
        label=_("Active until"),
        required=False,
        help_text=_(
            "The last day on which it can be assigned or recorded. What is assigned goes on. Empty: open"
        ),
    )

    class Meta:
        model = MasterCharge
        fields = [
            "code",
            "name",
            "kind",
            "ledger_code",
            "unit_price",
            "currency",
            "quantity",
            "unit",
            "unit_cost",
            "revenue_method",
            "charge_period",
            "escalation",
            "tariff",
            "tax_category",
            "paid_by",
            "price_includes_tax",
            "while_commissioned",
            "assignable",
            "usable_on",
            "active_start",
            "active_end",
            "is_active",
        ]
        widgets = {"active_start": DayInput}
        labels = {
            "unit_cost": _("Unit cost"),
            "revenue_method": _("Revenue is earned"),
            "active_start": _("Active from"),
            "paid_by": _("Paid by"),
            "price_includes_tax": _("Prices include tax"),
            "while_commissioned": _("Billed only while the client is commissioned"),
            "assignable": _("May be assigned"),
            "is_active": _("Is active"),
        }
        help_texts = {
            "unit_cost": _("What one unit of a whole charge period costs you, for reports of margins"),
            "active_start": _("The first day on which it can be assigned or recorded. Empty: always"),
            "ledger_code": _("The revenue account, in the accounting package's words"),
            "paid_by": _("Unless the charge says otherwise: the account of the client, or of its dealer"),
        }

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        words = [("", _("As usual for its kind: services over their period, others on invoice"))]
        self.fields["revenue_method"].choices = [*words, *RevenueMethod.choices]  # type: ignore[attr-defined]
        if not is_legacy():
            del self.fields["paid_by"]

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"].upper())


class ChargePeriodForm(AdmittedForm):
    """A charge period; its next twelve periods are shown while it is typed."""

    class Meta:
        model = ChargePeriod
        fields = [
            "name",
            "count",
            "unit",
            "anchor",
            "billing_day",
            "part_charging",
            "day_count",
            "bill_on",
            "offset_days",
            "split_on_price_change",
        ]
        widgets = {"anchor": DayInput}
        labels = {
            "count": _("How many"),
            "part_charging": _("Part of a period"),
            "day_count": _("How days are counted"),
            "bill_on": _("Billed"),
            "offset_days": _("Days after it"),
            "split_on_price_change": _("Split on price changes"),
        }
        help_texts = {
            "anchor": _(
                "First day of one period; all others follow from it. Empty: from each charge's start"
            ),
            "billing_day": _("Day of the month on which periods begin, instead of an anchor"),
            "offset_days": _("Negative: days before"),
            "split_on_price_change": _(
                "A period in which the price changes is billed by days, each part at its own price. Else "
                "it costs what its first day does"
            ),
        }
        error_messages = {NON_FIELD_ERRORS: {None: SAME_PERIOD}}


class TaxCategoryForm(WordedForm):
    """A tax category."""

    class Meta:
        model = TaxCategory
        fields = ["code", "name"]


class TaxRateForm(AdmittedForm):
    """A rate from a day on. A new rate is added; one typed wrong is corrected, and what was billed stays as it was."""

    class Meta:
        model = TaxRate
        fields = ["category", "rate", "valid_from", "country"]
        widgets = {"valid_from": DayInput}
        help_texts = {
            "rate": _("Percent, such as 23. A rate that changes is a new one, from its day on"),
            "country": _("Two letters. Empty: everywhere"),
        }

    def clean_country(self) -> str:
        """Return the country's code in capitals."""
        return str(self.cleaned_data["country"].upper())
