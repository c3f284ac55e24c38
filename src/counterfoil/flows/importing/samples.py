"""A file of each kind with example values, to be filled in; those of all kinds, in their order, go together."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import TextIO

from counterfoil.flows.importing.kinds import kind_of

_EVENT = {"client": "S1", "occurred_on": "2026-06-03", "chargeable": "yes"}
_TAXED = {"tax_category": "standard"}
_JOB = {**_EVENT, "to_be_billed_on": "2026-06-20", "po_number": "PO-7"}

ROWS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "tax-rates": (
        {"category": "standard", "rate": "19", "valid_from": "2020-01-01", "name": "Standard rate"},
    ),
    "customers": (
        {
            "account": "C1",
            "name": "Harbour Stores",
            "email": "accounts@example.com; board@example.com (statements)",
            "country": "IE",
            "address": "1 Quay Street",
            "postcode": "T12",
            "city": "Cork",
            "terms": "14 days",
            "delivery": "email",
            "language": "en",
            "active": "yes",
        },
    ),
    "dealers": ({"dealer": "D1", "name": "Quay Alarms", "customer": "C1", "active": "yes"},),
    "clients": (
        {
            "client": "S1",
            "name": "Harbour Stores, warehouse",
            "customer": "C1",
            "dealer": "D1",
            "commissioned_on": "2021-01-01",
            "address": "2 Quay Street",
            "city": "Cork",
        },
    ),
    "commissionings": ({"client": "S1", "starts_on": "2019-01-01", "last_day": "2020-06-30"},),
    "contacts": (
        {"client": "S1", "name": "Nuala Quay", "function": "Keyholder", "phone": "+353 21 555 0100"},
    ),
    "escalations": (
        {"escalation": "Yearly", "rate": "3.5", "on_date": "2027-01-01", "yearly": "yes", "step": "0.01"},
    ),
    "tariffs": (
        {"tariff": "Power", "from_units": "0", "unit_price": "0.32", "unit": "kWh", "allowance": "100"},
        {"tariff": "Power", "from_units": "200", "unit_price": "0.27", "unit": "kWh", "allowance": "100"},
    ),
    "master-charges": (
        {
            "code": "MON",
            "name": "Monitoring",
            "kind": "service",
            "unit_price": "30.00",
            "ledger_code": "4100",
            "quantity": "1",
            **_TAXED,
            "every": "1 month",
            "anchor": "2026-01-01",
            "bill": "advance",
            "part_charging": "daily",
        },
        {
            "code": "POWER",
            "name": "Power",
            "kind": "service",
            "tariff": "Power",
            "every": "1 month",
            **_TAXED,
        },
        {"code": "RESPONSE", "name": "Alarm response", "kind": "activation", "unit_price": "45", **_TAXED},
        {"code": "HOUR", "name": "Hour of work", "kind": "work_order", "unit_price": "65", **_TAXED},
        {"code": "CALL", "name": "Call-out", "kind": "dispatch", "unit_price": "40", **_TAXED},
        {"code": "CABLE", "name": "Cable, 1 m", "kind": "sale", "unit_price": "2.50", **_TAXED},
    ),
    "overrides": ({"code": "MON", "customer": "C1", "unit_price": "28.00", "assignable": "yes"},),
    "charges": (
        {"charge": "K1", "client": "S1", "code": "MON", "starts_on": "2026-01-01", "quantity": "2"},
        {"charge": "K2", "client": "S1", "code": "POWER", "starts_on": "2026-01-01"},
    ),
    "prices": ({"charge": "K1", "valid_from": "2027-01-01", "unit_price": "31.00"},),
    "discounts": (
        {
            "discount": "R1",
            "name": "First year",
            "percent": "10",
            "charge": "K1",
            "starts_on": "2026-01-01",
            "last_day": "2026-12-31",
        },
    ),
    "meters": ({"meter": "E-1", "charge": "K2", "name": "Cellar", "digits": "5", "tolerance_days": "3"},),
    "readings": (
        {"meter": "E-1", "read_on": "2026-06-01", "value": "99600"},
        {"meter": "E-1", "read_on": "2026-07-01", "value": "99950.5"},
    ),
    "activations": ({"activation": "A-1", **_EVENT, "code": "RESPONSE", "description": "Front door"},),
    "work-orders": (
        {"work_order": "W-1", **_JOB, "line": "1", "code": "HOUR", "quantity": "2.5"},
        {"work_order": "W-1", **_JOB, "line": "2", "code": "CABLE", "quantity": "10"},
    ),
    "dispatches": ({"dispatch": "X-1", **_JOB, "line": "1", "code": "CALL"},),
    "sales": ({"sale": "V-1", **_JOB, "line": "1", "code": "CABLE", "quantity": "5"},),
    "invoices": (
        {
            "invoice": "R-1",
            "customer": "C1",
            "invoice_date": "2026-06-30",
            "line": "1",
            "code": "CABLE",
            "quantity": "3",
        },
        {
            "invoice": "R-1",
            "customer": "C1",
            "invoice_date": "2026-06-30",
            "line": "2",
            "description": "Sign for the gate",
            "unit_price": "19.90",
            "ledger_code": "4900",
            "tax_category": "standard",
        },
    ),
}


def write_sample(kind: str, file: TextIO) -> None:
    """Write a file of *kind* with all its columns and example values to *file*, as CSV. Raises `UnknownKind`."""
    writer = csv.DictWriter(file, kind_of(kind).column_names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROWS[kind])


def example_of(kind: str, column: str) -> str:
    """Return what the sample of *kind* writes into *column*, "" where it leaves that empty."""
    return next((row[column] for row in ROWS[kind] if row.get(column)), "")
