"""Runs that start by themselves: when a schedule is due, and the run that is started then, once (product C2).

A schedule is five fields as cron writes them, in the organisation's zone; croniter works out the times on the wall,
`core.schedules` what moments those are. Whatever was due while nothing worked is caught up by one run, that of the
newest moment: its cut-off takes in all that the others would have billed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter
from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.schedules import moment_of
from counterfoil.flows.billing.requesting import days_of, request_by_definition
from counterfoil.flows.billing.run import open_run
from counterfoil.flows.billing.starting import GENERATE
from counterfoil.records.billing.models import BatchDefinition, Run, ScheduleState
from counterfoil.records.billing.schedule_actions import lock_schedule, note_problem, note_seen
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.queries import the_organisation

logger = logging.getLogger("counterfoil.billing")

START = "start_scheduled_run"
NEXT_SHOWN = 5
LONGEST_SCHEDULE = 100
# Within so long every due moment is looked at; of what is older only the newest one.
NOT_LONG = timedelta(days=2)


class StartUnfinished(Refusal):
    """The run due on {day} at {time} was begun and did not start: something unforeseen went wrong, and the log of the
    worker says what. It is tried again every minute.
    """


class NotASchedule(Refusal):
    """{text} is no schedule. Write five fields as cron does: minute, hour, day of the month, month, weekday.
    0 6 1 * * is every month on day 1 at 06:00; L is a month's last day.
    """


class NeverDue(Refusal):
    """{text} is never due: no month has such a day. Choose another day or month."""


_FIELDS = re.compile(r"[0-9A-Za-z*/,#-]+(?: [0-9A-Za-z*/,#-]+){4}", re.ASCII)
# croniter also draws times at random.
_AT_RANDOM = re.compile(r"\bR\b", re.ASCII | re.IGNORECASE)


def checked_schedule(text: str) -> str:
    """Return *text* as it is stored, "" for no schedule. Raises `NotASchedule` and `NeverDue`."""
    fields = " ".join(text.split())
    if not fields:
        return ""
    is_cron = _FIELDS.fullmatch(fields) and not _AT_RANDOM.search(fields) and croniter.is_valid(fields)
    if len(fields) > LONGEST_SCHEDULE or not is_cron:
        raise NotASchedule(text=shown(text))
    try:
        croniter(fields, datetime(2000, 1, 1)).get_next(datetime)  # noqa: DTZ001  a time on the wall
    except CroniterError as error:
        raise NeverDue(text=shown(text)) from error
    return fields


@dataclass(frozen=True, kw_only=True)
class ScheduledRun:
    """A run to come: the moment it starts, in UTC, its cut-off and the date of its documents."""

    moment: datetime
    cutoff: date
    invoice_date: date


def next_runs(definition: BatchDefinition, *, now: datetime, zone: tzinfo) -> list[ScheduledRun]:
    """Return the next five runs that *definition* starts by itself after *now*; none without a schedule, or if off."""
    schedule = definition.schedule if definition.is_active else ""
    moments = islice(due_moments(schedule, after=now, zone=zone), NEXT_SHOWN)
    return [_scheduled(definition, moment, zone=zone) for moment in moments]


def due_moments(schedule: str, *, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield the moments after *after* at which *schedule* is due, in UTC and each once; none if it is empty."""
    if not schedule:
        return
    last = after
    wall = after.astimezone(zone).replace(tzinfo=None)
    for time in croniter(schedule, wall, ret_type=datetime, max_years_between_matches=50):
        moment = moment_of(time, zone=zone)
        if moment > last:
            yield moment
            last = moment


def newest_due(schedule: str, *, after: datetime, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the newest moment after *after*, up to *now*, at which *schedule* was due; None if there is none."""
    start = max(after, now - NOT_LONG)
    moments = due_moments(schedule, after=start, zone=zone)
    *_, newest = [None, *takewhile(lambda moment: moment <= now, moments)]
    if newest is not None or start == after:
        return newest
    before = croniter(schedule, (start + timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None))
    found = moment_of(before.get_prev(datetime), zone=zone)
    return found if found > after else None


def queue_starts() -> list[int]:
    """Queue a job for each definition with a schedule, so that none can stop another; return the definitions."""
    scheduled = BatchDefinition.objects.filter(is_active=True).exclude(schedule="").order_by("pk")
    with transaction.atomic():
        definitions = list(scheduled.values_list("pk", flat=True))
        for definition_id in definitions:
            queue_work(START, definition_id=definition_id)
    return definitions


def start_if_due(definition_id: int, *, now: datetime) -> Run | None:
    """Start the run that is due by *now* by the schedule of a definition, once, however many ask at the same time.

    That it was begun is noted first, as a problem, and taken back by what starts it: whatever goes wrong between is
    seen by people, and tried again.
    """
    zone = ZoneInfo(the_organisation().timezone)
    with transaction.atomic():
        begun = _lock_due(definition_id, now=now, zone=zone)
        if begun is None:
            return None
        state, due = begun
        on_the_wall = due.astimezone(zone)
        told = StartUnfinished(day=on_the_wall.date(), time=f"{on_the_wall:%H:%M}")
        note_problem(state, str(told))
    return _start(definition_id, now=now, zone=zone)


def _start(definition_id: int, *, now: datetime, zone: tzinfo) -> Run | None:
    """Open the run that is due and queue its generation, in the transaction that notes that it is dealt with."""
    with transaction.atomic():
        found = _lock_due(definition_id, now=now, zone=zone)
        if found is None:
            return None
        state, due = found
        definition = state.definition
        try:
            run = _open(definition, _scheduled(definition, due, zone=zone), now=now)
        except Refusal as refusal:
            logger.warning(str(refusal), extra={"definition": definition.name})
            note_seen(state, up_to=due, problem=str(refusal))
            return None
        note_seen(state, up_to=due)
        return run


def _lock_due(definition_id: int, *, now: datetime, zone: tzinfo) -> tuple[ScheduleState, datetime] | None:
    """Lock the schedule of a definition that is due and return it with the moment; None: not due, or in other hands."""
    state = lock_schedule(definition_id)
    if state is None:
        return None
    due = newest_due(state.definition.schedule, after=state.seen_up_to, now=now, zone=zone)
    return None if due is None else (state, due)


def _open(definition: BatchDefinition, due: ScheduledRun, *, now: datetime) -> Run:
    request = request_by_definition(definition, cutoff=due.cutoff, invoice_date=due.invoice_date)
    with transaction.atomic():
        run = open_run(request, by=None, now=now, scheduled_for=due.moment)
        queue_work(GENERATE, run_id=run.pk)
    return run


def _scheduled(definition: BatchDefinition, moment: datetime, *, zone: tzinfo) -> ScheduledRun:
    cutoff, invoice_date = days_of(definition, today=moment.astimezone(zone).date())
    return ScheduledRun(moment=moment.astimezone(UTC), cutoff=cutoff, invoice_date=invoice_date)
