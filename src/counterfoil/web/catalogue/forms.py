"""The forms of master charges, charge periods and taxes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from counterfoil.records.catalog.models import ChargePeriod, MasterCharge, TaxCategory, TaxRate
from counterfoil.web.layout.editing import DayInput, currency_code

MOST_UNITS = 1200
LAST_DAY = 31
ONLY_MONTHS = "It goes with months and years only."


class MasterChargeForm(forms.ModelForm):
    """A master charge."""

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
            "charge_period",
            "escalation",
            "tariff",
            "tax_category",
            "price_includes_tax",
            "while_commissioned",
            "assignable",
            "is_active",
        ]
        labels = {
            "price_includes_tax": "Prices include tax",
            "while_commissioned": "Billed only while the client is commissioned",
            "assignable": "May be assigned",
            "is_active": "Is active",
        }
        help_texts = {"ledger_code": "The revenue account, in the accounting package's words"}

    def clean_currency(self) -> str:
        """Return the code in capitals; refuse one that is no currency."""
        return currency_code(self.cleaned_data["currency"])


class ChargePeriodForm(forms.ModelForm):
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
            "count": "How many",
            "part_charging": "Part of a period",
            "day_count": "How days are counted",
            "bill_on": "Billed",
            "offset_days": "Days after it",
            "split_on_price_change": "Split on price changes",
        }
        help_texts = {
            "anchor": "First day of one period; all others follow from it. Empty: from each charge's start",
            "billing_day": "Day of the month on which periods begin, instead of an anchor",
            "offset_days": "Negative: days before",
            "split_on_price_change": "A period in which the price changes is billed by days, each part at its own "
            "price. Else it costs what its first day does",
        }
        # The only constraint that `clean` leaves: no two charge periods are the same but for their names.
        error_messages = {NON_FIELD_ERRORS: {None: "There is a charge period just like this. Use that one."}}

    def clean(self) -> Any:
        """Refuse no length, two anchors, and what only months have on days and weeks."""
        cleaned: Any = super().clean()
        count, day = cleaned.get("count"), cleaned.get("billing_day")
        has_months = cleaned.get("unit") in {"month", "year"}
        if count is not None and not 1 <= count <= MOST_UNITS:
            self.add_error("count", f"It must be at least 1 and at most {MOST_UNITS}.")
        if day is not None and not 1 <= day <= LAST_DAY:
            self.add_error("billing_day", f"It must be at least 1 and at most {LAST_DAY}.")
        elif day is not None and cleaned.get("anchor") is not None:
            self.add_error("billing_day", "Fill in an anchor or a billing day, and leave the other empty.")
        elif day is not None and not has_months:
            self.add_error("billing_day", ONLY_MONTHS)
        for name, word in (("part_charging", "monthly"), ("day_count", "by_month")):
            if cleaned.get(name) == word and not has_months:
                self.add_error(name, ONLY_MONTHS)
        return cleaned


class TaxCategoryForm(forms.ModelForm):
    """A tax category."""

    class Meta:
        model = TaxCategory
        fields = ["code", "name"]


class TaxRateForm(forms.ModelForm):
    """A rate from a day on. Rates are added, never changed: what was billed stays as it was."""

    class Meta:
        model = TaxRate
        fields = ["category", "rate", "valid_from", "country"]
        widgets = {"valid_from": DayInput}
        help_texts = {"rate": "Percent, such as 23", "country": "Two letters. Empty: everywhere"}

    def clean_country(self) -> str:
        """Return the country's code in capitals."""
        return str(self.cleaned_data["country"].upper())
