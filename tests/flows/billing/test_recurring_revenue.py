"""What recurs a month is kept with what was issued: whatever the length of a period, for the months it serves."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from counterfoil.core.monthly import monthly_net, months_in
from counterfoil.core.periods import DateRange, Unit
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.records.billing import sums
from counterfoil.records.billing.models import Invoice, InvoiceLine, RecurringRevenue
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Dealer
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import JANUARY, billed, credited, ends, issued, quarter, quarters

pytestmark = pytest.mark.django_db(transaction=True)
DECEMBER = date(2026, 12, 1)


def a_month() -> list[int]:
    """Return what recurs a month from January on, for as many months as anything does."""
    rows = sums.monthly_by_kind(RecurringRevenue.objects.all(), since=JANUARY, until=DECEMBER)
    return [row.net_minor for row in rows]


def test_a_length_is_brought_to_a_month_and_counts_in_the_months_whose_last_day_it_serves() -> None:
    """30.00 of 90.00 a quarter, 10.00 of 120.00 a year, and of 30.00 from the 15th all, in January alone."""
    build.organisation()
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=Branch.objects.get())
    quarter(client=build.client(dealer=dealer))
    year = build.monthly(count=12, anchor=JANUARY)
    build.charge(master_charge=build.master(unit_price=120, charge_period=year), starts_on=JANUARY)
    month = build.master(unit_price=31, charge_period=build.monthly(anchor=JANUARY))
    build.charge(master_charge=month, starts_on=date(2026, 1, 15), quantity=2)
    days = build.monthly(count=31, unit=Unit.DAY.value, anchor=JANUARY)
    build.charge(master_charge=build.master(unit_price=62, charge_period=days), starts_on=JANUARY)
    billed(cutoff=date(2026, 1, 15))
    # 31 days of 62.00 serve the 31st: 62.00 × 365 ÷ (12 × 31) = 60.8333…; in all 30 + 10 + 62 + 60.83
    assert a_month() == [16_283, 4_000, 4_000, *[1_000] * 9]
    of_dealer = sums.monthly_by_dealer(RecurringRevenue.objects.all(), since=JANUARY, until=JANUARY)
    assert [(row.name, row.net_minor) for row in of_dealer] == [
        ("Harbour Alarms", 3_000),
        ("Direct", 13_283),
    ]


def test_what_is_kept_is_what_the_rule_says_of_each_line() -> None:
    build.organisation()
    of = quarters()
    for start in (date(2026, 1, 7), date(2026, 2, 11), date(2026, 3, 30)):
        quarter(period=of, starts_on=start)  # 90.00 × 84/90, 49/90 and 2/90 of whole cents
    billed(cutoff=date(2026, 4, 1))
    of_march = Fraction(0)
    for line in InvoiceLine.objects.filter(period_start__lt=date(2026, 4, 1)):
        share = Fraction(line.fraction_num, line.fraction_den)
        grid = DateRange(line.grid_start, line.grid_end)
        of_march += monthly_net(
            line.net_minor, share=share, months=months_in(grid, is_of_days=line.anchor_day is None)
        )
    kept = RecurringRevenue.objects.filter(month=date(2026, 3, 1)).get().monthly_steps
    assert kept == round(of_march * 1_000_000)
    assert of_march == 3 * 3_000


def test_what_is_credited_recurs_no_more() -> None:
    build.organisation()
    charge = quarter()
    billed()
    assert a_month() == [3_000] * 3
    ends(charge, "2026-02-01")
    issued(credited())
    assert a_month() == [
        3_000,
        0,
        0,
    ]  # 59 of 90 days are given back: 59.00 × 90/59 ÷ 3 off February and March


def test_a_void_document_recurs_no_more() -> None:
    build.organisation()
    quarter()
    billed()
    void_invoices([Invoice.objects.get().pk], reason="wrong", by=None, now=NOW)
    assert a_month() == [0] * 3
