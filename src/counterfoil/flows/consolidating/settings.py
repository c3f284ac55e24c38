"""How a customer's invoices are consolidated: typed, checked, stored (billing-rules 8.1, 8.4, 8.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction

from counterfoil.core.consolidation import Settings
from counterfoil.core.periods import Length
from counterfoil.core.refusals import Refusal
from counterfoil.records.billing.consolidating_actions import lock_consolidating
from counterfoil.records.billing.models import QueuedInvoice
from counterfoil.records.parties import consolidation_actions as actions
from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings


class InvoicesWait(Refusal):
    """{count} invoices of {customer} wait for a consolidated billing. Bill or release them before you switch it off."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What somebody types; amounts in minor units of the customer's currency, *cycle* such as "1 month" or empty.

    *next_date* None: the customer has no next date, and is neither held back by one nor rolled.
    """

    is_used: bool = True
    cycle: str = ""
    next_date: date | None = None
    minimum_minor: int | None = None
    limit_minor: int | None = None
    takes_sales: bool = False
    takes_service: bool = False


def store_settings(customer: BillingCustomer, typed: Typed) -> ConsolidationSettings:
    """Store how *customer*'s invoices are consolidated. A next date that is changed begins its cycles anew (8.6).

    Raises `NotALength`, `AmountNotPositive`, `MinimumNotBelowLimit`, and `InvoicesWait`.
    """
    cycle = str(Length.parse(typed.cycle)) if typed.cycle.strip() else ""
    checked = Settings(
        is_used=typed.is_used,
        currency=customer.currency,
        minimum_minor=typed.minimum_minor,
        limit_minor=typed.limit_minor,
    )
    with transaction.atomic():
        lock_consolidating()
        # Locked before it is counted what waits: a run that is being issued adds to that (8.1).
        before = ConsolidationSettings.objects.filter(customer=customer).select_for_update().first()
        if not checked.is_used:
            _need_nothing_waiting(customer)
        stays = before is not None and before.next_date == typed.next_date
        settings = ConsolidationSettings(
            customer=customer,
            is_used=typed.is_used,
            cycle=cycle,
            next_date=typed.next_date,
            typed_date=before.typed_date if before is not None and stays else typed.next_date,
            minimum_minor=typed.minimum_minor,
            limit_minor=typed.limit_minor,
            takes_sales=typed.takes_sales,
            takes_service=typed.takes_service,
        )
        actions.store_settings([settings])
    return settings


def change_settings(customer: BillingCustomer, changes: Mapping[str, Any]) -> ConsolidationSettings:
    """Store *changes*, fields of `Typed`; what they do not name stays as it is, also if somebody rolls it meanwhile.

    Raises what `store_settings` raises.
    """
    with transaction.atomic():
        lock_consolidating()
        present = ConsolidationSettings.objects.filter(customer=customer).select_for_update().first()
        kept = {field.name: getattr(present, field.name) for field in fields(Typed)} if present else {}
        return store_settings(customer, Typed(**{**kept, **changes}))


def settings_of(customer: BillingCustomer) -> ConsolidationSettings | None:
    """Return how *customer*'s invoices are consolidated, None where nobody has said yet."""
    return ConsolidationSettings.objects.filter(customer=customer).select_related("customer").first()


def _need_nothing_waiting(customer: BillingCustomer) -> None:
    waiting = QueuedInvoice.objects.filter(customer=customer).count()
    if waiting:
        raise InvoicesWait(count=waiting, customer=customer.account)
