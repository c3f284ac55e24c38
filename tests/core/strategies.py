"""Random charges for Hypothesis: every unit, anchor and policy, from 1900 to 2200."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from counterfoil.core.periods import BillOn, DateRange, DayCount, Grid, Length, PartCharging, Unit
from counterfoil.core.recurring import Charge
from tests.core.oracle import Terms

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
DATES = st.dates(min_value=FIRST, max_value=LAST)
ANCHOR_DAYS = st.none() | st.integers(1, 31)
LENGTHS = st.one_of(
    st.builds(Length, st.sampled_from([1, 2, 3, 6, 12]), st.just(Unit.MONTH)),
    st.builds(Length, st.integers(1, 2), st.just(Unit.YEAR)),
    st.builds(Length, st.integers(1, 5), st.just(Unit.WEEK)),
    st.builds(Length, st.integers(1, 40), st.just(Unit.DAY)),
)


@st.composite
def grids(draw: st.DrawFn, *, near: date | None = None) -> Grid:
    """Draw a grid; its anchor lies within some years of *near*, before or after."""
    length = draw(LENGTHS)
    anchor = draw(DATES) if near is None else near + timedelta(days=draw(st.integers(-1500, 1500)))
    return Grid(length, anchor, draw(ANCHOR_DAYS) if length.months is not None else None)


@st.composite
def charges(draw: st.DrawFn, *, billed: bool = False, commissioned: bool = False) -> Charge:
    """Draw a closed charge of at most about two and a half years; *billed* gives it a billed span."""
    starts_on = draw(st.dates(min_value=date(1905, 1, 1), max_value=date(2195, 12, 31)))
    grid = draw(grids(near=starts_on))
    ends_before = starts_on + timedelta(days=draw(st.integers(1, 900)))
    has_months = grid.length.months is not None
    policies = [policy for policy in PartCharging if has_months or policy is not PartCharging.MONTHLY]
    counts = [count for count in DayCount if has_months or count is not DayCount.BY_MONTH]
    span = None
    if billed:
        inside = st.integers(0, (ends_before - starts_on).days)
        first, after = sorted([draw(inside), draw(inside)])
        span = DateRange(starts_on + timedelta(days=first), starts_on + timedelta(days=after))
    return Charge(
        quantity_steps=draw(st.integers(-3_000_000, 10**9)),
        unit_price_steps=draw(st.integers(-(10**6), 10**9)),
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        grid=grid,
        starts_on=starts_on,
        ends_before=ends_before,
        part_charging=draw(st.sampled_from(policies)),
        day_count=draw(st.sampled_from(counts)),
        bill_on=draw(st.sampled_from(list(BillOn))),
        offset=draw(st.integers(-40, 40)),
        billed=span,
        commissioned=draw(intervals(starts_on, ends_before)) if commissioned else None,
    )


@st.composite
def charges_with_days_given_up(draw: st.DrawFn, *, commissioned: bool = False) -> Charge:
    """Draw a charge some days within whose billed span, but not at its edges, credits gave up."""
    charge = draw(charges(billed=True, commissioned=commissioned))
    assert charge.billed is not None
    if charge.billed.days < 3:
        return charge
    edges = draw(st.lists(st.integers(1, charge.billed.days - 1), unique=True, max_size=6).map(sorted))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    first_day = charge.billed.first_day
    return replace(
        charge,
        given_up=tuple(
            DateRange(first_day + timedelta(days=first), first_day + timedelta(days=after))
            for first, after in pairs
        ),
    )


@st.composite
def intervals(draw: st.DrawFn, starts_on: date, ends_before: date) -> tuple[DateRange, ...]:
    """Draw up to three commissioned intervals that do not touch, some days beyond the charge's dates included."""
    length = (ends_before - starts_on).days
    edges = draw(st.lists(st.integers(-10, length + 10), unique=True, min_size=0, max_size=6).map(sorted))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(
        DateRange(starts_on + timedelta(days=first), starts_on + timedelta(days=after))
        for first, after in pairs
    )


def oracle_terms(charge: Charge, **changes: Any) -> Terms:
    """Return the same charge in the oracle's words."""
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[charge.currency]
    assert charge.ends_before is not None
    settings: dict[str, Any] = {
        "count": charge.grid.length.count,
        "unit": str(charge.grid.length.unit),
        "anchor": charge.grid.anchor,
        "anchor_day": charge.grid.anchor_day,
        "starts_on": charge.starts_on,
        "ends_before": charge.ends_before,
        "part_charging": str(charge.part_charging),
        "day_count": str(charge.day_count),
        "bill_on": str(charge.bill_on),
        "offset": charge.offset,
        "price": Fraction(charge.quantity_steps, 10**6) * Fraction(charge.unit_price_steps, 10**6),
        "digits": digits,
        "billed_from": charge.billed.start if charge.billed else None,
        "billed_to": charge.billed.end if charge.billed else None,
        "given_up": tuple((given.first_day, given.ends_before) for given in charge.given_up),
        "commissioned": None
        if charge.commissioned is None
        else tuple((interval.first_day, interval.ends_before) for interval in charge.commissioned),
    }
    return Terms(**{**settings, **changes})
