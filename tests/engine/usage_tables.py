"""Tariffs, meters, readings and events as tables, from a few plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from counterfoil.core.money import STEPS
from counterfoil.engine import stands, usage
from counterfoil.engine.billing import Loaded
from counterfoil.engine.events import EVENTS
from counterfoil.engine.frames import Frame
from counterfoil.engine.usage import Usage

FRAMES: dict[str, Frame] = {
    "tariffs": usage.TARIFFS,
    "tiers": usage.TIERS,
    "masters": usage.MASTER_TARIFFS,
    "meters": stands.METERS,
    "readings": stands.READINGS,
    "stands_billed": stands.STANDS_BILLED,
    "units_billed": usage.UNITS_BILLED,
    "activations": usage.ACTIVATIONS,
}


def used(**tables: list[dict[str, Any]]) -> Usage:
    """Return the tables of usage: what is given by name, master charge 1 with tariff 1, else nothing."""
    given = {"tariffs": [tariff()], "masters": [{"master_id": 1, "tariff_id": 1}], **tables}
    return Usage(
        **{name: pl.DataFrame(rows, schema=FRAMES[name].schema) for name, rows in given.items()},
    )


def with_usage(loaded: Loaded, **tables: list[dict[str, Any]]) -> Loaded:
    """Return *loaded* with tables of usage."""
    return replace(loaded, usage=used(**tables))


def with_events(loaded: Loaded, *events: dict[str, Any]) -> Loaded:
    """Return *loaded* with *events*."""
    return replace(loaded, events=pl.DataFrame(list(events), schema=EVENTS.schema))


def tariff(**values: Any) -> dict[str, Any]:
    """Return a tariff's row: metered, graduated, whole units, nothing free."""
    ordinary = {
        "tariff_id": 1,
        "counts": "meter",
        "tier_mode": "graduated",
        "counted_unit": "kWh",
        "unit_step": STEPS,
        "allowance": 0,
        "minimum": 0,
    }
    return {**ordinary, **values}


def tier(**values: Any) -> dict[str, Any]:
    """Return a tier's row: 0.50 a unit from the first on."""
    return {"tariff_id": 1, "from_units": 0, "tier_price": STEPS // 2, "fee": 0, **values}


def meter(**values: Any) -> dict[str, Any]:
    """Return a meter's row: of charge 1, read on the day, never estimated."""
    ordinary = {
        "meter_id": 1,
        "charge_id": 1,
        "meter": "E-1",
        "digits": None,
        "tolerance_days": 0,
        "may_be_estimated": False,
    }
    return {**ordinary, **values}


def reading(read_on: date, units: int, **values: Any) -> dict[str, Any]:
    """Return a reading's row: *units* of meter 1."""
    return {"meter_id": 1, "read_on": read_on, "value": units * STEPS, "is_estimate": False, **values}


def event(**values: Any) -> dict[str, Any]:
    """Return a row of an event's charge: an activation of 28 May for customer 1."""
    ordinary = {
        "event_charge_id": 1,
        "event": "A-1",
        "event_kind": "activation",
        "event_line": 1,
        "event_description": "",
        "occurred_on": date(2026, 5, 28),
        "to_be_billed_on": date(2026, 5, 28),
        "customer_id": 1,
        "client_id": 1,
        "client_branch_id": 1,
        "dealer_id": None,
        "master_id": 1,
        "po_number": None,
        "unit_price": None,
        "quantity": None,
        "description": None,
        "tax_category_id": None,
    }
    return {**ordinary, **values}
