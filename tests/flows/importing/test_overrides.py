"""The file of price lists (billing-rules 4.1, product A3)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from counterfoil.records.catalog.models import ChargeOverride
from tests.flows.importing.files import counted, imported, told

HEADER = "code,customer,dealer,unit_price,assignable"


@pytest.fixture(autouse=True)
def stored(bureau: None) -> None:
    """Store a master charge, a customer and a dealer."""
    imported("customers", "account,name", "C1,Quay Hotel")
    imported("dealers", "dealer,name", "D1,Harbour Alarms")
    imported("master-charges", "code,name,kind,unit_price", "MON,Monitoring,service,30")


def test_a3_a_price_list_comes_from_a_file_and_a_second_time_changes_nothing() -> None:
    rows = ("MON,C1,,24.50,", "MON,,D1,,no")
    assert counted(imported("overrides", HEADER, *rows)) == {"overrides": (2, 0, 0)}
    assert counted(imported("overrides", HEADER, *rows)) == {"overrides": (0, 0, 2)}
    assert counted(imported("overrides", "code,customer,quantity", "MON,C1,3")) == {"overrides": (0, 1, 0)}
    of_customer = ChargeOverride.objects.get(customer__account="C1")
    assert (of_customer.unit_price, of_customer.quantity) == (Decimal("24.5"), 3)  # what the file lacks stays
    assert ChargeOverride.objects.get(dealer__code="D1").assignable is False


def test_a_row_of_nobodys_price_list_is_told_once() -> None:
    (nobodys,) = told(imported("overrides", HEADER, "MON,C1,D1,1,"))
    assert nobodys == (2, "customer", "The row does not say whose price list it is of.")
    (twice,) = told(imported("overrides", HEADER, "MON,C1,,1,", "MON,C1,,2,"))
    assert "stands in row 2 already" in twice[2]
    assert not ChargeOverride.objects.exists()
