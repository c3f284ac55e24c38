"""One truth, two forms: on random charges the columns of the engine say what the plain rules say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.periods import (
    BillOn,
    DateRange,
    DayCount,
    Grid,
    Length,
    PartCharging,
    Unit,
)
from counterfoil.core.recurring import BilledPart, Charge, owed_lines, past_periods, span_after
from counterfoil.engine.billing import bill
from counterfoil.engine.credit_frames import BILLED_PARTS
from tests.engine.tables import as_tables, terms

NEAR_TIES = st.sampled_from([5_000, 15_000, 25_000, 340_000, 420_000, 1_005_000, 2_675_000])
PRICES = st.one_of(NEAR_TIES, st.integers(0, 10**9))
QUANTITIES = st.one_of(st.just(1_000_000), st.integers(1, 10**9), st.just(10**15))
DAYS = st.dates(date(2019, 1, 1), date(2028, 12, 31))


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    """Draw a charge of any grid, policy, price and billed span."""
    unit = draw(st.sampled_from(list(Unit)))
    in_months = unit in (Unit.MONTH, Unit.YEAR)
    policies = list(PartCharging) if in_months else [p for p in PartCharging if p != PartCharging.MONTHLY]
    counts = list(DayCount) if in_months else [DayCount.ACTUAL, DayCount.THIRTY_360]
    starts_on = draw(DAYS)
    ends_before = draw(st.none() | st.integers(1, 800).map(lambda days: starts_on + timedelta(days)))
    billed_from = starts_on + timedelta(draw(st.integers(-20, 60)))
    billed_from = min(billed_from, ends_before or billed_from)  # else a finding: service_before_billed
    billed_to = billed_from + timedelta(draw(st.integers(1, 300)))
    billed = draw(st.none() | st.just(DateRange(billed_from, billed_to)))
    given_up: tuple[DateRange, ...] = ()
    if billed is not None and billed.days > 2 and draw(st.booleans()):
        given_from, given_to = sorted(
            draw(st.lists(st.integers(1, billed.days - 1), min_size=2, max_size=2, unique=True))
        )
        given_up = (DateRange(billed_from + timedelta(given_from), billed_from + timedelta(given_to)),)
    quantity = draw(QUANTITIES)
    return Charge(
        quantity_steps=quantity,
        unit_price_steps=draw(PRICES if quantity < 10**15 else NEAR_TIES),
        currency="EUR",
        grid=Grid(Length(draw(st.integers(1, 14)), unit), draw(DAYS)),
        starts_on=starts_on,
        ends_before=ends_before,
        part_charging=draw(st.sampled_from(policies)),
        day_count=draw(st.sampled_from(counts)),
        bill_on=draw(st.sampled_from(list(BillOn))),
        offset=draw(st.integers(-40, 40)),
        billed=billed,
        given_up=given_up,
        commissioned=draw(st.none() | st.just((DateRange(starts_on + timedelta(3), None),))),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=30), DAYS)
def test_lines_spans_and_past_periods_agree(plain: list[Charge], cutoff: date) -> None:
    """Rules 1 to 3: the same lines, shares and amounts, and the same span afterwards."""
    billed = bill(as_tables(plain), terms=terms(cutoff=cutoff, invoice_date=cutoff))
    assert billed.findings.is_empty()
    found = {
        (charge, start): (end, f"{num}/{den}", net, bill_date)
        for charge, start, end, num, den, net, bill_date in billed.lines.select(
            "charge_id",
            "period_start",
            "period_end",
            "fraction_num",
            "fraction_den",
            "net_minor",
            "bill_date",
        ).iter_rows()
    }
    spans = {
        row[0]: DateRange(*row[1:])
        for row in billed.spans.select("charge_id", "billed_from", "billed_to").iter_rows()
    }
    expected, expected_spans = {}, {}
    for number, charge in enumerate(plain, start=1):
        lines = owed_lines(charge, through=cutoff)
        for line in lines:
            share = f"{line.fraction.numerator}/{line.fraction.denominator}"
            expected[number, line.period.start] = (line.period.end, share, line.net_minor, line.bill_date)
        if lines:
            expected_spans[number] = span_after(charge, lines)
    assert found == expected
    assert spans == expected_spans


@settings(max_examples=100, deadline=None)
@given(
    st.lists(charges().filter(lambda charge: charge.billed is not None), min_size=1, max_size=20),
    DAYS,
    st.lists(st.fractions(0, 1), min_size=40, max_size=40),
)
def test_what_credits_left_of_a_period_is_counted_alike(
    plain: list[Charge], cutoff: date, left: list[Fraction]
) -> None:
    """Rule 3.4: pieces beside the span cost what is not yet billed of their period, and are never below zero."""
    shares = iter(left)
    known, rows = [], []
    for number, charge in enumerate(plain, start=1):
        assert charge.billed is not None
        edges = {charge.grid.index_of(day) for day in (charge.billed.first_day, charge.billed.last_day)}
        edges |= {charge.grid.index_of(days.first_day) for days in charge.given_up}
        parts = [BilledPart(k=k, net_minor=charge.cost_of(next(shares))) for k in sorted(edges)]
        known.append(replace(charge, billed_parts=tuple(parts)))
        for part in parts:
            period = charge.grid.period(part.k)
            price = (charge.quantity_steps, charge.unit_price_steps)
            rows.append((number, period.start, period.end, *price, part.net_minor))
    table = pl.DataFrame(rows, schema=BILLED_PARTS.schema, orient="row")
    asked = terms(cutoff=cutoff, invoice_date=cutoff)
    billed = bill(replace(as_tables(plain), billed_parts=table), terms=asked)
    found = billed.lines.select("charge_id", "period_start", "net_minor").rows()
    expected = [
        (number, line.period.start, line.net_minor)
        for number, charge in enumerate(known, start=1)
        for line in owed_lines(charge, through=cutoff)
    ]
    assert sorted(found) == sorted(expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(charges(), min_size=1, max_size=20), DAYS, st.integers(0, 3))
def test_past_periods_are_set_aside_alike(plain: list[Charge], cutoff: date, allowed: int) -> None:
    """Rule 2.7: whoever owes more past periods than allowed is a finding, and nobody else is."""
    whole = [charge for charge in plain if charge.part_charging != PartCharging.NONE]
    asked = terms(cutoff=cutoff, invoice_date=cutoff, past_periods_allowed=allowed)
    billed = bill(as_tables(whole), terms=asked) if whole else None
    late = {
        number
        for number, charge in enumerate(whole, start=1)
        if past_periods(owed_lines(charge, through=cutoff), cut_off=cutoff) > allowed
    }
    assert (set(billed.findings.get_column("charge_id")) if billed else set()) == late
