"""Charges and their surroundings as tables, from a few plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from counterfoil.core.money import STEPS, Rounding
from counterfoil.core.recurring import Charge
from counterfoil.engine import frames
from counterfoil.engine.billing import Loaded, Terms
from counterfoil.engine.grouping import Grouping

CUTOFF = date(2026, 6, 1)
TERMS = Terms(
    cutoff=CUTOFF,
    invoice_date=CUTOFF,
    grouping=Grouping.CUSTOMER,
    past_periods_allowed=10_000,
    rounding=Rounding.HALF_AWAY,
    seller_country="IE",
)


def terms(**changes: Any) -> Terms:
    """Return what a run is asked to do: by default everything due on 1 June 2026, however late."""
    return replace(TERMS, **changes)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One charge of a table; what is not said is as in the sound charge of 10.00 a month."""

    charge_id: int = 1
    customer_id: int | None = 1
    client_id: int = 1
    dealer_id: int | None = None
    master_id: int = 1
    starts_on: date = CUTOFF
    ends_before: date | None = None
    commissioned_on: date | None = None
    decommissioned_on: date | None = None
    billed_from: date | None = None
    billed_to: date | None = None
    starts_in_part: bool = False
    ends_in_part: bool = False
    unit_price: int | None = None
    quantity: int | None = None
    description: str | None = None
    charge_period_id: int | None = None
    tax_category_id: int | None = None
    while_commissioned: bool | None = None
    po_number: str | None = None
    client_branch_id: int = 1


def loaded(rows: list[Row], **tables: list[dict[str, Any]]) -> Loaded:
    """Return the tables a run reads: *rows*, and by name what differs from one ordinary customer and item."""
    defaults: dict[str, list[dict[str, Any]]] = {
        "customers": [customer()],
        "masters": [master()],
        "customer_overrides": [],
        "dealer_overrides": [],
        "charge_periods": [charge_period()],
        "tax_rates": [{"tax_category_id": 1, "country": "", "tax_rate": 0, "valid_from": date(2000, 1, 1)}],
        "tax_categories": [{"tax_category_id": 1, "tax_category": "standard"}],
        "discounts": [],
        "price_changes": [],
        "escalations": [],
        "commissionings": [],
        "span_edges": [],
        "given_up": [],
    }
    return Loaded(
        charges=pl.DataFrame([vars(row) for row in rows], schema=frames.CHARGES.schema),
        **{
            name: pl.DataFrame(tables.get(name, rows_of), schema=getattr(frames, name.upper()).schema)
            for name, rows_of in defaults.items()
        },
    )


def customer(**values: Any) -> dict[str, Any]:
    """Return a customer's row: active, in euro, taxed as standard."""
    ordinary = {
        "customer_id": 1,
        "account": "C1",
        "branch_id": 1,
        "currency": "EUR",
        "country": "IE",
        "tax_status": "standard",
        "is_active": True,
    }
    return {**ordinary, **values}


def master(**values: Any) -> dict[str, Any]:
    """Return a master charge's row: 10.00 EUR a month."""
    ordinary = {
        "master_id": 1,
        "code": "MON",
        "ledger_code": "4000",
        "currency": "EUR",
        "unit_price": 10 * STEPS,
        "quantity": STEPS,
        "description": "Monitoring",
        "charge_period_id": 1,
        "tax_category_id": 1,
        "while_commissioned": False,
        "includes_tax": False,
    }
    return {**ordinary, **values}


def charge_period(**values: Any) -> dict[str, Any]:
    """Return a charge period's row: a month in advance, from the first of the month, parts by days."""
    ordinary = {
        "charge_period_id": 1,
        "count": 1,
        "unit": "month",
        "anchor": date(2020, 1, 1),
        "billing_day": None,
        "part_charging": "daily",
        "day_count": "actual",
        "bill_on": "advance",
        "offset_days": 0,
        "split_on_price_change": False,
    }
    return {**ordinary, **values}


def given_up_rows(number: int, charge: Charge) -> list[dict[str, Any]]:
    """Return the days given up of a charge, each range within the grid period it was billed in."""
    rows = []
    for given in charge.given_up:
        first, last = charge.grid.index_of(given.first_day), charge.grid.index_of(given.last_day)
        for period in map(charge.grid.period, range(first, last + 1)):
            days = given.intersect(period)
            rows.append(
                {
                    "charge_id": number,
                    "given_from": days.start,
                    "given_to": days.end,
                    "grid_start": period.start,
                    "grid_end": period.end,
                    "is_rated_again": True,
                }
            )
    return rows


def as_tables(charges: list[Charge]) -> Loaded:
    """Return plain *charges* as the tables in which they mean the same; ids count from 1."""
    periods, rows, given_up = [], [], []
    for number, charge in enumerate(charges, start=1):
        commissioned = charge.commissioned[0] if charge.commissioned else None
        periods.append(
            charge_period(
                charge_period_id=number,
                count=charge.grid.length.count,
                unit=charge.grid.length.unit.value,
                anchor=charge.grid.anchor,
                part_charging=charge.part_charging.value,
                day_count=charge.day_count.value,
                bill_on=charge.bill_on.value,
                offset_days=charge.offset,
            )
        )
        rows.append(
            Row(
                charge_id=number,
                starts_on=charge.starts_on,
                ends_before=charge.ends_before,
                commissioned_on=commissioned.start if commissioned else None,
                decommissioned_on=commissioned.end if commissioned else None,
                while_commissioned=commissioned is not None,
                billed_from=charge.billed.start if charge.billed else None,
                billed_to=charge.billed.end if charge.billed else None,
                starts_in_part=charge.billed is not None,
                ends_in_part=charge.billed is not None,
                unit_price=charge.unit_price_steps,
                quantity=charge.quantity_steps,
                charge_period_id=number,
            )
        )
        given_up += given_up_rows(number, charge)
    return loaded(rows, charge_periods=periods, given_up=given_up)
