"""Questions about charges: what each costs, who says so, and what it has billed (billing-rules 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from counterfoil.core.periods import DateRange, Grid, Length, Unit
from counterfoil.core.refusals import Refusal
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import BillingCustomer

VALUES = ("unit_price", "quantity", "charge_period", "tax_category", "while_commissioned", "description")


@dataclass(frozen=True, kw_only=True)
class ChargeTerms:
    """A charge, the value of each of its terms and the level that set it, and the next period it bills."""

    charge: Charge
    values: Mapping[str, Any]
    set_by: Mapping[str, str]
    next_period: DateRange | None

    @property
    def payer(self) -> BillingCustomer | None:
        """Return who pays: the charge's customer, else the client's."""
        return self.charge.customer or self.charge.client.customer

    @property
    def payer_set_by(self) -> str:
        """Return the level that says who pays."""
        return "assignment" if self.charge.customer_id else "client"

    @property
    def description(self) -> str:
        """Return what its lines say."""
        return str(self.values["description"] or self.charge.master_charge.name)


def terms_of_charges(charges: QuerySet[Charge]) -> list[ChargeTerms]:
    """Return *charges*, in their order, with where each value comes from; two queries."""
    related = (
        "master_charge__charge_period",
        "master_charge__tax_category",
        "master_charge__escalation",
        "charge_period",
        "tax_category",
        "escalation",
    )
    rows = list(charges.select_related(*related, "client__customer", "client__dealer", "customer", "span"))
    overrides = ChargeOverride.objects.select_related("charge_period", "tax_category").filter(
        Q(customer__in={_payer_id(row) for row in rows} - {None})
        | Q(dealer__in={row.client.dealer_id for row in rows} - {None}),
        master_charge__in={row.master_charge_id for row in rows},
    )
    by_customer = {(one.master_charge_id, one.customer_id): one for one in overrides if one.customer_id}
    by_dealer = {(one.master_charge_id, one.dealer_id): one for one in overrides if one.dealer_id}
    return [
        _terms(
            row,
            levels=[
                ("assignment", row),
                ("customer", by_customer.get((row.master_charge_id, _payer_id(row)))),
                ("dealer", by_dealer.get((row.master_charge_id, row.client.dealer_id))),
                ("master", row.master_charge),
            ],
        )
        for row in rows
    ]


def grid_of(period: ChargePeriod, *, starts_on: date) -> Grid:
    """Return the grid on which a charge that starts on *starts_on* is billed (billing-rules 1.4)."""
    length = Length(period.count, Unit(period.unit))
    if period.billing_day:
        return Grid.for_billing_day(length=length, billing_day=period.billing_day, starts_on=starts_on)
    return Grid(length=length, anchor=period.anchor or starts_on)


def _payer_id(charge: Charge) -> int | None:
    return charge.customer_id or charge.client.customer_id


def _terms(charge: Charge, *, levels: Sequence[tuple[str, Any]]) -> ChargeTerms:
    values: dict[str, Any] = dict.fromkeys(VALUES)
    set_by: dict[str, str] = {}
    for name in VALUES:
        for level, source in levels:
            value = getattr(source, name, None) if source is not None else None
            if value is not None and value != "":
                values[name], set_by[name] = value, level
                break
    period = values["charge_period"]
    return ChargeTerms(
        charge=charge,
        values=values,
        set_by=set_by,
        next_period=_next_period(charge, period) if period else None,
    )


def _next_period(charge: Charge, period: ChargePeriod) -> DateRange | None:
    """Return the first days not billed yet, up to the end of their grid period; None when all are billed."""
    span = getattr(charge, "span", None)
    starts = max(charge.starts_on, (span.billed_to if span else None) or charge.starts_on)
    try:
        grid = grid_of(period, starts_on=charge.starts_on)
        days = grid.period(grid.index_of(starts))
    except Refusal:
        return None
    days = days.intersect(DateRange(starts, charge.ends_before))
    return None if days.is_empty else days
