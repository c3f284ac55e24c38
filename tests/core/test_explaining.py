"""The steps of an explanation, and how shares are counted, on plain values (product A8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.comparing import Circumstances, LineSeen, difference_in_words
from counterfoil.core.counting import counted, share_in_days
from counterfoil.core.explained import CreditSeen, EarlierPiece, Explained, Step, TaxGroup, TaxUsed
from counterfoil.core.explaining import exact_in_words, explain
from counterfoil.core.money import STEPS, Rounding
from counterfoil.core.periods import DateRange

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
WHOLE_JUNE = DateRange(JUNE, JULY)
TAX = TaxUsed(
    category="Standard",
    rate_steps=23 * STEPS,
    tax_point=JUNE,
    valid_from=date(2000, 1, 1),
    country="",
    customer_status="standard",
    seller_status="standard",
    includes_tax=False,
)
LINE = Explained(
    kind="charge",
    currency="EUR",
    period=WHOLE_JUNE,
    grid=WHOLE_JUNE,
    bill_date=JUNE,
    fraction=Fraction(1),
    part_charging="daily",
    day_count="actual",
    quantity_steps=STEPS,
    unit_price_steps=30 * STEPS,
    discount_minor=0,
    net_minor=3000,
    tax_minor=690,
    rounding=Rounding.HALF_AWAY,
    tax=TAX,
    group=TaxGroup(lines=1, net_minor=3000, tax_minor=690),
)


def steps(line: Explained) -> dict[str, Step]:
    """Return the steps of *line* by topic, the last of each."""
    return {step.topic: step for step in explain(line)}


@pytest.mark.parametrize(
    ("period", "grid", "fraction", "policy", "told"),
    [
        ((1, 1), (1, 1), "1", ("daily", "actual"), "the whole period"),
        ((14, 1), (1, 1), "17/30", ("daily", "actual"), "17 of 30 days"),
        ((14, 1), (1, 1), "1", ("whole", "actual"), "a part is billed in full"),
        ((14, 1), (1, 1), "17/30", ("daily", "thirty_360"), "30/360: 17 of 30 days, each month counting 30"),
        ((14, 1), (1, 1), "17/30", ("daily", "by_month"), "month by month: 17/30"),
        ((14, 1), (1, 1), "1/2", ("daily", "actual"), "what 17 of 30 days add to those billed before"),
    ],
)
def test_how_a_share_is_counted(
    period: tuple[int, int], grid: tuple[int, int], fraction: str, policy: tuple[str, str], told: str
) -> None:
    """Rule 3: each policy says it in its own words."""
    days = DateRange(date(2026, 6, period[0]), date(2026, 7, period[1]))
    whole = DateRange(date(2026, 6, grid[0]), date(2026, 7, grid[1]))
    found = counted(
        period=days, grid=whole, fraction=Fraction(fraction), part_charging=policy[0], day_count=policy[1]
    )
    assert found == told


def test_months_served_and_days_of_two_months() -> None:
    """Rule 3, `monthly` and `by_month`: 25 January to 3 February is 7/31 + 3/28."""
    quarter = DateRange(date(2026, 1, 1), date(2026, 4, 1))
    part = DateRange(date(2026, 2, 15), date(2026, 4, 1))
    policy = {"part_charging": "monthly", "day_count": "actual"}
    assert counted(period=part, grid=quarter, fraction=Fraction(2, 3), **policy) == (
        "2 of 3 months, those with at least one day served"
    )
    month = DateRange(date(2026, 1, 10), date(2026, 2, 10))
    days = DateRange(date(2026, 1, 25), date(2026, 2, 4))
    share = Fraction(7, 31) + Fraction(3, 28)
    policy = {"part_charging": "daily", "day_count": "by_month"}
    assert counted(period=days, grid=month, fraction=share, **policy) == "month by month: 7/31 + 3/28"


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=400))
def test_an_exact_value_is_shown_whole_or_cut_with_an_ellipsis(value: Fraction) -> None:
    text = exact_in_words(value, places=4)
    shown = Fraction(text.removesuffix("…"))
    if text.endswith("…"):
        assert 0 < abs(value - shown) < Fraction(1, 10_000)
        assert abs(shown) <= abs(value)
    else:
        assert shown == value


def test_the_product_shows_the_exact_amount_and_its_rounding() -> None:
    """Rules 3.1 and 3.3."""
    part = replace(LINE, fraction=Fraction(17, 31), net_minor=1645)
    assert steps(part)["amount"].value == "30.00 × 1 × 17/31 = 16.4516… → 16.45"
    tie = replace(LINE, unit_price_steps=340_000, fraction=Fraction(21, 28), net_minor=26)
    assert steps(tie)["amount"].value == "0.34 × 1 × 3/4 = 0.255 → 0.26"
    days = replace(LINE, fraction=Fraction(18, 30), net_minor=1800)
    assert steps(days)["amount"].value == "30.00 × 1 × 18/30 = 18.00"
    assert steps(days)["share"].value == "18/30"
    even = replace(tie, unit_price_steps=300_000, rounding=Rounding.HALF_EVEN, net_minor=22)
    assert steps(even)["amount"].why == "rounded once, half to the even digit"


def test_a_piece_adds_to_what_was_billed() -> None:
    """Rule 3.4: 0.05 × 9/30 is 0.02 (0.015), so 21/30 of it add 0.03."""
    earlier = EarlierPiece(
        period=DateRange(JUNE, date(2026, 6, 10)), fraction=Fraction(9, 30), net_minor=2, document="INV-1"
    )
    piece = replace(LINE, unit_price_steps=50_000, fraction=Fraction(21, 30), net_minor=3, earlier=[earlier])
    found = steps(piece)
    assert found["earlier"].value == "0.02"
    assert found["pieces"].value == "0.03"
    assert found["pieces"].why == "all parts together 0.05 × 1 × 1 = 0.05, less the earlier ones 0.02"


def test_discounts_usage_and_tax_inside_the_price() -> None:
    """Rules 4.4, 4.5 and 5.4."""
    off = {"discounts": [{"name": "Loyalty", "percent": "10", "minor": "300"}]}
    assert steps(replace(LINE, discount_minor=300, net_minor=2700, details=off))["discount"].value == "-3.00"
    used = {
        "unit": "calls",
        "units": "130",
        "billed_units": "130",
        "free_units": "100",
        "mode": "graduated",
        "tiers": [{"from": "0", "units": "30", "unit_price": "0.05", "fee": "0", "amount": "1.5"}],
        "minimum": {"amount": "1", "applies": False},
    }
    found = steps(replace(LINE, kind="usage", net_minor=150, details=used))
    assert found["tier"].value == "30 × 0.05 = 1.5"
    assert found["units"].why == "130 counted, 100 of the period free"
    assert found["minimum"].why == "not needed"
    inclusive = replace(
        LINE,
        tax=replace(TAX, includes_tax=True),
        net_minor=1000,
        tax_minor=230,
        group=TaxGroup(lines=1, net_minor=1000, tax_minor=230),
    )
    assert steps(inclusive)["group"].why == "this line alone: 12.30 with tax, net 10.00, the rest is tax"


def test_who_is_not_taxed_says_so() -> None:
    """Rule 5.1."""
    reverse = replace(LINE, tax=replace(TAX, customer_status="reverse_charge", rate_steps=0))
    assert steps(reverse)["rate"].why.endswith("the customer is reverse charge")
    unknown = replace(LINE, tax=replace(TAX, valid_from=None, country=None))
    assert "not found among the rates stored now" in steps(unknown)["rate"].why


def test_credits_leave_what_is_left() -> None:
    """Rule 6.4."""
    credit = CreditSeen(document="CN-1", dated=JULY, net_minor=-1300, reason="ended")
    found = steps(replace(LINE, credits=[credit], document="INV-1"))
    assert (found["credit"].why, found["left"].value) == ("CN-1: ended", "17.00")


def test_what_a_person_did_names_the_person() -> None:
    """Rules 12.7 and 12.8."""
    adjusted = replace(
        LINE, kind="adjustment", net_minor=-500, said="goodwill (ann)", refers_to="line 1 of INV-1"
    )
    assert steps(adjusted)["amount"] == Step(
        topic="amount",
        label="Adjustment",
        value="-5.00",
        why="of line 1 of INV-1; goodwill (ann)",
        rule="12.8",
    )


SEEN = LineSeen(
    kind="charge",
    currency="EUR",
    period=WHOLE_JUNE,
    fraction=Fraction(1),
    quantity_steps=STEPS,
    unit_price_steps=30 * STEPS,
    discount_minor=0,
    net_minor=3000,
    grid=WHOLE_JUNE,
)


@pytest.mark.parametrize(
    ("fraction", "grid", "policy", "told"),
    [
        ("3/5", ((6, 1), (7, 1)), ("daily", "actual"), "18/30"),
        ("17/31", ((7, 1), (8, 1)), ("daily", "actual"), "17/31"),
        ("3/5", ((7, 1), (8, 1)), ("daily", "thirty_360"), "18/30"),
        ("2/3", ((4, 1), (7, 1)), ("monthly", "actual"), "2/3"),
        ("1/3", ((1, 1), (4, 1)), ("daily", "by_month"), "1/3"),
        ("307/868", ((1, 1), (4, 1)), ("daily", "by_month"), "307/868"),  # (7/31 + 3/28 + ...) is no whole number
        ("1", ((6, 1), (7, 1)), ("whole", "actual"), "1"),
        ("-1/2", ((6, 1), (7, 1)), ("daily", "actual"), "-15/30"),
    ],
)  # fmt: skip
def test_a_share_is_told_in_what_it_was_counted_in(
    fraction: str, grid: tuple[tuple[int, int], tuple[int, int]], policy: tuple[str, str], told: str
) -> None:
    days = DateRange(*(date(2026, *day) for day in grid))
    shown = share_in_days(Fraction(fraction), grid=days, part_charging=policy[0], day_count=policy[1])
    assert shown == told


@pytest.mark.parametrize(
    ("reason", "parts", "now", "before", "about", "told"),
    [
        ("price", {"price": 1}, {"unit_price_steps": 32_500_000}, {}, {}, "price 30.00 → 32.50 from 1 June 2026"),
        ("quantity", {"quantity": 1}, {"quantity_steps": 2 * STEPS}, {}, {}, "quantity 1 → 2"),
        ("discount", {"discount": -1}, {"discount_minor": 400}, {}, {}, "discount 0.00 → 4.00"),
        ("tax", {"tax": 1}, {}, {}, {}, "the tax in the price changed"),
        ("price", {"price": 1}, {}, {}, {}, "tariff changed"),
        ("other", {"other": -1}, {"kind": "waived"}, {}, {"said": "goodwill"}, "waived: goodwill"),
        ("other", {"other": 1}, {}, {"kind": "waived"}, {}, "waived last time"),
        ("same", {}, {}, {}, {}, "as last time"),
        ("new", {}, {}, None, {"commissioned_on": JUNE}, "commissioned 1 June 2026"),
        ("new", {}, {}, None, {"excluded_from": "run 4"}, "excluded from run 4, billed now"),
        ("new", {}, {}, None, {}, "not billed last time, now 1 June 2026 – 30 June 2026"),
        ("period", {}, {}, None, {}, "a further period, 1 June 2026 – 30 June 2026"),
        ("gone", {}, None, {}, {"set_aside": "No price."}, "set aside: No price."),
        ("gone", {}, None, {}, {"ends_before": JULY, "billed_to": JULY}, "ended 30 June 2026"),
        ("gone", {}, None, {}, {"decommissioned_on": JULY}, "decommissioned 1 July 2026"),
        ("gone", {}, None, {}, {"billed_to": date(2026, 9, 1)},
         "billed until 31 August 2026 by another run, or to another customer"),
        ("gone", {}, None, {}, {"billed_to": JULY}, "not billed by this run any more"),
        ("not_due", {}, None, {}, {"set_aside": "No price."}, "billed until 30 June 2026, not due this time"),
        ("due_again", {}, {}, None, {}, "due again, 1 June 2026 – 30 June 2026"),
    ],
)  # fmt: skip
def test_why_a_line_differs(
    reason: str, parts: dict[str, int], now: object, before: object, about: dict[str, object], told: str
) -> None:
    """Product C3: reasons in words."""
    sides = [replace(SEEN, **side) if isinstance(side, dict) else None for side in (now, before)]
    found = difference_in_words(
        reason=reason, parts=parts, now=sides[0], before=sides[1], about=Circumstances(**about)  # type: ignore[arg-type]
    )  # fmt: skip
    assert found == told
