"""What a person typed is stored: one new or changed record, by its own writer, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from psycopg.errors import UniqueViolation

from counterfoil.core.recipients import in_order
from counterfoil.flows.admitting import ValuesAreWrong, admit, admit_whole
from counterfoil.flows.own_clients import fit, own_client
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog import escalation_actions as escalations
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    Escalation,
    MasterCharge,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.charges import actions as charges
from counterfoil.records.charges import price_actions as prices
from counterfoil.records.charges.models import Charge, Discount, PriceChange
from counterfoil.records.organisation import actions as organisations
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.parties import actions as parties
from counterfoil.records.parties import commissioning_actions as commissionings
from counterfoil.records.parties import contact_actions as contacts
from counterfoil.records.parties.models import (
    BillingCustomer,
    Client,
    Contact,
    Dealer,
    LogNote,
    PastCommissioning,
)

STORED_MEANWHILE = (
    "Somebody else stored one like this at this moment. Look at that, or change what tells the two apart."
)

AnyRecord = TypeVar("AnyRecord", bound=models.Model)

_CREATE: dict[type[models.Model], Callable[[Any], Any]] = {
    BillingCustomer: parties.create_customers,
    Client: parties.create_clients,
    Branch: organisations.create_branches,
    Dealer: parties.create_dealers,
    MasterCharge: catalog.create_master_charges,
    ChargePeriod: catalog.create_charge_periods,
    TaxCategory: catalog.create_tax_categories,
    TaxRate: catalog.create_tax_rates,
    Charge: charges.create_charges,
    Discount: charges.create_discounts,
    ChargeOverride: catalog.create_overrides,
    Escalation: escalations.create_escalations,
    PastCommissioning: commissionings.create_commissionings,
    PriceChange: prices.create_price_changes,
    Contact: contacts.create_contacts,
    LogNote: contacts.create_notes,
}
_CHANGE: dict[type[models.Model], Callable[..., None]] = {
    BillingCustomer: parties.change_customers,
    Client: parties.change_clients,
    Branch: organisations.change_branches,
    Dealer: parties.change_dealers,
    MasterCharge: catalog.change_master_charges,
    ChargePeriod: catalog.change_charge_periods,
    TaxCategory: catalog.change_tax_categories,
    TaxRate: catalog.change_tax_rates,
    Charge: charges.change_charges,
    Organisation: lambda records, *, fields: organisations.change_organisation(records[0], fields=fields),
    Discount: charges.change_discounts,
    ChargeOverride: escalations.change_overrides,
    Escalation: escalations.change_escalations,
    PastCommissioning: commissionings.change_commissionings,
    PriceChange: prices.change_price_changes,
    Contact: contacts.change_contacts,
    LogNote: contacts.change_notes,
}
_DELETE: dict[type[models.Model], Callable[[Any], None]] = {
    ChargeOverride: escalations.delete_overrides,
    PastCommissioning: commissionings.delete_commissionings,
    PriceChange: prices.delete_price_changes,
    Contact: contacts.delete_contacts,
}


def store(record: AnyRecord, *, fields: Sequence[str]) -> AnyRecord:
    """Store *record*: all of it when it is new, else the *fields* that were typed; return it with its id.

    A charge of an own client that is not stored yet stores that first. Raises `ValuesAreWrong`, with what is wrong by
    field, and for such a charge `DealerPaysForNothing`.
    """
    with transaction.atomic():
        if isinstance(record, BillingCustomer):
            record.email = in_order(record.email)
        if isinstance(record, Charge):
            _give_client(record)
            fit(record)
        admit(record)
        return _write(record, fields=fields)


def _give_client(charge: Charge) -> None:
    """Let the own client of a *charge* be stored where it stands for a customer or a dealer that has none yet."""
    owner = charge.client.owner if charge.client.pk is None else None
    if owner is not None:
        charge.client = own_client(owner)


def _write(record: AnyRecord, *, fields: Sequence[str]) -> AnyRecord:
    try:
        with transaction.atomic():
            if record.pk is None:
                _CREATE[type(record)]([record])
            else:
                _CHANGE[type(record)]([record], fields=list(fields))
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise ValuesAreWrong(told=STORED_MEANWHILE, problems={"": STORED_MEANWHILE}) from error
    return record


def store_many(records: Sequence[models.Model], *, fields: Sequence[str]) -> int:
    """Store the changed *fields* of all *records*, of one kind, or of none; return how many. Raises as `store` does."""
    with transaction.atomic():
        for record in records:
            admit(record)
        if records:
            _CHANGE[type(records[0])](records, fields=list(fields))
    return len(records)


def store_sent(record: AnyRecord, *, fields: Sequence[str]) -> AnyRecord:
    """As `store`, for values that no form has looked at. Raises what that does."""
    with transaction.atomic():
        if isinstance(record, Charge):
            _give_client(record)
        admit_whole(record)
        return store(record, fields=fields)


def remove(record: models.Model) -> None:
    """Delete *record*. What it was billed by stays as it is."""
    with transaction.atomic():
        _DELETE[type(record)]([record])
