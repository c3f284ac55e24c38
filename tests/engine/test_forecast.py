"""What charges will bill is what runs will bill, month after month (product A8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.money import STEPS
from counterfoil.engine.billing import bill
from counterfoil.engine.forecast import by_month, forecast
from tests.engine.tables import Row, as_tables, charge_period, loaded, terms
from tests.engine.test_agreement import charges

JUNE = date(2026, 6, 1)
YEAR = date(2027, 5, 31)


def months(rows: list[Row], **tables: Any) -> dict[date, int]:
    """Return what *rows* bill by month, from June 2026 to May 2027."""
    lines, _ = forecast(loaded(rows, **tables), terms=terms(), through=YEAR)
    return {month: net for _, _, month, net in by_month(lines, first=JUNE).iter_rows()}


def test_twelve_months_of_a_monthly_charge() -> None:
    found = months([Row()])
    assert len(found) == 12
    assert set(found.values()) == {1000}


def test_an_end_and_what_is_billed_already_count() -> None:
    """Rule 2.5: billed until 31 July; ends on 15 September: 10.00 × 15/30."""
    row = Row(billed_from=JUNE, billed_to=date(2026, 8, 1), ends_before=date(2026, 9, 16))
    assert months([row]) == {date(2026, 8, 1): 1000, date(2026, 9, 1): 500}


def test_what_is_overdue_counts_in_the_first_month() -> None:
    """Rule 2.4: April and May were never billed."""
    assert months([Row(starts_on=date(2026, 4, 1), ends_before=date(2026, 7, 1))]) == {JUNE: 3000}


def test_bill_dates_decide_the_month() -> None:
    """Rule 2.3: a quarter in arrears is billed on the first day after it."""
    quarterly = charge_period(count=3, bill_on="arrears")
    assert list(months([Row(starts_on=date(2026, 4, 1))], charge_periods=[quarterly])) == [
        date(2026, 7, 1),
        date(2026, 10, 1),
        date(2027, 1, 1),
        date(2027, 4, 1),
    ]


def test_a_rebate_alone_is_forecast_though_no_invoice_is_below_zero() -> None:
    """Rule 5.5 keeps such documents; the charge still bills."""
    assert set(months([Row(unit_price=-2 * STEPS)]).values()) == {-200}


def test_what_cannot_be_billed_says_why() -> None:
    lines, findings = forecast(loaded([Row(customer_id=None)]), terms=terms(), through=YEAR)
    assert lines.is_empty()
    assert findings.get_column("code").to_list() == ["no_customer"]


@settings(max_examples=40, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=8))
def test_a_forecast_is_what_a_run_then_bills(plain: list[Any]) -> None:
    """Rule 12.1, ahead of time: the same lines and amounts as a run with that cut-off."""
    tables = as_tables(plain)
    ahead, _ = forecast(tables, terms=terms(), through=YEAR)
    billed = bill(tables, terms=terms(cutoff=YEAR))
    columns = ["charge_id", "period_start", "period_end", "bill_date", "net_minor"]
    found = set(ahead.select(columns).iter_rows())
    assert set(billed.lines.select(columns).iter_rows()) == found
