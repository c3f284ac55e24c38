"""Links to the other system's pages: set up with a sample shown, and made for customers and invoices (product B4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from counterfoil.core.links import (
    CUSTOMER_PLACEHOLDERS,
    INVOICE_PLACEHOLDERS,
    SAMPLE,
    check_link_template,
    link,
)
from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.billing.documents import reference_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import EMAIL, Delivery
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import BillingLink, Organisation
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer


class WrongLink(Refusal):
    """The billing link cannot be stored. {what}: {why}"""


class NoSuchLink(Refusal):
    """There is no billing link {name}. Known are {known}."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Where templates would lead for a customer and an invoice that do not exist; empty without a template."""

    customer_page: str
    invoice_page: str


def samples(*, customer_page: str, invoice_page: str) -> Samples:
    """Return where the templates lead. Raises `NotALinkTemplate` and `UnknownLinkPlaceholder`."""
    check_link_template(customer_page, placeholders=CUSTOMER_PLACEHOLDERS)
    check_link_template(invoice_page, placeholders=INVOICE_PLACEHOLDERS)
    return Samples(
        customer_page=link(customer_page, values=SAMPLE), invoice_page=link(invoice_page, values=SAMPLE)
    )


def link_called(name: str) -> BillingLink:
    """Return the billing link *name*. Raises `NoSuchLink`."""
    found = BillingLink.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(BillingLink.objects.values_list("name", flat=True)) or "none"
        raise NoSuchLink(name=shown(name), known=known)
    return found


def store_link(
    record: BillingLink,
    *,
    customer_page: str | None = None,
    invoice_page: str | None = None,
    is_usual: bool | None = None,
) -> BillingLink:
    """Store *record* with the templates that are given; *is_usual* makes it the organisation's, or takes that back.

    Raises `WrongLink`.
    """
    if customer_page is not None:
        record.customer_page = customer_page
    if invoice_page is not None:
        record.invoice_page = invoice_page
    try:
        record.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        label = str(BillingLink._meta.get_field(name).verbose_name).capitalize()
        raise WrongLink(what=label, why=messages[0]) from error
    with transaction.atomic():
        actions.store_billing_link(record)
        if is_usual is not None:
            organisation = Organisation.objects.select_for_update().get(pk=the_organisation().pk)
            if is_usual:
                organisation.billing_link = record
            elif organisation.billing_link_id == record.pk:
                organisation.billing_link = None
            actions.change_organisation(organisation, fields=["billing_link"])
    return record


def link_of_customer(customer: BillingCustomer, *, usual: BillingLink | None) -> str:
    """Return the address of *customer* in the other system, *usual* where it has none of its own; empty without any."""
    chosen = customer.billing_link or usual
    values = {"account": customer.account, "customer": customer.name}
    return link(chosen.customer_page, values=values) if chosen else ""


def link_of_invoice(invoice: Invoice, *, usual: BillingLink | None) -> str:
    """Return the address of *invoice* in the other system, empty if there is none or it is not there yet."""
    chosen = invoice.customer.billing_link or usual
    if chosen is None or not chosen.invoice_page:
        return ""
    carried = Delivery.objects.filter(invoice=invoice).exclude(channel=EMAIL).exclude(external_number="")
    values = {
        "number": invoice.number.number if hasattr(invoice, "number") else "",
        "external_number": carried.values_list("external_number", flat=True).first() or "",
        "reference": reference_of(invoice.pk),
        "id": str(invoice.pk),
        "account": invoice.customer.account,
        "customer": invoice.customer.name,
    }
    return link(chosen.invoice_page, values=values)
