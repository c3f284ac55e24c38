"""The forms of billing customers, clients and dealers."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.flows.document_settings import languages
from counterfoil.flows.importing.values import countries
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import is_legacy, within_branches
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.web.customers.recipients import RecipientsField
from counterfoil.web.display import current_locale
from counterfoil.web.documents.forms import language_name
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

    currency = forms.ChoiceField(label=_("Currency"))
    country = forms.ChoiceField(label=_("Country"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)

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
            "payment_terms": _("Such as “14 days”. Empty: the organisation's"),
            "group": _("Definitions can select by it"),
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        customer: BillingCustomer = self.instance
        named = current_locale().territories
        known = [(code, named.get(code, code)) for code in {*countries(), customer.country} - {""}]
        choices: dict[str, list[tuple[str, Any]]] = {
            "currency": [(code, code) for code in sorted({*MINOR_DIGITS, customer.currency} - {""})],
            "country": [("", "–"), *sorted(known, key=itemgetter(1))],
            "language": [
                ("", _("The organisation's")),
                *(
                    (code, language_name(code))
                    for code in dict.fromkeys([*languages(), customer.language])
                    if code
                ),
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


class OfAnAccount(OwnBranches):
    """The form of who may have an account: its default customer is chosen here in standard customer mode only."""

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        if is_legacy():
            del self.fields["customer"]


def customer_field(*, help_text: str) -> KeyField:
    """Return the field in which who pays is named."""
    return KeyField(
        BillingCustomer.objects.all(),
        key="account",
        unknown=_("There is no billing customer with this account. Type it exactly, or choose a suggestion."),
        suggestions="customer-suggestions",
        label=_("Billing customer"),
        help_text=help_text,
    )


def dealer_field(*, help_text: str) -> KeyField:
    """Return the field in which a dealer is named."""
    return KeyField(
        Dealer.objects.all(),
        key="code",
        unknown=_("There is no dealer with this code. Type it exactly, or choose a suggestion."),
        suggestions="dealer-suggestions",
        label=_("Dealer"),
        help_text=help_text,
    )


class ClientForm(OfAnAccount):
    """A client."""

    customer = customer_field(help_text=_("Account number of who pays, unless a charge says otherwise"))
    dealer = dealer_field(help_text=_("Code"))
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


class NewClientForm(ClientForm):
    """A client to be added, with the charges of another if one is named."""

    template = KeyField(
        Client.objects.all(),
        key="code",
        unknown=_("There is no client with this code. Type it exactly, or choose a suggestion."),
        suggestions="client-suggestions",
        label=_("Template client"),
        help_text=_(
            "Code of a client whose charges of today the new one gets, too, from the day it is commissioned. "
            "Quantities, prices and words are copied, not who pays"
        ),
    )

    def __init__(self, data: Any = None, *, user: User, **more: Any) -> None:
        super().__init__(data, user=user, **more)
        field: Any = self.fields["template"]
        field.queryset = within_branches(field.queryset, user=user)


class DealerForm(OfAnAccount):
    """A dealer."""

    customer = customer_field(help_text=_("Account number, where the dealer pays for its clients"))

    class Meta:
        model = Dealer
        fields = ["code", "name", "customer", "branch", "is_active"]
        labels = {"is_active": _("Is active")}
