"""Files of prices by date, escalations, past commissionings, and of charge periods split on price changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.importing.export import export_rows
from counterfoil.records.catalog.models import ChargeOverride, ChargePeriod, Escalation, MasterCharge
from counterfoil.records.charges.models import Charge, PriceChange
from counterfoil.records.parties.models import PastCommissioning
from tests.flows.importing.files import counted, imported, told

PRICES = "charge,code,customer,dealer,valid_from,unit_price"


@pytest.fixture(autouse=True)
def catalogue(bureau: None) -> None:
    """Store customer C1 with client S1, dealer D1, master charge MON and charge K1."""
    imported("customers", "account,name", "C1,Brightwater")
    imported("dealers", "dealer,name", "D1,Northgate")
    imported("clients", "client,name,customer", "S1,Site 1,C1")
    imported("master-charges", "code,name,kind,unit_price", "MON,Monitoring,service,30")
    imported("charges", "charge,client,code,starts_on", "K1,S1,MON,2026-06-01")


def test_4_2_prices_of_every_level_are_imported_once() -> None:
    rows = [
        "K1,,,,2026-07-01,31",
        ",MON,,,2026-07-01,32.50",
        ",MON,C1,,2026-07-01,33",
        ",MON,,D1,2026-07-01,34",
        "K1,,,,2026-08-01,",
    ]
    assert counted(imported("prices", PRICES, *rows))["prices"] == (5, 0, 0)
    assert counted(imported("prices", PRICES, *rows))["prices"] == (0, 0, 5)
    assert counted(imported("prices", PRICES, ",MON,C1,,2026-07-01,33.10"))["prices"] == (0, 1, 0)
    found = PriceChange.objects.order_by("valid_from", "unit_price").values_list(
        "charge__key", "master_charge__code", "override__customer__account", "override__dealer__code", "unit_price"
    )  # fmt: skip
    assert set(found) == {
        ("K1", None, None, None, Decimal(31)),
        (None, "MON", None, None, Decimal("32.5")),
        (None, None, "C1", None, Decimal("33.1")),
        (None, None, None, "D1", Decimal(34)),
        ("K1", None, None, None, None),
    }
    assert ChargeOverride.objects.count() == 2
    assert not ChargeOverride.objects.exclude(unit_price=None).exists()


def test_exported_prices_can_be_imported_and_change_nothing() -> None:
    imported("prices", PRICES, "K1,,,,2026-07-01,31", ",MON,,,2026-07-01,32", ",MON,,D1,2026-07-01,34")
    rows = list(export_rows("prices"))
    again = imported("prices", ",".join(rows[0]), *(",".join(row.values()) for row in rows))
    assert counted(again)["prices"] == (0, 0, 3)


@pytest.mark.parametrize(
    ("rows", "column", "message"),
    [
        (["K1,MON,,,2026-07-01,31"], "charge", "The row does not say whose price it is."),
        ([",MON,C1,D1,2026-07-01,31"], "charge", "The row does not say whose price it is."),
        ([",,C1,,2026-07-01,31"], "charge", "The row does not say whose price it is."),
        (["K9,,,,2026-07-01,31"], "charge", "There is no charge 'K9'."),
        ([",MON,C9,,2026-07-01,31"], "customer", "There is no billing customer 'C9'."),
    ],
)
def test_what_is_wrong_with_prices_is_told(rows: list[str], column: str, message: str) -> None:
    problem = imported("prices", PRICES, *rows).problems[0]
    assert (problem.column, problem.message) == (column, message)
    assert not PriceChange.objects.exists()
    assert not ChargeOverride.objects.exists()


def test_a_price_twice_on_a_day_is_refused() -> None:
    report = imported("prices", PRICES, "K1,,,,2026-07-01,31", "K1,,,,2026-07-01,32")
    assert report.problem_count == 1
    assert "stands in row 2 already" in str(told(report)[0])


def test_4_3_escalations_and_who_has_them() -> None:
    header = "escalation,rate,every_periods,on_date,yearly,step"
    rows = ["Yearly,3.5,,2027-01-01,yes,0.05", "Twelfth,3,12,,,"]
    assert counted(imported("escalations", header, *rows))["escalations"] == (2, 0, 0)
    assert counted(imported("escalations", header, *rows))["escalations"] == (0, 0, 2)
    yearly = Escalation.objects.get(name="Yearly")
    assert (yearly.rate, yearly.on_date, yearly.yearly, yearly.step) == (
        Decimal("3.5"), date(2027, 1, 1), True, Decimal("0.05"),
    )  # fmt: skip
    assert Escalation.objects.get(name="Twelfth").step == Decimal("0.01")
    imported("master-charges", "code,name,kind,unit_price,escalation", "MON,Monitoring,service,30,Yearly")
    imported("charges", "charge,client,code,starts_on,escalation", "K1,S1,MON,2026-06-01,Twelfth")
    assert str(MasterCharge.objects.get().escalation) == "Yearly"
    assert str(Charge.objects.get().escalation) == "Twelfth"
    assert next(export_rows("charges"))["escalation"] == "Twelfth"


@pytest.mark.parametrize(
    "row", ["E,3,,,,", "E,3,12,2027-01-01,,", "E,3,12,,yes,", "E,-100,12,,,", "E,3,12,,,0"]
)
def test_an_escalation_that_says_no_one_thing_is_refused(row: str) -> None:
    assert (
        imported("escalations", "escalation,rate,every_periods,on_date,yearly,step", row).problem_count == 1
    )
    assert not Escalation.objects.exists()


def test_2_1_past_commissionings_are_imported_once() -> None:
    header, row = "client,starts_on,last_day", "S1,2025-01-01,2025-06-30"
    assert counted(imported("commissionings", header, row))["commissionings"] == (1, 0, 0)
    assert counted(imported("commissionings", header, row))["commissionings"] == (0, 0, 1)
    past = PastCommissioning.objects.get()
    assert (past.starts_on, past.ends_before) == (date(2025, 1, 1), date(2025, 7, 1))
    assert next(export_rows("commissionings"))["last_day"] == "2025-06-30"
    assert imported("commissionings", header, "S1,2025-01-01,2024-12-31").problem_count == 1
    assert imported("commissionings", "client,starts_on", "S1,2025-01-01").problem_count == 1


def test_4_2_a_charge_period_may_be_split_on_price_changes() -> None:
    header = "charge,client,code,starts_on,split_on_price_change"
    imported("charges", header, "K1,S1,MON,2026-06-01,yes", "K2,S1,MON,2026-06-01,")
    assert ChargePeriod.objects.filter(split_on_price_change=True).count() == 1
    assert Charge.objects.get(key="K1").charge_period.split_on_price_change  # type: ignore[union-attr]
    assert Charge.objects.get(key="K2").charge_period is None
    exported = {row["charge"]: row["split_on_price_change"] for row in export_rows("charges")}
    assert exported == {"K1": "yes", "K2": ""}
