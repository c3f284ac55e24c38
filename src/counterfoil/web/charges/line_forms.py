"""The lines of an event and of a sales invoice as they are typed: what a master charge says, but for what is given."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from counterfoil.records.catalog.models import MasterCharge, TaxCategory
from counterfoil.web.layout.editing import KeyField

EMPTY = (None, "")


class LineForm(forms.Form):
    """One line: its master charge, and what the line says itself."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        unknown=_("There is no master charge with this code. Type it exactly, or choose a suggestion."),
        suggestions="master-charge-suggestions",
        label=_("Master charge"),
    )
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=15, decimal_places=6, required=False)
    unit_price = forms.DecimalField(max_digits=18, decimal_places=6, required=False, label=_("Unit price"))
    tax_category = forms.ModelChoiceField(
        TaxCategory.objects.all(),
        required=False,
        label=_("Tax category"),
        empty_label=_("As the master charge"),
    )

    def __init__(self, *args: Any, tax_choices: list[tuple[Any, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["tax_category"].choices = tax_choices  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = str(field.label or name)


class LineForms(forms.BaseFormSet):  # type: ignore[type-arg]
    """The forms of all lines; what each chooses from is asked for once."""

    @cached_property
    def _tax_choices(self) -> list[tuple[Any, str]]:
        return list(iter(self.form.base_fields["tax_category"].choices))  # a list of it would count as well

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Give each form the tax categories."""
        return {**super().get_form_kwargs(index), "tax_choices": self._tax_choices}
