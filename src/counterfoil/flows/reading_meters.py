"""The sheet of readings: what meters to be read for a day showed before, and what is typed for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from counterfoil.core.money import STEPS
from counterfoil.core.plausibility import Doubt, Judged, judge
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import Sentence, sentence
from counterfoil.core.usage import Reading as CountedReading
from counterfoil.flows.recording import record_readings
from counterfoil.records.charges.meter_queries import Around, readings_around
from counterfoil.records.charges.models import Meter, Reading

MOST_AT_ONCE = 1_000


class ReadingsAreDoubtful(Refusal):
    """{count} of the readings look wrong, the first of meter {meter}. {why} Correct them, or say they are right."""


@dataclass(frozen=True, kw_only=True)
class OnSheet:
    """A meter on the sheet of a day, what it showed around that, and what a value typed for it says."""

    meter: Meter
    day: date
    around: Around

    def judged(self, value: Decimal) -> Judged:
        """Return what *value* says beside the readings around it."""
        return judge(
            CountedReading(read_on=self.day, value_steps=int(value * STEPS)),
            earlier=[_counted(one) for one in self.around.earlier],
            later=None if self.around.later is None else _counted(self.around.later),
            digits=self.meter.digits,
        )


def _counted(reading: Reading) -> CountedReading:
    return CountedReading(read_on=reading.read_on, value_steps=int(reading.value * STEPS))


def on_sheet(meters: Sequence[Meter], *, day: date) -> list[OnSheet]:
    """Return *meters* as they stand on the sheet of *day*: two queries for all of them."""
    around = readings_around(meters, day)
    return [OnSheet(meter=meter, day=day, around=around[meter.pk]) for meter in meters]


def doubt_in_words(judged: Judged) -> Sentence | None:
    """Return why a reading looks wrong, None where it does not."""
    match judged.doubt:
        case Doubt.GOES_BACK:
            return sentence("It is below the last reading.")
        case Doubt.PASSES_THE_NEXT:
            return sentence("It is above the next reading.")
        case Doubt.FAR_ABOVE:
            return sentence("That is twice the usual or more.")
        case Doubt.FAR_BELOW:
            return sentence("That is half of the usual or less.")
        case _:
            return None


def doubtful(rows: Sequence[OnSheet], values: Mapping[int, Decimal]) -> list[tuple[OnSheet, Sentence]]:
    """Return those of *rows* whose value, by the meter's id, looks wrong, each with why.

    What is stored for the day already is not asked about again.
    """
    found = []
    for row in rows:
        value, stored = values.get(row.meter.pk), row.around.on_day
        if value is None or (stored is not None and stored.value == value):
            continue
        why = doubt_in_words(row.judged(value))
        if why is not None:
            found.append((row, why))
    return found


def enter_readings(rows: Sequence[OnSheet], values: Mapping[int, Decimal], *, are_right: bool) -> int:
    """Store the *values*, by the meter's id, as readings of the day of *rows*, all of them; return how many are new or
    changed.

    Raises `ReadingsAreDoubtful` where one looks wrong, unless they *are right* all the same.
    """
    if not are_right and (found := doubtful(rows, values)):
        row, why = found[0]
        raise ReadingsAreDoubtful(count=len(found), meter=row.meter.key, why=why)
    readings = [
        Reading(meter=row.meter, read_on=row.day, value=values[row.meter.pk])
        for row in rows
        if row.meter.pk in values and not _is_stored(row, values[row.meter.pk])
    ]
    return record_readings(readings)


def _is_stored(row: OnSheet, value: Decimal) -> bool:
    return row.around.on_day is not None and row.around.on_day.value == value
