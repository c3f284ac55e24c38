"""The form by which a master charge is assigned to a client, a customer or a dealer, or the assignment changed."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.records.catalog.models import PAID_BY, MasterCharge
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.charges.inherited import inherited
from counterfoil.web.layout.editing import AdmittedForm, DayInput, KeyField, LastDayField

PAID_BY_HELP = _("Direct: the client's account is invoiced. Dealer: that of its dealer")
WHILE_COMMISSIONED = _("Only while commissioned")
_INHERITED = _("Empty: from the customer's, the dealer's or the master charge")


def ask_who_pays(form: ModelForm[Any], *, user: User) -> None:
    """Leave in *form* what says who pays: a billing customer, or in legacy customer mode the mark."""
    if surroundings_of(user).is_legacy:
        del form.fields["customer"]
        form.fields["paid_by"].choices = [("", gettext("As the master charge")), *PAID_BY]  # type: ignore[attr-defined]
    else:
        del form.fields["paid_by"]
        payers = within_branches(BillingCustomer.objects.all(), user=user)
        form.fields["customer"].queryset = payers  # type: ignore[attr-defined]


def leave_out_what_follows(form: ModelForm[Any], *, client: Client) -> None:
    """Leave out of *form* what follows from that a customer or a dealer itself is charged."""
    if client.is_own:
        for name in ("customer", "paid_by", "while_commissioned"):
            form.fields.pop(name, None)


def assignable_to(client: Client) -> str:
    """Return the query by which the codes are suggested that may be assigned to *client*, stored or not."""
    if client.pk is not None:
        return f"client={client.pk}"
    if client.own_of_customer_id is not None:
        return f"of_customer={client.own_of_customer_id}"
    return f"of_dealer={client.own_of_dealer_id}"


AS_BELOW = _("As the level below says")


def ask_while_commissioned(form: ModelForm[Any]) -> None:
    """Let *form* ask with yes, no, or the level below whether a charge is billed only while commissioned (rule 2.1)."""
    choices = [("unknown", AS_BELOW), ("true", _("Yes")), ("false", _("No"))]
    form.fields["while_commissioned"].widget.choices = choices  # type: ignore[attr-defined]


class ChargeForm(AdmittedForm):
    """A charge. What is left empty comes from the levels below (billing-rules 4.1)."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True),
        key="code",
        unknown=_(
            "There is no master charge that can be assigned with this code. Type it exactly, or choose a suggestion."
        ),
        suggestions="master-charge-suggestions",
        required=True,
        label=_("Master charge"),
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
    ends_before = LastDayField(
        label=_("Last day"), required=False, help_text=_("The last day that is billed. Empty: open")
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
            "while_commissioned",
            "tax_category",
            "escalation",
        ]
        widgets = {"starts_on": DayInput}
        labels = {
            "key": _("Identifier"),
            "starts_on": _("First day"),
            "while_commissioned": WHILE_COMMISSIONED,
            "paid_by": _("Paid by"),
            "po_number": _("Purchase order"),
        }
        help_texts = {
            "key": _("Any text that no other charge has; imports find the charge by it"),
            "paid_by": PAID_BY_HELP,
            "quantity": _INHERITED,
            "unit_price": _(
                "The price of one whole charge period, until the first price by date. Empty: from the "
                "customer's, the dealer's or the master charge"
            ),
            "description": _INHERITED,
            "while_commissioned": _INHERITED,
            "charge_period": _INHERITED,
            "tax_category": _INHERITED,
            "escalation": _("How its price grows by itself. Empty: as the master charge's"),
        }

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        if self.instance.master_charge_id:
            self.initial["master_charge"] = self.instance.master_charge
        ask_who_pays(self, user=user)
        ask_while_commissioned(self)
        leave_out_what_follows(self, client=self.instance.client)
        for name in ("charge_period", "tax_category", "escalation"):
            self.fields[name].empty_label = AS_BELOW  # type: ignore[attr-defined]
        if self.instance.master_charge_id:
            for name, told in inherited(self.instance, mode=surroundings_of(user).customer_mode).items():
                if name in self.fields:
                    self.fields[name].help_text = told
        master: Any = self.fields["master_charge"]
        if self.instance.pk:
            master.queryset = MasterCharge.objects.all()
        master.widget.query = assignable_to(self.instance.client)
