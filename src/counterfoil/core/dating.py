"""Which day a run is about: a rule in words, such as "first of next month - 3 days", and the day it gives."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.core.periods import day_of_ordinal
from counterfoil.core.refusals import Refusal, shown

MOST_DAYS = 366


class NotADayRule(Refusal):
    """{text} says no day. Write one of: {known}; and, where wanted, days more or less: first of next month - 3 days."""


class DayBase(StrEnum):
    """The day that a rule counts from."""

    TODAY = "today"
    CUTOFF = "cut-off"
    FIRST_OF_LAST_MONTH = "first of last month"
    LAST_OF_LAST_MONTH = "last of last month"
    FIRST_OF_THIS_MONTH = "first of this month"
    LAST_OF_THIS_MONTH = "last of this month"
    FIRST_OF_NEXT_MONTH = "first of next month"
    LAST_OF_NEXT_MONTH = "last of next month"


# How many months after today's, and whether it is the last day of that month.
_IN_MONTH = {
    DayBase.FIRST_OF_LAST_MONTH: (-1, False),
    DayBase.LAST_OF_LAST_MONTH: (-1, True),
    DayBase.FIRST_OF_THIS_MONTH: (0, False),
    DayBase.LAST_OF_THIS_MONTH: (0, True),
    DayBase.FIRST_OF_NEXT_MONTH: (1, False),
    DayBase.LAST_OF_NEXT_MONTH: (1, True),
}
CUTOFF_BASES = tuple(base for base in DayBase if base is not DayBase.CUTOFF)
"""What a cut-off may be counted from: anything but itself."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """The day *base*, and *days* later; earlier where they are below 0."""

    base: DayBase = DayBase.TODAY
    days: int = 0

    def __str__(self) -> str:
        """Return the rule as `parse_day_rule` reads it."""
        if not self.days:
            return self.base.value
        count = abs(self.days)
        return f"{self.base} {'+' if self.days > 0 else '-'} {count} day{'' if count == 1 else 's'}"

    def day(self, *, today: date, cutoff: date | None = None) -> date:
        """Return the day it means on *today*; *cutoff* is needed where it counts from that. Raises `DateOutOfRange`."""
        return day_of_ordinal(self._base_day(today, cutoff).toordinal() + self.days)

    def _base_day(self, today: date, cutoff: date | None) -> date:
        if self.base is DayBase.TODAY:
            return today
        if self.base is DayBase.CUTOFF:
            if cutoff is None:
                raise NotADayRule(text=shown(self), known=_words(CUTOFF_BASES))
            return cutoff
        later, is_last = _IN_MONTH[self.base]
        months = today.year * 12 + today.month - 1 + later
        year, month = months // 12, months % 12 + 1
        return date(year, month, monthrange(year, month)[1] if is_last else 1)


_RULE = re.compile(r"(?P<base>[a-z -]*[a-z])(?: ?(?P<sign>[+-]) ?(?P<days>[0-9]{1,3})(?: days?)?)?", re.ASCII)


def parse_day_rule(text: str, *, knows_cutoff: bool = False) -> DayRule:
    """Return the rule that *text* writes, in any case. Raises `NotADayRule`.

    It reads "today", "first of next month", "last of this month - 3 days"; where it *knows_cutoff* also "cut-off".
    """
    bases = tuple(DayBase) if knows_cutoff else CUTOFF_BASES
    match = _RULE.fullmatch(" ".join(text.lower().split()))
    if match is None or match["base"] not in set(bases) or int(match["days"] or 0) > MOST_DAYS:
        raise NotADayRule(text=shown(text), known=_words(bases))
    days = int(match["days"] or 0)
    return DayRule(base=DayBase(match["base"]), days=-days if match["sign"] == "-" else days)


def _words(bases: tuple[DayBase, ...]) -> str:
    return ", ".join(bases)
