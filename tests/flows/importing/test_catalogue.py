"""Files of tax rates and master charges, and the charge periods they describe."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.importing.periods import PeriodValues, merged, name_of
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge, TaxCategory, TaxRate
from tests.flows.importing.files import counted, imported, told

pytestmark = pytest.mark.usefixtures("bureau")

REQUIRED = "code,name,kind,unit_price"


def test_tax_rates_bring_their_categories() -> None:
    rows = (
        "category,rate,valid_from,name,country",
        "reduced,9,2026-01-01,Reduced,",
        "reduced,13.5,2027-01-01,,",
    )
    assert counted(imported("tax-rates", *rows)) == {"tax-categories": (1, 0, 0), "tax-rates": (2, 0, 0)}
    assert TaxCategory.objects.get(code="reduced").name == "Reduced"
    rates = TaxRate.objects.filter(category__code="reduced").values_list("valid_from", "rate")
    assert list(rates) == [(date(2026, 1, 1), Decimal(9)), (date(2027, 1, 1), Decimal("13.5"))]
    assert counted(imported("tax-rates", *rows)) == {"tax-categories": (0, 0, 1), "tax-rates": (0, 0, 2)}


def test_a_rate_is_known_by_category_country_and_day() -> None:
    header = "category,rate,valid_from,country"
    imported("tax-rates", header, "reduced,9,2026-01-01,", "reduced,7,2026-01-01,DE")
    again = imported("tax-rates", header, "reduced,10,2026-01-01,", "reduced,7,2026-01-01,DE")
    assert counted(again)["tax-rates"] == (0, 1, 1)
    doubled = imported("tax-rates", header, "reduced,9,2026-01-01,", "reduced,9,2026-01-01,")
    assert told(doubled) == [
        (3, "category", "The tax rate 'reduced 2026-01-01' stands in row 2 already, and again in row 3.")
    ]


def test_a_category_is_named_like_its_code_and_renamed_when_a_row_says_so() -> None:
    imported("tax-rates", "category,rate,valid_from", "reduced,9,2026-01-01")
    assert TaxCategory.objects.get(code="reduced").name == "reduced"
    renamed = imported("tax-rates", "category,rate,valid_from,name", "reduced,9,2026-01-01,Reduced")
    assert counted(renamed) == {"tax-categories": (0, 1, 0), "tax-rates": (0, 0, 1)}
    imported("tax-rates", "category,rate,valid_from", "reduced,9,2026-01-01")
    assert TaxCategory.objects.get(code="reduced").name == "Reduced"


def test_a_category_has_one_name() -> None:
    report = imported(
        "tax-rates",
        "category,rate,valid_from,name",
        "reduced,9,2026-01-01,Low",
        "reduced,9,2027-01-01,Reduced",
    )
    assert told(report) == [(3, "name", "The tax category is named 'Low' in row 2.")]
    assert not TaxCategory.objects.filter(code="reduced").exists()


def test_a_master_charge_is_stored_with_all_its_columns() -> None:
    header = (
        f"{REQUIRED},ledger_code,currency,quantity,unit,tax_category,while_commissioned,assignable,active"
    )
    row = "MON,Monitoring,service,29.85,4000,USD,2.5,panel,standard,yes,no,no"
    assert counted(imported("master-charges", header, row)) == {"master-charges": (1, 0, 0)}
    stored = MasterCharge.objects.get()
    assert (stored.code, stored.name, stored.kind) == ("MON", "Monitoring", "service")
    assert (stored.unit_price, stored.quantity, stored.currency) == (Decimal("29.85"), Decimal("2.5"), "USD")
    assert (stored.ledger_code, stored.unit, stored.tax_category.code) == ("4000", "panel", "standard")  # type: ignore[union-attr]
    assert (stored.while_commissioned, stored.assignable, stored.is_active) == (True, False, False)
    assert counted(imported("master-charges", header, row)) == {"master-charges": (0, 0, 1)}


def test_a_price_may_be_left_to_the_charges_but_not_its_column() -> None:
    counted(imported("master-charges", REQUIRED, "MON,Monitoring,service,"))
    assert MasterCharge.objects.get().unit_price is None
    assert told(imported("master-charges", "code,name,kind", "MON,Monitoring,service")) == [
        (1, "unit_price", "The column unit_price is missing.")
    ]


def _period(code: str) -> PeriodValues | None:
    stored = MasterCharge.objects.get(code=code).charge_period
    return PeriodValues.of(stored) if stored else None


def test_a_service_is_billed_monthly_in_advance_unless_it_says_otherwise() -> None:
    imported("master-charges", REQUIRED, "MON,Monitoring,service,30", "ACT,Activation,activation,50")
    assert _period("MON") == PeriodValues()  # simulate's defaults: 1 month, daily, actual, advance, 0
    assert _period("ACT") is None


def test_a_charge_period_is_described_by_its_columns_and_shared() -> None:
    header = f"{REQUIRED},every,anchor,billing_day,part_charging,day_count,bill,offset"
    imported(
        "master-charges",
        header,
        "A,A,service,30,3 months,2026-01-01,,whole,by_month,arrears,-14",
        "B,B,service,30,3 months,2026-01-01,,whole,by_month,arrears,-14",
        "C,C,service,30,,,15,,,,",
        "D,D,service,30,none,,,,,,",
    )
    quarterly = PeriodValues(
        count=3,
        unit="month",
        anchor=date(2026, 1, 1),
        part_charging="whole",
        day_count="by_month",
        bill_on="arrears",
        offset_days=-14,
    )
    assert [_period(code) for code in "ABCD"] == [quarterly, quarterly, PeriodValues(billing_day=15), None]
    assert sorted(ChargePeriod.objects.values_list("name", flat=True)) == [
        "1 month in advance, on day 15",
        "3 months in arrears, from 2026-01-01, parts in full, month by month, 14 days early",
    ]


def test_columns_of_the_period_that_are_absent_stay_as_they_are() -> None:
    imported("master-charges", f"{REQUIRED},every,billing_day,bill", "MON,Mon,service,30,3 months,15,arrears")
    imported("master-charges", f"{REQUIRED},every", "MON,Mon,service,30,1 year")
    assert _period("MON") == PeriodValues(count=1, unit="year", billing_day=15, bill_on="arrears")
    imported("master-charges", f"{REQUIRED},billing_day", "MON,Mon,service,30,")
    assert _period("MON") == PeriodValues(count=1, unit="year", bill_on="arrears")
    assert counted(imported("master-charges", REQUIRED, "MON,Mon,service,30"))["master-charges"] == (0, 0, 1)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("2 weeks,,15,,", "A charge period of 2 weeks has no billing day."),
        ("30 days,,,monthly,", "monthly cannot share out a charge period of 30 days."),
        ("2 weeks,,,,by_month", "by_month cannot share out a charge period of 2 weeks."),
        (",2026-01-01,15,,", "The row has an anchor and a billing day; each alone fixes the charge periods."),
        ("none,,15,,", "The row says that there is no charge period, and then describes one."),
        ("1201 months,,,,", "'1201 months' in the column every cannot be used."),
    ],
)
def test_what_is_no_charge_period_is_told(cells: str, message: str) -> None:
    header = f"{REQUIRED},every,anchor,billing_day,part_charging,day_count"
    report = imported("master-charges", header, f"MON,Mon,service,30,{cells}")
    [(row, column, told_message)] = told(report)
    assert (row, column) == (2, "every")
    assert told_message.startswith(message)
    assert ChargePeriod.objects.count() == 0


def test_an_anchor_and_a_billing_day_replace_each_other() -> None:
    on_a_day = PeriodValues(billing_day=15)
    anchored = merged(on_a_day, {"anchor": "2026-01-01"})
    assert anchored == PeriodValues(anchor=date(2026, 1, 1))
    assert merged(anchored, {"billing_day": 3}) == PeriodValues(billing_day=3)
    assert merged(anchored, {"anchor": "start"}) == PeriodValues()


def test_names_say_all_a_charge_period_says() -> None:
    assert name_of(PeriodValues()) == "1 month in advance, from the start"
    weekly = PeriodValues(count=2, unit="week", part_charging="none", offset_days=1)
    assert name_of(weekly) == "2 weeks in advance, from the start, parts not billed, 1 day late"
    thirty = PeriodValues(day_count="thirty_360", part_charging="monthly")
    assert name_of(thirty) == "1 month in advance, from the start, parts by months, 30/360"


def test_a_name_that_another_period_has_gets_a_number() -> None:
    ChargePeriod.objects.create(name="1 month in advance, from the start", count=6)
    imported("master-charges", REQUIRED, "MON,Mon,service,30")
    assert MasterCharge.objects.get().charge_period.name == "1 month in advance, from the start (2)"  # type: ignore[union-attr]


def test_a1_files_keep_to_where_and_when_a_master_charge_is_used() -> None:
    """Active 1 June to 31 August on clients and work orders; what is stored goes on, what is new is refused."""
    header = f"{REQUIRED},usable_on,active_from,active_until,unit_cost,revenue_method"
    row = "POOL,Pool alarm,service,29.85,work-order; client,2026-06-01,2026-08-31,7.123456,equal_months"
    plain = "EVER,Ever,sale,5,,,,,"
    assert counted(imported("master-charges", header, row, plain))["master-charges"] == (2, 0, 0)
    assert counted(imported("master-charges", header, row, plain))["master-charges"] == (0, 0, 2)
    stored, ever = MasterCharge.objects.get(code="POOL"), MasterCharge.objects.get(code="EVER")
    assert (stored.usable_on, stored.active_end) == (["client", "work_order"], date(2026, 9, 1))
    assert (stored.unit_cost, stored.earned) == (Decimal("7.123456"), "equal_months")
    assert (ever.usable_on, ever.active_start, ever.earned) == ([], None, "on_invoice")
    imported("customers", "account,name", "C1,Brightwater")
    imported("clients", "client,name,customer", "S1,Mill,C1")
    charges = "charge,client,code,starts_on,quantity"
    assert counted(imported("charges", charges, "A,S1,POOL,2026-08-31,1"))["charges"] == (1, 0, 0)
    wrong = "The master charge is not for this, or not active on that day."
    late = imported("charges", charges, "A,S1,POOL,2026-08-31,2", "B,S1,POOL,2026-09-01,1")
    assert told(late) == [(3, "code", wrong)]
    imported("master-charges", header, row.replace("work-order; client", "work_order"))
    assert counted(imported("charges", charges, "A,S1,POOL,2026-08-31,2"))["charges"] == (0, 1, 0)
    assert told(imported("charges", charges, "B,S1,POOL,2026-06-01,1")) == [(2, "code", wrong)]
    orders = "work_order,line,client,code,occurred_on"
    assert counted(imported("work-orders", orders, "W1,1,S1,POOL,2026-06-01"))["work-orders"] == (1, 0, 0)
    assert told(imported("work-orders", orders, "W2,1,S1,POOL,2026-05-31")) == [(2, "code", wrong)]
    assert told(
        imported("activations", orders.replace("work_order,line", "activation"), "A1,S1,POOL,2026-06-01")
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("moon,,,,", "usable_on"),
        (",2026-06-02,2026-06-01,,", "active_until"),
        (",,,-1,", "unit_cost"),
        (",,,,soon", "revenue_method"),
    ],
)
def test_a1_uses_that_cannot_be_are_told(cells: str, column: str) -> None:
    header = f"{REQUIRED},usable_on,active_from,active_until,unit_cost,revenue_method"
    assert [where for _, where, _ in told(imported("master-charges", header, f"M,M,sale,1,{cells}"))] == [
        column
    ]
