"""Files of discounts, of prices that include tax, and of purchase orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.importing.export import export_rows
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge, Discount
from tests.flows.importing.files import counted, imported, told

HEADER = "discount,name,percent,amount,charge,code,customer,starts_on,last_day"


@pytest.fixture(autouse=True)
def catalogue(bureau: None) -> None:
    """Store customer C1 with client S1, master charge MON and charge K1."""
    imported("customers", "account,name", "C1,Brightwater")
    imported("clients", "client,name,customer", "S1,Site 1,C1")
    imported("master-charges", "code,name,kind,unit_price", "MON,Monitoring,service,30")
    imported("charges", "charge,client,code,starts_on", "K1,S1,MON,2026-06-01")


def test_4_5_discounts_of_every_kind_are_imported_once() -> None:
    rows = [
        "D1,First year,10,,K1,,,2026-06-01,2027-05-31",
        "D2,Spring,,2.50,,MON,,,",
        "D3,Loyal,5,,,,C1,,",
        "D4,Theirs,5,,,MON,C1,,",
    ]
    assert counted(imported("discounts", HEADER, *rows))["discounts"] == (4, 0, 0)
    assert counted(imported("discounts", HEADER, *rows))["discounts"] == (0, 0, 4)
    first = Discount.objects.get(key="D1")
    assert (first.percent, first.amount, first.ends_before) == (Decimal(10), None, date(2027, 6, 1))
    changed = imported("discounts", HEADER, "D3,Loyal,7.5,,,,C1,,")
    assert counted(changed)["discounts"] == (0, 1, 0)
    assert Discount.objects.get(key="D3").percent == Decimal("7.5")


def test_what_is_exported_can_be_imported_and_changes_nothing() -> None:
    imported("discounts", HEADER, "D1,First year,10,,K1,,,2026-06-01,2027-05-31", "D2,Spring,,2.50,,MON,,,")
    rows = list(export_rows("discounts"))
    assert [row["last_day"] for row in rows] == ["2027-05-31", ""]
    again = imported("discounts", ",".join(rows[0]), *(",".join(row.values()) for row in rows))
    assert counted(again)["discounts"] == (0, 0, 2)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("D,Off,10,2,K1,,,,", "percent", "A discount is a percentage or an amount above 0, and not both."),
        ("D,Off,,,K1,,,,", "percent", "A discount is a percentage or an amount above 0, and not both."),
        ("D,Off,0,,K1,,,,", "percent", "A discount is a percentage or an amount above 0, and not both."),
        ("D,Off,,-1,K1,,,,", "percent", "A discount is a percentage or an amount above 0, and not both."),
        ("D,Off,10,,,,,,", "charge", "The row does not say what the discount is off."),
        (
            "D,Off,10,,K1,MON,,,",
            "charge",
            "The discount is off one charge, and off the lines of a code or a customer too.",
        ),
        (
            "D,Off,10,,K1,,,2026-06-01,2026-05-31",
            "starts_on",
            "The discount ends on or before the day it starts.",
        ),
        ("D,Off,10,,K9,,,,", "charge", "There is no charge 'K9'."),
    ],
)
def test_4_5_a_discount_that_means_nothing_is_refused(row: str, column: str, message: str) -> None:
    assert told(imported("discounts", HEADER, row)) == [(2, column, message)]
    assert not Discount.objects.exists()


def test_5_4_a_master_charges_price_may_include_tax() -> None:
    header = "code,name,kind,unit_price,price_includes_tax"
    imported("master-charges", header, "MON,Monitoring,service,30,yes")
    assert MasterCharge.objects.get().price_includes_tax
    assert [row["price_includes_tax"] for row in export_rows("master-charges")] == ["yes"]


def test_c12_a_charge_names_its_purchase_order() -> None:
    imported("charges", "charge,client,code,starts_on,po_number", "K1,S1,MON,2026-06-01,PO-7")
    assert Charge.objects.get().po_number == "PO-7"
    assert [row["po_number"] for row in export_rows("charges")] == ["PO-7"]
