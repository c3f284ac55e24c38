"""The accounts of clients and dealers in legacy customer mode: each is a billing customer of its own (product B2)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.flows.editing import store
from counterfoil.records.organisation.queries import is_legacy
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer


class NotInLegacyMode(Refusal):
    """Clients and dealers have accounts in legacy customer mode only. Designate a billing customer instead."""


def account_of(whose: Client | Dealer) -> BillingCustomer:
    """Return the account of *whose*; a new one, not stored yet, that begins with its name, address and branch."""
    if whose.customer is not None:
        return whose.customer
    begun = BillingCustomer(name=whose.name, branch=whose.branch)
    if isinstance(whose, Client):
        begun.address, begun.postcode, begun.city = whose.address, whose.postcode, whose.city
    return begun


def store_account(account: BillingCustomer, *, of: Client | Dealer, fields: Sequence[str]) -> BillingCustomer:
    """Store the *account* of a client or dealer: all of a new one, else its *fields*.

    Raises `NotInLegacyMode`, and `ValuesAreWrong` with what is wrong by field.
    """
    if not is_legacy():
        raise NotInLegacyMode
    with transaction.atomic():
        stored = store(account, fields=fields)
        if of.customer_id != stored.pk:
            of.customer = stored
            store(of, fields=["customer"])
        return stored
