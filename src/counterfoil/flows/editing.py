"""What a person typed is stored: one new or changed record, by its own writer, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import models, transaction

from counterfoil.records.billing import actions as billing
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge, TaxCategory, TaxRate
from counterfoil.records.charges import actions as charges
from counterfoil.records.charges.models import Charge, Discount
from counterfoil.records.organisation import actions as organisations
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties import actions as parties
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

AnyRecord = TypeVar("AnyRecord", bound=models.Model)

_CREATE: dict[type[models.Model], Callable[[Any], Any]] = {
    BillingCustomer: parties.create_customers,
    Client: parties.create_clients,
    Dealer: parties.create_dealers,
    MasterCharge: catalog.create_master_charges,
    ChargePeriod: catalog.create_charge_periods,
    TaxCategory: catalog.create_tax_categories,
    TaxRate: catalog.create_tax_rates,
    Charge: charges.create_charges,
    Discount: charges.create_discounts,
    BatchDefinition: billing.create_definitions,
}
_CHANGE: dict[type[models.Model], Callable[..., None]] = {
    BillingCustomer: parties.change_customers,
    Client: parties.change_clients,
    Dealer: parties.change_dealers,
    MasterCharge: catalog.change_master_charges,
    ChargePeriod: catalog.change_charge_periods,
    TaxCategory: catalog.change_tax_categories,
    Charge: charges.change_charges,
    Organisation: lambda records, *, fields: organisations.change_organisation(records[0], fields=fields),
    Discount: charges.change_discounts,
    BatchDefinition: billing.change_definitions,
}


def store(record: AnyRecord, *, fields: Sequence[str]) -> AnyRecord:
    """Store *record*: all of it when it is new, else the *fields* that were typed; return it with its id."""
    with transaction.atomic():
        if record.pk is None:
            _CREATE[type(record)]([record])
        else:
            _CHANGE[type(record)]([record], fields=list(fields))
    return record
