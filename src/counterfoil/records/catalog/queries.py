"""Questions about the catalogue: what may be assigned to whom, and the price list of a customer or dealer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.parties.models import BillingCustomer, Dealer


def assignable_masters(*, customer_id: int | None, dealer_id: int | None) -> QuerySet[MasterCharge]:
    """Return the active master charges that may be assigned to a client of this customer and this dealer.

    What the customer's override says holds before the dealer's, and that before the master charge
    (billing-rules 4.1).
    """
    said = [
        Subquery(
            ChargeOverride.objects.filter(master_charge=OuterRef("pk"), **{whose: key}).values("assignable")[
                :1
            ]
        )
        for whose, key in (("customer", customer_id), ("dealer", dealer_id))
        if key is not None
    ]
    rows = MasterCharge.objects.filter(is_active=True)
    if not said:
        return rows.filter(assignable=True)
    return rows.annotate(may_be_assigned=Coalesce(*said, F("assignable"))).filter(may_be_assigned=True)


LISTED = ("unit_price", "quantity", "description", "charge_period", "tax_category", "assignable")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One master charge in a price list: what it is there, and which level set each value."""

    master: MasterCharge
    override: ChargeOverride | None
    values: Mapping[str, Any]
    set_by: Mapping[str, str]


def price_list(whose: BillingCustomer | Dealer, *, most: int) -> list[Listed]:
    """Return what *whose* clients get of the active master charges, by code, at most *most* of them; two queries.

    Of a customer, what the dealers of its clients get differently is not seen here: each client has its own.
    """
    level = "customer" if isinstance(whose, BillingCustomer) else "dealer"
    related = ("charge_period", "tax_category")
    masters = list(
        MasterCharge.objects.filter(is_active=True).select_related(*related).order_by("code")[:most]
    )
    overrides = ChargeOverride.objects.filter(**{level: whose}, master_charge__in=masters)
    of_master = {one.master_charge_id: one for one in overrides.select_related(*related)}
    return [_listed(master, of_master.get(master.pk), level=level) for master in masters]


def _listed(master: MasterCharge, override: ChargeOverride | None, *, level: str) -> Listed:
    values: dict[str, Any] = {}
    set_by: dict[str, str] = {}
    for name in LISTED:
        own = getattr(override, name, None)
        is_own = own is not None and own != ""
        values[name] = own if is_own else getattr(master, name, "")
        set_by[name] = level if is_own else "master"
    return Listed(master=master, override=override, values=values, set_by=set_by)
