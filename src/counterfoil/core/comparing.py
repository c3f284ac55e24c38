"""Why a line differs from last time, in words: what changed, and where the records say so, since when (C3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from counterfoil.core.counting import share_in_days
from counterfoil.core.money import format_minor, format_steps, format_unit_price
from counterfoil.core.periods import BillOn, DateRange, Grid, bill_date
from counterfoil.core.sentences import Sentence, joined, sentence

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """A line as far as its words need it. Amounts are minor units of *currency*."""

    kind: str
    currency: str
    period: DateRange
    fraction: Fraction
    quantity_steps: int
    unit_price_steps: int
    discount_minor: int
    net_minor: int
    grid: DateRange
    part_charging: str = ""
    day_count: str = ""

    @property
    def share(self) -> str:
        """Return the share of the period as `17/31`."""
        return share_in_days(
            self.fraction, grid=self.grid, part_charging=self.part_charging, day_count=self.day_count
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the records say about the charge of a line; None where they say nothing.

    *excluded_from* names the run from which a draft with the same days was excluded, *said* is the reason a
    person gave for adjusting or waiving the line, *set_aside* why the charge is an exception this time.
    """

    starts_on: date | None = None
    ends_before: date | None = None
    commissioned_on: date | None = None
    decommissioned_on: date | None = None
    billed_to: date | None = None
    excluded_from: str | None = None
    said: str | None = None
    set_aside: str | None = None


def next_due(*, grid: Grid, served: DateRange, billed_to: date, bill_on: BillOn, offset: int) -> date | None:
    """Return the bill date of the first period that *served* has from *billed_to* on, None if it has ended by then."""
    to_come = served.intersect(DateRange(billed_to, None))
    if to_come.is_empty:
        return None
    period = grid.period(grid.index_of(to_come.first_day))
    return bill_date(period.intersect(served), bill_on, offset)


def reason_of_one_side(reason: str, *, follows_on: bool, next_due: date | None, cutoff: date) -> str:
    """Return *reason* of a charge's line without a partner, told apart from what the calendar does.

    A *new* line whose days follow on days that the same customer was billed before, by earlier runs of the kind, is
    *due again*. One that is *gone* though the charge is served on, and is due only after *cutoff*, is *not due*: it
    was not lost. All else is new or gone.
    """
    if reason == "new" and follows_on:
        return "due_again"
    if reason == "gone" and next_due is not None and next_due > cutoff:
        return "not_due"
    return reason


def difference_in_words(
    *,
    reason: str,
    parts: Mapping[str, int],
    now: LineSeen | None,
    before: LineSeen | None,
    about: Circumstances,
) -> str:
    """Return why there is a difference, such as "price 30.00 → 32.50 from 1 June 2026".

    *parts* are those that are not 0, each is told; of a line without a partner *reason* alone.
    """
    if now is not None and before is not None:
        told = [_changed(part, now=now, before=before, about=about) for part in parts]
        return joined(told, "; ") if told else sentence("as last time")
    if now is not None:
        return _only_now(reason, now, about=about)
    return _only_before(reason, before, about=about) if before is not None else ""


def day_in_words(day: date) -> Sentence:
    """Return *day* as "1 June 2026"."""
    return Sentence(f"{day.day} {MONTHS[day.month - 1]} {day.year}", "{day}", {"day": day})


def days_in_words(days: DateRange) -> Sentence:
    """Return *days* as first day – last day."""
    first, last = days.first_day, days.ends_before - timedelta(days=1)
    text = day_in_words(first) if first == last else f"{day_in_words(first)} – {day_in_words(last)}"
    return Sentence(text, "{days}", {"days": days})


def _changed(part: str, *, now: LineSeen, before: LineSeen, about: Circumstances) -> str:
    if part == "price" and now.unit_price_steps != before.unit_price_steps:
        prices = (format_unit_price(line.unit_price_steps, line.currency) for line in (before, now))
        return sentence(
            "price {prices} from {day}",
            prices=" → ".join(prices),
            day=day_in_words(now.period.first_day),
        )
    if part == "quantity":
        return sentence(
            "quantity {before} → {now}",
            before=format_steps(before.quantity_steps),
            now=format_steps(now.quantity_steps),
        )
    if part == "period":
        why = _cut_short(now, about=about) or _cut_short(before, about=about)
        shares = {"before": before.share, "now": now.share}
        if why:
            return sentence("share of the period {before} → {now} ({why})", why=why, **shares)
        return sentence("share of the period {before} → {now}", **shares)
    if part == "discount":
        amounts = (format_minor(line.discount_minor, line.currency) for line in (before, now))
        return sentence("discount {amounts}", amounts=" → ".join(amounts))
    if part == "tax":
        return sentence("the tax in the price changed")
    if part == "price":
        return sentence("tariff changed")
    return _other(now, before=before, about=about)


def _other(now: LineSeen, *, before: LineSeen, about: Circumstances) -> str:
    if now.kind == "waived":
        return sentence("waived: {why}", why=about.said) if about.said else sentence("waived")
    if before.kind == "waived":
        return sentence("waived last time")
    if now.kind == "adjustment":
        return _adjusted(about)
    return sentence("discount on the invoice, or rounding with other parts of its period")


def _adjusted(about: Circumstances) -> str:
    return sentence("adjusted: {why}", why=about.said) if about.said else sentence("adjusted")


def _cut_short(line: LineSeen, *, about: Circumstances) -> str:
    """Return why *line* is for a part of its period, where the charge's dates say so."""
    if line.fraction == 1:
        return ""
    first, ends = line.period.first_day, line.period.ends_before
    if about.commissioned_on == first:
        return sentence("commissioned {day}", day=day_in_words(first))
    if about.starts_on == first:
        return sentence("starts {day}", day=day_in_words(first))
    if about.ends_before == ends:
        return sentence("ended {day}", day=day_in_words(ends - timedelta(days=1)))
    if about.decommissioned_on == ends:
        return sentence("decommissioned {day}", day=day_in_words(ends))
    return ""


def _only_now(reason: str, now: LineSeen, *, about: Circumstances) -> str:
    if now.kind == "adjustment":
        return _adjusted(about)
    if about.excluded_from:
        return sentence("excluded from {excluded_from}, billed now", excluded_from=about.excluded_from)
    if now.kind in ("event", "credit"):
        days = days_in_words(now.period)
        return (
            sentence("event of {days}", days=days)
            if now.kind == "event"
            else sentence("credit of {days}", days=days)
        )
    first = now.period.first_day
    if about.commissioned_on == first:
        return sentence("commissioned {day}", day=day_in_words(first))
    if about.starts_on is not None and about.starts_on == first:
        return sentence("starts {day}", day=day_in_words(first))
    if reason == "period":
        return sentence("a further period, {days}", days=days_in_words(now.period))
    if reason == "due_again":
        return sentence("due again, {days}", days=days_in_words(now.period))
    return sentence("not billed last time, now {days}", days=days_in_words(now.period))


def _only_before(reason: str, before: LineSeen, *, about: Circumstances) -> str:
    if before.kind == "adjustment":
        return sentence("adjusted last time")
    if before.kind in ("event", "credit"):
        days = days_in_words(before.period)
        if before.kind == "event":
            return sentence("event of {days}, last time", days=days)
        return sentence("credit of {days}, last time", days=days)
    if reason == "period":
        return sentence(
            "a period fewer: {days} was billed last time as well", days=days_in_words(before.period)
        )
    if reason == "not_due":
        return sentence("billed until {day}, not due this time", day=day_in_words(before.period.last_day))
    if about.set_aside:
        return sentence("set aside: {set_aside}", set_aside=about.set_aside)
    if about.ends_before is not None and about.billed_to is not None and about.ends_before <= about.billed_to:
        return sentence("ended {day}", day=day_in_words(about.ends_before - timedelta(days=1)))
    if about.decommissioned_on is not None:
        return sentence("decommissioned {day}", day=day_in_words(about.decommissioned_on))
    if about.billed_to is not None and about.billed_to > before.period.ends_before:
        until = day_in_words(about.billed_to - timedelta(days=1))
        return sentence("billed until {day} by another run, or to another customer", day=until)
    return sentence("not billed by this run any more")
