"""The form by which a master charge is assigned to a client, or the assignment changed."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm

from counterfoil.records.catalog.models import PAID_BY, MasterCharge
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import is_legacy, within_branches
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.layout.editing import AdmittedForm, DayInput, KeyField

PAID_BY_HELP = "Direct: the client's account is invoiced. Dealer: that of its dealer"
_INHERITED = "Empty: from the customer's, the dealer's or the master charge"


def ask_who_pays(form: ModelForm[Any], *, user: User) -> None:
    """Leave in *form* what says who pays: a billing customer, or in legacy customer mode the mark."""
    if is_legacy():
        del form.fields["customer"]
        form.fields["paid_by"].choices = [("", "As the master charge"), *PAID_BY]  # type: ignore[attr-defined]
    else:
        del form.fields["paid_by"]
        payers = within_branches(BillingCustomer.objects.all(), user=user)
        form.fields["customer"].queryset = payers  # type: ignore[attr-defined]


class ChargeForm(AdmittedForm):
    """A charge. What is left empty comes from the levels below (billing-rules 4.1)."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        noun="master charge that can be assigned",
        suggestions="master-charge-suggestions",
        required=True,
        label="Master charge",
        help_text="Its code",
    )
    customer = KeyField(
        BillingCustomer.objects.all(),
        key="account",
        noun="billing customer",
        suggestions="customer-suggestions",
        label="Billing customer",
        help_text="Account number of who pays. Empty: the client's",
    )

    class Meta:
        model = Charge
        fields = [
            "key",
            "master_charge",
            "starts_on",
            "ends_before",
            "quantity",
            "unit_price",
            "description",
            "customer",
            "paid_by",
            "po_number",
            "charge_period",
            "tax_category",
            "escalation",
        ]
        widgets = {"starts_on": DayInput, "ends_before": DayInput}
        labels = {
            "key": "Identifier",
            "ends_before": "Ends before",
            "paid_by": "Paid by",
            "po_number": "Purchase order",
        }
        help_texts = {
            "key": "Any text that no other charge has; imports find the charge by it",
            "ends_before": "The first day that is not billed any more. Empty: open",
            "paid_by": PAID_BY_HELP,
            "quantity": _INHERITED,
            "unit_price": f"The price of one whole charge period, until the first price by date. {_INHERITED}",
            "charge_period": _INHERITED,
            "tax_category": _INHERITED,
            "escalation": "How its price grows by itself. Empty: as the master charge's",
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        ask_who_pays(self, user=user)
        master: Any = self.fields["master_charge"]
        if self.instance.pk:
            master.queryset = MasterCharge.objects.all()
        master.widget.query = f"client={self.instance.client_id}"
