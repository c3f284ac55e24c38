"""To whom days are billed again: the customer, and the tax rates that apply to them now (billing-rules 5.1)."""

from __future__ import annotations

from datetime import date

import polars as pl

from counterfoil.core.refusals import Refusal, shown
from counterfoil.engine.credit_by_hand import PayerAgain
from counterfoil.engine.frames import TAX_RATES
from counterfoil.engine.taxing import with_tax_rate
from counterfoil.flows.billing.load import read
from counterfoil.records.billing.models import Invoice, LineKind
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer


class CustomerDiffers(Refusal):
    """{account} is billed in {currency}, the invoice is in {invoice_currency}. Choose a customer billed in
    {invoice_currency}.
    """


class NoRateForCustomer(Refusal):
    """The tax category {category} has no rate in force on {tax_point} for {account}. Enter the rate, or choose another
    customer.
    """


class NoSuchAccount(Refusal):
    """There is no billing customer {account}. Give the account number of one."""


def payer_again(customer: BillingCustomer, *, invoice: Invoice, tax_point: date) -> PayerAgain:
    """Return *customer* as who pays when *invoice* is billed again. Raises `CustomerDiffers`.

    The customer's own invoice keeps its rates; another customer's are those in force at *tax_point* (5.1). Raises
    `NoRateForCustomer` where a tax category has none.
    """
    if customer.pk == invoice.customer_id:
        return PayerAgain(customer_id=customer.pk, branch_id=invoice.branch_id, tax_rates={})
    if customer.currency != invoice.currency:
        raise CustomerDiffers(
            account=customer.account, currency=customer.currency, invoice_currency=invoice.currency
        )
    organisation = the_organisation()
    repeated = invoice.lines.exclude(kind=LineKind.ADJUSTMENT)
    categories = sorted(set(repeated.values_list("tax_category_id", flat=True)))
    of_customer = pl.DataFrame(
        {"tax_category_id": categories},
        schema={"tax_category_id": pl.Int64},
    ).with_columns(country=pl.lit(customer.country), tax_status=pl.lit(customer.tax_status))
    rated = with_tax_rate(
        charges=of_customer,
        tax_rates=read("tax_rates", TAX_RATES),
        tax_point=tax_point,
        seller_country=organisation.country,
        seller_tax_status=organisation.tax_status,
    )
    rates = dict(rated.select("tax_category_id", "tax_rate").iter_rows())
    for category in TaxCategory.objects.filter(pk__in=[pk for pk, rate in rates.items() if rate is None]):
        raise NoRateForCustomer(category=category.code, tax_point=tax_point, account=customer.account)
    return PayerAgain(customer_id=customer.pk, branch_id=customer.branch_id, tax_rates=rates)


def customer_of_account(account: str) -> BillingCustomer:
    """Return the billing customer with that account number. Raises `NoSuchAccount`."""
    found = BillingCustomer.objects.filter(account=account).first()
    if found is None:
        raise NoSuchAccount(account=shown(account))
    return found
