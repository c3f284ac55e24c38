"""The forms of billing customers, clients and dealers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import is_legacy, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.customers.recipients import RecipientsField
from counterfoil.web.layout.editing import AdmittedForm, DayInput, KeyField, LastDayField

LAST_DAY_OF_SERVICE = _("Last day with service")


class OwnBranches(AdmittedForm):
    """A form whose branch is one of those the person may see; the only one is chosen already."""

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, **more)
        branches = within_branches(Branch.objects.all(), user=user, path="pk")
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]
        found = list(branches[:2])
        if len(found) == 1:
            self.fields["branch"].initial = found[0]
        for name in ("customer", "dealer"):
            if name in self.fields:
                field = self.fields[name]
                field.queryset = within_branches(field.queryset, user=user)  # type: ignore[attr-defined]


class CustomerForm(OwnBranches):
    """A billing customer."""

    email = RecipientsField(
        label=_("E-mail"),
        required=False,
        help_text=_("Who gets what by e-mail. Rows without an address count for nothing"),
    )

    class Meta:
        model = BillingCustomer
        fields = [
            "account",
            "name",
            "email",
            "delivery",
            "currency",
            "payment_terms",
            "group",
            "branch",
            "address",
            "postcode",
            "city",
            "country",
            "tax_id",
            "tax_status",
            "language",
            "billing_link",
            "is_active",
        ]
        labels = {"is_active": _("Is billed (a customer that is not active becomes an exception)")}
        help_texts = {
            "account": _("The key into the accounting package"),
            "currency": _("Three letters, such as EUR"),
            "payment_terms": _("Such as “14 days”. Empty: the organisation's"),
            "country": _("Two letters, such as IE"),
            "group": _("Definitions can select by it"),
        }

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        return str(self.cleaned_data["currency"].upper())

    def clean_country(self) -> str:
        """Return the country's code in capitals."""
        return str(self.cleaned_data["country"].upper())


class OfAnAccount(OwnBranches):
    """The form of who may have an account: its default customer is chosen here in standard customer mode only."""

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        if is_legacy():
            del self.fields["customer"]


def _customer_field(*, help_text: str) -> KeyField:
    return KeyField(
        BillingCustomer.objects.all(),
        key="account",
        unknown=_("There is no billing customer with this account. Type it exactly, or choose a suggestion."),
        suggestions="customer-suggestions",
        label=_("Billing customer"),
        help_text=help_text,
    )


class ClientForm(OfAnAccount):
    """A client."""

    customer = _customer_field(help_text=_("Account number of who pays, unless a charge says otherwise"))
    dealer = KeyField(
        Dealer.objects.all(),
        key="code",
        unknown=_("There is no dealer with this code. Type it exactly, or choose a suggestion."),
        suggestions="dealer-suggestions",
        help_text=_("Code"),
    )
    decommissioned_on = LastDayField(
        label=LAST_DAY_OF_SERVICE, required=False, help_text=_("Empty: service goes on")
    )

    class Meta:
        model = Client
        fields = [
            "code",
            "name",
            "customer",
            "dealer",
            "branch",
            "address",
            "postcode",
            "city",
            "commissioned_on",
            "decommissioned_on",
        ]
        widgets = {"commissioned_on": DayInput}


class DealerForm(OfAnAccount):
    """A dealer."""

    customer = _customer_field(help_text=_("Account number, where the dealer pays for its clients"))

    class Meta:
        model = Dealer
        fields = ["code", "name", "customer", "branch", "is_active"]
        labels = {"is_active": _("Is active")}
