"""What the demo bureau sells: charge periods, master charges, tax rates, and who gets them at another price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.records.catalog import actions
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    MasterCharge,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.parties.models import BillingCustomer, Dealer

CURRENCY = "EUR"
FOREIGN_CURRENCY = "GBP"

# code, name, price (none: to be set on each charge), tax category, charge period, ledger code
MASTER_CHARGES = [
    ("MON-INTRUDER", "Intruder alarm monitoring", "24.50", "standard", "monthly", "4000"),
    ("MON-FIRE", "Fire alarm monitoring", "31.00", "standard", "monthly", "4000"),
    ("MON-CCTV", "Camera monitoring", "58.00", "standard", "monthly-anniversary", "4010"),
    ("SIM-DUAL", "Dual-path signalling", "9.95", "standard", "monthly", "4020"),
    ("KEYHOLDING", "Keyholding", "42.00", "reduced", "quarterly", "4030"),
    ("MAINTENANCE", "Maintenance contract", "187.50", "reduced", "quarterly", "4040"),
    ("INSPECTION", "Yearly inspection", "260.00", "standard", "yearly", "4050"),
    ("PATROL", "Night patrol", "310.00", "standard", "monthly-arrears", "4060"),
    ("LONE-WORKER", "Lone worker device", "14.75", "standard", "monthly-arrears", "4070"),
    ("TELECARE", "Telecare line", "18.20", "exempt", "monthly-day-15", "4080"),
    ("LIFT-LINE", "Lift emergency line", "99.00", "reduced", "quarterly-arrears", "4090"),
    ("RENTAL", "Panel rental", "12.40", "standard", "monthly", "4100"),
]
BESPOKE = "BESPOKE"
FOREIGN = "SAT-LINK"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The stored master charges by code."""

    masters: dict[str, MasterCharge]


def store_catalogue() -> Catalogue:
    """Store tax categories and rates, charge periods and master charges."""
    categories = _tax_categories()
    periods = {period.name: period for period in actions.create_charge_periods(_charge_periods())}
    masters = [
        MasterCharge(
            code=code,
            name=name,
            currency=CURRENCY,
            unit_price=Decimal(price),
            tax_category=categories[category],
            charge_period=periods[period],
            ledger_code=ledger_code,
            while_commissioned=code == "RENTAL",
        )
        for code, name, price, category, period, ledger_code in MASTER_CHARGES
    ]
    shared = {
        "tax_category": categories["standard"],
        "charge_period": periods["monthly"],
        "ledger_code": "4900",
    }
    masters.append(MasterCharge(code=BESPOKE, name="Bespoke service", currency=CURRENCY, **shared))
    masters.append(
        MasterCharge(
            code=FOREIGN, name="Satellite link", currency=FOREIGN_CURRENCY, unit_price=Decimal("75"), **shared
        )
    )
    return Catalogue(masters={one.code: one for one in actions.create_master_charges(masters)})


def store_overrides(
    catalogue: Catalogue, *, dealers: Sequence[Dealer], customers: Sequence[BillingCustomer]
) -> None:
    """Store the dealers' price list, and other prices for a few customers (billing-rules 4.1)."""
    masters = catalogue.masters
    prices = [("MON-INTRUDER", "17.80"), ("MON-FIRE", "22.40"), ("SIM-DUAL", "7.25")]
    overrides = [
        ChargeOverride(
            master_charge=masters[code], dealer=dealer, unit_price=Decimal(price) - Decimal(place) / 10
        )
        for place, dealer in enumerate(dealers)
        for code, price in prices
    ]
    overrides += [
        ChargeOverride(master_charge=masters["MON-CCTV"], customer=customer, unit_price=Decimal("52.50"))
        for customer in customers[::9]
    ]
    actions.create_overrides(overrides)


def _tax_categories() -> dict[str, TaxCategory]:
    """Return the three categories; the standard one may be there already. Its rate changed once."""
    wanted = {"standard": "Standard", "reduced": "Reduced", "exempt": "Exempt"}
    stored = {one.code: one for one in TaxCategory.objects.filter(code__in=wanted)}
    missing = [TaxCategory(code=code, name=name) for code, name in wanted.items() if code not in stored]
    stored |= {one.code: one for one in actions.create_tax_categories(missing)}
    rates = [
        ("standard", "21", date(2010, 1, 1)),
        ("standard", "23", date(2012, 1, 1)),
        ("reduced", "13.5", date(2010, 1, 1)),
        ("exempt", "0", date(2010, 1, 1)),
    ]
    actions.create_tax_rates(
        TaxRate(category=stored[code], rate=Decimal(rate), valid_from=valid_from)
        for code, rate, valid_from in rates
    )
    return stored


def _charge_periods() -> list[ChargePeriod]:
    anchor = date(2020, 1, 1)
    return [
        ChargePeriod(name="monthly", anchor=anchor),
        ChargePeriod(name="monthly-anniversary"),
        ChargePeriod(name="monthly-arrears", anchor=anchor, bill_on="arrears"),
        ChargePeriod(name="monthly-day-15", billing_day=15),
        ChargePeriod(name="quarterly", count=3, anchor=anchor),
        ChargePeriod(name="quarterly-arrears", count=3, anchor=anchor, bill_on="arrears"),
        ChargePeriod(name="yearly", unit="year"),
    ]
