"""Questions about charges: what each costs, who says so, and what it has billed (billing-rules 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from counterfoil.core.paying import CustomerMode, PaidBy, Paying, who_pays
from counterfoil.core.periods import DateRange, Grid, Length, Unit
from counterfoil.core.refusals import Refusal
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer

VALUES = ("unit_price", "quantity", "charge_period", "tax_category", "while_commissioned", "description")


@dataclass(frozen=True, kw_only=True)
class ChargeTerms:
    """A charge, the value of each of its terms and the level that set it, and the next period it bills.

    *overrides* are those that have a say: of who pays, then of the dealer.
    """

    charge: Charge
    values: Mapping[str, Any]
    set_by: Mapping[str, str]
    next_period: DateRange | None
    overrides: Sequence[ChargeOverride]

    @property
    def payer(self) -> BillingCustomer | None:
        """Return who pays, as the view of payers says."""
        payer: BillingCustomer | None = self.charge.who_pays.payer
        return payer

    @property
    def paid_by(self) -> str:
        """Return whose account is invoiced, `direct` or `dealer`; empty in standard customer mode."""
        return self.charge.who_pays.paid_by or ""

    @property
    def payer_set_by(self) -> str:
        """Return the level that says who pays: in legacy customer mode the one that has the mark.

        Of a customer or a dealer itself it is that.
        """
        client = self.charge.client
        if client.is_own:
            return "dealer" if client.own_of_dealer_id else "customer"
        if self.paid_by:
            return "assignment" if self.charge.paid_by else "master"
        return "assignment" if self.charge.customer_id else "client"

    @property
    def description(self) -> str:
        """Return what its lines say."""
        return str(self.values["description"] or self.charge.master_charge.name)


def reached_by(override: ChargeOverride) -> QuerySet[Charge]:
    """Return the charges for which *override* has a say: those of its master charge and its dealer or customer."""
    rows = Charge.objects.filter(master_charge=override.master_charge_id)
    if override.dealer_id:
        return rows.filter(client__dealer=override.dealer_id)
    if the_organisation().is_legacy:
        return rows.none()
    payer = override.customer_id
    return rows.filter(Q(customer=payer) | Q(customer=None, client__customer=payer))


def terms_of_charges(charges: QuerySet[Charge], *, trying: ChargeOverride | None = None) -> list[ChargeTerms]:
    """Return *charges*, in their order, with where each value comes from; three queries.

    *trying* is an override that is not stored, or not stored so: it counts in the place of itself.
    """
    related = (
        "master_charge__charge_period",
        "master_charge__tax_category",
        "master_charge__escalation",
        "charge_period",
        "tax_category",
        "escalation",
    )
    rows = list(charges.select_related(*related, "client__dealer", "span", "who_pays__payer"))
    overrides = ChargeOverride.objects.select_related("charge_period", "tax_category").filter(
        Q(customer__in={priced_for(row) for row in rows} - {None})
        | Q(dealer__in={row.client.dealer_id for row in rows} - {None}),
        master_charge__in={row.master_charge_id for row in rows},
    )
    if trying is not None:
        overrides = [*overrides.exclude(pk=trying.pk), trying]  # type: ignore[assignment]
    by_customer = {(one.master_charge_id, one.customer_id): one for one in overrides if one.customer_id}
    by_dealer = {(one.master_charge_id, one.dealer_id): one for one in overrides if one.dealer_id}
    return [
        _terms(
            row,
            of_customer=by_customer.get((row.master_charge_id, priced_for(row))),
            of_dealer=by_dealer.get((row.master_charge_id, row.client.dealer_id)),
        )
        for row in rows
    ]


def inherited_terms(charge: Charge, *, mode: CustomerMode) -> ChargeTerms:
    """Return the terms that *charge*, stored or not, gets where it says nothing itself; no next period.

    Prices by date are not asked; see `price_queries`.
    """
    dealer = charge.client.dealer_id
    payer = None if mode is CustomerMode.LEGACY else payer_to_be(charge, mode=mode).customer
    overrides = ChargeOverride.objects.select_related("charge_period", "tax_category").filter(
        Q(customer__isnull=False, customer=payer) | Q(dealer__isnull=False, dealer=dealer),
        master_charge=charge.master_charge_id,
    )
    found = {"customer" if one.customer_id else "dealer": one for one in overrides}
    values, set_by = _first_set(
        [
            ("customer", found.get("customer")),
            ("dealer", found.get("dealer")),
            ("master", charge.master_charge),
        ]
    )
    return ChargeTerms(
        charge=charge, values=values, set_by=set_by, next_period=None, overrides=list(found.values())
    )


def grid_of(period: ChargePeriod, *, starts_on: date) -> Grid:
    """Return the grid on which a charge that starts on *starts_on* is billed (billing-rules 1.4)."""
    length = Length(period.count, Unit(period.unit))
    if period.billing_day:
        return Grid.for_billing_day(length=length, billing_day=period.billing_day, starts_on=starts_on)
    return Grid(length=length, anchor=period.anchor or starts_on)


def length_of(period: ChargePeriod) -> str:
    """Return how long *period* is, counted in months or in days: "3 months"."""
    return str(Length(period.count, Unit(period.unit)).counted)


def priced_for(charge: Charge) -> int | None:
    """Return whose price list counts for *charge*: who pays, in standard customer mode only (billing-rules 4.1)."""
    return charge.who_pays.payer_id if charge.who_pays.paid_by is None else None


def payer_to_be(charge: Charge, *, mode: CustomerMode | None = None) -> Paying[int]:
    """Return who would pay *charge*, which need not be stored yet; a query for the *mode* if it is not given."""
    client, master = charge.client, charge.master_charge
    return who_pays(
        mode=mode or CustomerMode(the_organisation().customer_mode),
        assigned=charge.customer_id,
        of_client=client.customer_id,
        of_dealer=client.dealer.customer_id if client.dealer else None,
        paid_by=PaidBy(charge.paid_by or master.paid_by),
    )


def _terms(
    charge: Charge, *, of_customer: ChargeOverride | None, of_dealer: ChargeOverride | None
) -> ChargeTerms:
    values, set_by = _first_set(
        [
            ("assignment", charge),
            ("customer", of_customer),
            ("dealer", of_dealer),
            ("master", charge.master_charge),
        ]
    )
    period = values["charge_period"]
    return ChargeTerms(
        charge=charge,
        values=values,
        set_by=set_by,
        next_period=_next_period(charge, period) if period else None,
        overrides=[one for one in (of_customer, of_dealer) if one is not None],
    )


def _first_set(levels: Sequence[tuple[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return for each value the first of *levels* that sets it, and which that is (billing-rules 4.1)."""
    values: dict[str, Any] = dict.fromkeys(VALUES)
    set_by: dict[str, str] = {}
    for name in VALUES:
        for level, source in levels:
            value = getattr(source, name, None) if source is not None else None
            if value is not None and value != "":
                values[name], set_by[name] = value, level
                break
    return values, set_by


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
