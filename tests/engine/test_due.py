"""What the calendar does is told apart from what was won and lost (product C3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.core.comparing import next_due, reason_of_one_side
from counterfoil.core.money import Rounding
from counterfoil.core.periods import BillOn, DateRange, Grid, Length, Unit
from counterfoil.engine.due import BILLED_BEFORE, GOING_ON, charges_alone, told_apart
from counterfoil.engine.variance import COMPARED, PARTS, compare, totals
from tests.engine.test_variance import JULY, JUNE, line

OCTOBER = date(2026, 10, 1)


def quarterly(charge_id: int = 1, **values: Any) -> dict[str, Any]:
    """Return a charge billed each quarter in advance, from April 2026 on, without an end."""
    ordinary = {
        "charge_id": charge_id, "starts_on": date(2026, 4, 1), "ends_before": None, "commissioned_on": None,
        "decommissioned_on": None, "while_commissioned": False, "count": 3, "unit": "month", "anchor": date(2026, 1, 1),
        "billing_day": None, "bill_on": "advance", "offset_days": 0,
    }  # fmt: skip
    return {**ordinary, **values}


def apart(
    now: list[dict[str, Any]],
    before: list[dict[str, Any]],
    *,
    going_on: list[dict[str, Any]] | None = None,
    billed_before: list[dict[str, Any]] | None = None,
    cutoff: date = JULY,
) -> pl.DataFrame:
    """Return the variances of *now* against *before*, told apart."""
    here, there = (pl.DataFrame(rows, schema=COMPARED.schema) for rows in (now, before))
    return told_apart(
        compare(now=here, before=there, rounding=Rounding.HALF_AWAY),
        now=here,
        before=there,
        going_on=pl.DataFrame(going_on or [], schema=GOING_ON.schema),
        billed_before=pl.DataFrame(billed_before or [], schema=BILLED_BEFORE.schema),
        cutoff=cutoff,
    )


def reasons(*args: Any, **values: Any) -> list[str]:
    """Return the reasons that `apart` tells."""
    return apart(*args, **values).get_column("reason").to_list()


A_QUARTER = line(1, period_start=date(2026, 4, 1), period_end=JULY)


def test_a_quarter_that_rests_is_not_due_and_one_that_ended_is_gone() -> None:
    """Billed April to June in April; the cut-off of May lies before 1 July, when it is due again."""
    may = date(2026, 5, 1)
    assert reasons([], [A_QUARTER], going_on=[quarterly()], cutoff=may) == ["not_due"]
    assert reasons([], [A_QUARTER], going_on=[quarterly(ends_before=JULY)], cutoff=may) == ["gone"]
    assert reasons([], [A_QUARTER], going_on=[quarterly()], cutoff=JULY) == ["gone"]
    assert reasons([], [A_QUARTER], going_on=[], cutoff=may) == ["gone"]


def test_a_client_that_left_is_gone_where_its_charge_is_served_only_while_commissioned() -> None:
    left = {"commissioned_on": JUNE, "decommissioned_on": JULY, "while_commissioned": True}
    may = date(2026, 5, 1)
    assert reasons([], [A_QUARTER], going_on=[quarterly(**left)], cutoff=may) == ["gone"]
    stays = {**left, "while_commissioned": False}
    assert reasons([], [A_QUARTER], going_on=[quarterly(**stays)], cutoff=may) == ["not_due"]
    waits = {"while_commissioned": True}
    assert reasons([], [A_QUARTER], going_on=[quarterly(**waits)], cutoff=may) == ["gone"]


def test_usage_is_due_once_its_period_is_over_and_an_offset_moves_the_day() -> None:
    used = {**A_QUARTER, "kind": "usage"}
    assert reasons([], [used], going_on=[quarterly()], cutoff=date(2026, 9, 30)) == ["not_due"]
    assert reasons([], [used], going_on=[quarterly()], cutoff=OCTOBER) == ["gone"]
    early = quarterly(offset_days=-14)  # 1 July − 14 days = 17 June
    assert reasons([], [A_QUARTER], going_on=[early], cutoff=date(2026, 6, 16)) == ["not_due"]
    assert reasons([], [A_QUARTER], going_on=[early], cutoff=date(2026, 6, 17)) == ["gone"]


def test_days_that_follow_on_are_due_again_for_the_same_customer_alone() -> None:
    now = [line(2, period_start=JULY, period_end=OCTOBER)]
    until_july = {"charge_id": 1, "customer_id": 1, "billed_to": JULY}
    assert reasons(now, [], billed_before=[until_july]) == ["due_again"]
    assert reasons(now, [], billed_before=[{**until_july, "customer_id": 2}]) == ["new"]
    assert reasons(now, [], billed_before=[{**until_july, "billed_to": JUNE}]) == ["new"]
    assert reasons(now, [], billed_before=[]) == ["new"]


def test_several_periods_at_once_follow_on_together_and_events_never_do() -> None:
    now = [line(2), line(3, period_start=JULY, period_end=date(2026, 8, 1))]
    until_june = {"charge_id": 1, "customer_id": 1, "billed_to": JUNE}
    assert reasons(now, [], billed_before=[until_june]) == ["due_again", "due_again"]
    event = line(4, charge_id=None, event_charge_id=1, kind="event")
    assert reasons([event], [], billed_before=[until_june]) == ["new"]


def test_the_sums_still_add_up() -> None:
    now = [line(1, charge_id=1), line(2, charge_id=2, net_minor=500)]
    before = [line(3, charge_id=3, net_minor=700), line(4, charge_id=4, net_minor=900)]
    found = apart(
        now, before,
        going_on=[quarterly(4), quarterly(3, ends_before=JULY)],
        billed_before=[{"charge_id": 1, "customer_id": 1, "billed_to": JUNE}],
        cutoff=JUNE,
    )  # fmt: skip
    (total,) = totals(found).to_dicts()
    assert {part: total[f"{part}_minor"] for part in PARTS if total[f"{part}_minor"]} == {
        "new": 500, "gone": -700, "due_again": 3000, "not_due": -900,
    }  # fmt: skip
    assert total["difference_minor"] == 3500 - 1600
    assert (total["new_lines"], total["gone_lines"], total["due_again_lines"], total["not_due_lines"]) == (
        1,
        1,
        1,
        1,
    )


DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(DAYS, st.none() | DAYS, DAYS, st.sampled_from(BillOn), st.integers(-30, 30)), min_size=1),
    st.sampled_from([Length(1, Unit.MONTH), Length(3, Unit.MONTH), Length(2, Unit.WEEK)]),
    DAYS,
)  # fmt: skip
def test_columns_agree_with_the_rule(charges: list[Any], length: Length, cutoff: date) -> None:
    """Whatever the dates, each line has the reason that core gives it by itself."""
    before, going_on, expected = [], [], []
    for number, (starts_on, ends_before, billed_to, bill_on, offset) in enumerate(charges, start=1):
        day = timedelta(days=1)
        before.append(
            line(
                number, charge_id=number, period_start=billed_to - day, period_end=billed_to, net_minor=number
            )
        )
        going_on.append(
            quarterly(
                number, starts_on=starts_on, ends_before=ends_before, count=length.count, unit=length.unit.value,
                bill_on=bill_on.value, offset_days=offset,
            )
        )  # fmt: skip
        due = next_due(
            grid=Grid(length, date(2026, 1, 1)),
            served=DateRange(starts_on, ends_before),
            billed_to=billed_to,
            bill_on=bill_on,
            offset=offset,
        )
        expected.append(reason_of_one_side("gone", follows_on=False, next_due=due, cutoff=cutoff))
    found = apart([], before, going_on=going_on, cutoff=cutoff).sort("charge_id")
    assert found.get_column("reason").to_list() == expected
    assert charges_alone(found, "gone") == [n for n, told in enumerate(expected, 1) if told == "gone"]
