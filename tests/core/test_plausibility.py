"""Whether a reading looks right beside those before it and after it."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.money import STEPS
from counterfoil.core.plausibility import Doubt, Judged, judge
from counterfoil.core.usage import Reading

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def read(day: date, value: int) -> Reading:
    """Return a reading of whole units."""
    return Reading(read_on=day, value_steps=value * STEPS)


# 310 units in the 31 days of May are 10 a day, so 300 are usual in the 30 days of June.
BEFORE = [read(MAY, 1000), read(JUNE, 1310)]


@pytest.mark.parametrize(
    ("value", "units", "doubt"),
    [
        (1610, 300, None),
        (1461, 151, None),
        (1460, 150, Doubt.FAR_BELOW),  # half of 300
        (1909, 599, None),
        (1910, 600, Doubt.FAR_ABOVE),  # twice 300
        (1309, -1, Doubt.GOES_BACK),
    ],
)
def test_what_is_far_from_the_usual_or_goes_back_is_doubted(
    value: int, units: int, doubt: Doubt | None
) -> None:
    found = judge(read(JULY, value), earlier=BEFORE)
    assert (found.units_steps, found.doubt) == (units * STEPS, doubt)
    assert found.usual_steps == (None if doubt is Doubt.GOES_BACK else 300 * STEPS)


def test_a_counter_that_begins_again_goes_on() -> None:
    before = [read(MAY, 99_400), read(JUNE, 99_710)]
    found = judge(read(JULY, 10), earlier=before, digits=5)
    assert found == Judged(units_steps=300 * STEPS, usual_steps=300 * STEPS)  # 100 000 − 99 710 + 10


def test_without_history_only_the_next_reading_can_say_no() -> None:
    assert judge(read(JUNE, 5), earlier=[]) == Judged()
    assert judge(read(JUNE, 5), earlier=[], later=read(JULY, 4)).doubt is Doubt.PASSES_THE_NEXT
    assert judge(read(JUNE, 5), earlier=[read(MAY, 5)]) == Judged(units_steps=0)
    unused = [read(MAY, 5), read(JUNE, 5)]
    assert judge(read(JULY, 5), earlier=unused).doubt is None
    assert judge(read(JULY, 6), earlier=unused).doubt is Doubt.FAR_ABOVE
