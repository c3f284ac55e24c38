"""What a meter used since it was last read, and whether that looks right: asked while readings are typed.

Nothing here is refused. A reading that goes back may take back a mistake, and one far from the usual may be true;
whoever types it is told. What is billed follows `core.usage` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from counterfoil.core.money import round_ratio
from counterfoil.core.usage import Meter, Reading

FAR = 2


class Unread(StrEnum):
    """Which meters are asked for: without a reading for the day, or since what their charge has billed; or all."""

    DAY = "day"
    BILLED = "billed"
    ALL = "all"


class Doubt(StrEnum):
    """Why a reading looks wrong."""

    GOES_BACK = "goes_back"
    PASSES_THE_NEXT = "passes_the_next"
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The units since the last reading, those usual in as many days, and what is doubtful, each None if unknown."""

    units_steps: int | None = None
    usual_steps: int | None = None
    doubt: Doubt | None = None


def judge(
    reading: Reading, *, earlier: Sequence[Reading], later: Reading | None = None, digits: int | None = None
) -> Judged:
    """Return what *reading* says beside the *earlier* ones, oldest first, and the next *later* one.

    Usual is what the earlier readings counted, in a straight line from the first to the last, over as many days as
    have gone by since the last. Half of it or less, and twice as much or more, are far from it: where nothing was
    used all the time, whatever is used now. *digits* are those after which the counter begins again at 0.
    """
    if not earlier:
        return Judged(doubt=_beyond(reading, later, digits=digits))
    last = earlier[-1]
    units = reading.value_steps - last.value_steps
    if units < 0 and digits is None:
        return Judged(units_steps=units, doubt=Doubt.GOES_BACK)
    if units < 0:
        units += Meter([], digits=digits).turns_over_at or 0
    usual = _usual(earlier, days=(reading.read_on - last.read_on).days, digits=digits)
    doubt = _beyond(reading, later, digits=digits) or _far(units, usual)
    return Judged(units_steps=units, usual_steps=usual, doubt=doubt)


def _usual(earlier: Sequence[Reading], *, days: int, digits: int | None) -> int | None:
    first, last = earlier[0], earlier[-1]
    span = (last.read_on - first.read_on).days
    stands = Meter(earlier, digits=digits)
    start, end = stands.stand_at(first.read_on), stands.stand_at(last.read_on)
    if span == 0 or start is None or end is None or end.value_steps < start.value_steps:
        return None
    return round_ratio((end.value_steps - start.value_steps) * days, span)


def _beyond(reading: Reading, later: Reading | None, *, digits: int | None) -> Doubt | None:
    """Return the doubt that the next reading is lower than this one, unless the counter may have begun again."""
    passes = later is not None and digits is None and reading.value_steps > later.value_steps
    return Doubt.PASSES_THE_NEXT if passes else None


def _far(units: int, usual: int | None) -> Doubt | None:
    if usual is None or units == usual:
        return None
    if units >= FAR * usual:
        return Doubt.FAR_ABOVE
    return Doubt.FAR_BELOW if units * FAR <= usual else None
