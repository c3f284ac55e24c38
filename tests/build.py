"""Builders of stored things: name what matters to the test, the rest is sound."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from counterfoil.flows.billing.run import Request, generate
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.billing.models import Run
from counterfoil.records.catalog.models import (
    ChargePeriod,
    MasterCharge,
    Tariff,
    TariffTier,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.charges.actions import create_charges
from counterfoil.records.charges.models import BillableEvent, Charge, Discount, EventCharge, Meter, Reading
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.parties.models import BillingCustomer, Client

JUNE = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
_numbers = count(10_001)  # all of one length: lists that sort by them keep the order of their making


def now() -> datetime:
    """Return the moment at which everything in these tests happens."""
    return NOW


def organisation(**values: Any) -> Organisation:
    """Store the organisation with its first branch, `main`, and the tax category `standard` at 23 %."""
    stored = Organisation.objects.create(
        id=1,
        **{
            "name": "Larkfield Monitoring",
            "country": "IE",
            "currency": "EUR",
            "text_ledger_code": "4900",
            **values,
        },
    )
    Branch.objects.create(organisation=stored, code="main", name="Main")
    standard = TaxCategory.objects.create(code="standard", name="Standard")
    TaxRate.objects.create(category=standard, rate=23, valid_from=date(2000, 1, 1))
    return stored


def customer(**values: Any) -> BillingCustomer:
    """Store a billing customer in euro at the first branch."""
    number = next(_numbers)
    ordinary = {
        "account": f"C{number}",
        "name": f"Customer {number}",
        "email": f"c{number}@example.com",
        "currency": "EUR",
        "country": "IE",
        "branch": Branch.objects.order_by("id").first(),
    }
    return BillingCustomer.objects.create(**{**ordinary, **values})


def client(**values: Any) -> Client:
    """Store a client of a customer of its own, unless *values* say whose."""
    number = next(_numbers)
    payer = values.pop("customer") if "customer" in values else customer()
    branch = Branch.objects.order_by("id").first()
    ordinary = {"code": f"S{number}", "name": f"Site {number}", "customer": payer, "branch": branch}
    return Client.objects.create(**{**ordinary, **values})


def monthly(**values: Any) -> ChargePeriod:
    """Store a charge period: a month in advance from the first of the month, parts by days."""
    return ChargePeriod.objects.create(
        **{"name": f"period {next(_numbers)}", "anchor": date(2020, 1, 1), **values}
    )


def master(**values: Any) -> MasterCharge:
    """Store a master charge: monitoring at 30.00 EUR a month."""
    ordinary = {
        "code": f"M{next(_numbers)}",
        "name": "Monitoring",
        "ledger_code": "4000",
        "currency": "EUR",
        "unit_price": 30,
        "tax_category": TaxCategory.objects.get(code="standard"),
        "charge_period": ChargePeriod.objects.first() or monthly(),
    }
    return MasterCharge.objects.create(**{**ordinary, **values})


def charge(**values: Any) -> Charge:
    """Store a charge of 30.00 EUR a month from 1 June 2026, for a client of its own."""
    ordinary = {"key": f"K{next(_numbers)}", "starts_on": JUNE}
    values.setdefault("client", None)
    values["client"] = values["client"] or client()
    values.setdefault("master_charge", MasterCharge.objects.first())
    values["master_charge"] = values["master_charge"] or master()
    return create_charges([Charge(**{**ordinary, **values})])[0]


def discount(**values: Any) -> Discount:
    """Store a discount of 10 % of what *values* say, unless they say how much."""
    ordinary = {"key": f"D{next(_numbers)}", "name": "Loyalty"}
    how_much = {} if {"percent", "amount"} & set(values) else {"percent": 10}
    return Discount.objects.create(**{**ordinary, **how_much, **values})


def request(*, cutoff: date = JUNE, **selection: Any) -> Request:
    """Return what a person asks for: a run of everything due on *cutoff*, dated that day."""
    chosen = Selection(**{"past_periods_allowed": 100, **selection})
    return Request(title="Test", selection=chosen, cutoff=cutoff, invoice_date=cutoff)


def run(*, cutoff: date = JUNE, **selection: Any) -> Run:
    """Generate a run of everything due on *cutoff*."""
    return generate(request(cutoff=cutoff, **selection), by=None, now=now)


def event(*charges: dict[str, Any], **values: Any) -> BillableEvent:
    """Store an event: an activation of 20 May 2026 with one charge, unless *charges* are given; 30.00 each."""
    number = next(_numbers)
    ordinary = {
        "key": f"A{number}",
        "kind": "activation",
        "occurred_on": date(2026, 5, 20),
        "to_be_billed_on": date(2026, 5, 20),
    }
    values.setdefault("client", None)
    values["client"] = values["client"] or client()
    stored = BillableEvent.objects.create(**{**ordinary, **values})
    for line_no, one in enumerate(charges or ({},), start=1):
        one.setdefault("master_charge", MasterCharge.objects.first() or master())
        EventCharge.objects.create(**{"event": stored, "line_no": line_no, **one})
    return stored


def tariff(*tiers: tuple[int, str], **values: Any) -> Tariff:
    """Store a metered tariff of (from units, unit price) tiers."""
    stored = Tariff.objects.create(**{"name": f"tariff {next(_numbers)}", "unit": "kWh", **values})
    for from_units, unit_price in tiers:
        TariffTier.objects.create(tariff=stored, from_units=from_units, unit_price=unit_price)
    return stored


def meter(charge: Charge, readings: dict[date, int], **values: Any) -> Meter:
    """Store a meter of *charge* with *readings* by day."""
    stored = Meter.objects.create(**{"key": f"E{next(_numbers)}", "charge": charge, **values})
    for read_on, value in readings.items():
        Reading.objects.create(meter=stored, read_on=read_on, value=value)
    return stored
