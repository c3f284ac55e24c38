"""What waits for somebody: runs to come, runs in hand, exceptions, documents that were not delivered, and dues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.records.billing import sums
from counterfoil.records.billing.models import BillingException, IssuedDue, Run, RunStatus
from counterfoil.records.billing.sums import Age
from counterfoil.records.deliveries.models import UNDELIVERED, Delivery, DeliveryState
from counterfoil.web.exceptions.views import words_of

MOST_KINDS = 8


@dataclass(frozen=True, kw_only=True)
class NextRun:
    """A run that will begin by itself: when, what it is expected to come to (minor units, currency), its page.

    `problem` is why the last one that was due did not begin.
    """

    title: str
    begins_at: datetime
    address: str
    expected: Sequence[tuple[int, str]] = ()
    problem: str = ""


@dataclass(frozen=True)
class Waiting:
    """A run in hand and what it waits for."""

    run: Run
    words: str
    tone: str


def next_runs_for(user: Any) -> list[NextRun]:
    """Return the runs to come that *user* may see, the next one first."""
    from counterfoil.web.subjects import NEXT_RUNS

    return sorted((run for told in NEXT_RUNS for run in told(user)), key=lambda run: run.begins_at)


def waiting_of(runs: Sequence[Run], *, today: date) -> list[Waiting]:
    """Return what each of *runs* waits for: a review, its day, or to be issued."""
    return [_waiting(run, today=today) for run in runs]


def _waiting(run: Run, *, today: date) -> Waiting:
    if run.status == RunStatus.GENERATING:
        return Waiting(run, gettext("Generating"), "busy")
    if run.status == RunStatus.IN_REVIEW:
        return Waiting(run, gettext("In review"), "busy")
    if run.invoice_date > today:
        return Waiting(run, gettext("Authorised for its day"), "quiet")
    return Waiting(run, gettext("Due now"), "warning")


def exception_kinds(rows: QuerySet[BillingException]) -> list[dict[str, Any]]:
    """Return how many exceptions there are of each kind and since when, the oldest first."""
    counted = rows.order_by().values("code").annotate(count=Count("pk"), since=Min("run__started_at"))
    return [
        {**kind, "words": words_of(kind["code"])} for kind in counted.order_by("since", "-count")[:MOST_KINDS]
    ]


def undelivered(rows: QuerySet[Delivery]) -> list[dict[str, Any]]:
    """Return how many documents wait in each state and since when."""
    waiting = rows.filter(state__in=UNDELIVERED).order_by().values("state")
    counted = waiting.annotate(count=Count("pk"), since=Min("changed_at")).order_by("since")
    return [{**row, "label": DeliveryState(row["state"]).label} for row in counted]


@dataclass(frozen=True)
class AgeBar:
    """One age of what is due: its words, its share of the longest bar, and the list behind it."""

    age: Age
    words: str
    percent: int
    address: str


def age_bars(rows: QuerySet[IssuedDue], *, today: date) -> dict[str, list[AgeBar]]:
    """Return by currency how much is due since when; the longest bar of a currency is 100."""
    found = sums.ages(rows, today=today)
    reach = [*sums.AGES[1:], None]
    words = [gettext("Not due yet")]
    words += [
        gettext("%(low)s–%(high)s days") % {"low": low + 1, "high": high}
        if high
        else gettext("Over %(low)s days") % {"low": low}
        for low, high in zip(sums.AGES, reach, strict=True)
    ]
    bars: dict[str, list[AgeBar]] = {}
    for place, age in enumerate(found):
        longest = max((abs(one.gross_minor) for one in found if one.currency == age.currency), default=0)
        percent = abs(age.gross_minor) * 100 // longest if longest else 0
        bars.setdefault(age.currency, []).append(
            AgeBar(age, words[place % len(words)], percent, _address_of(age))
        )
    return bars


def _address_of(age: Age) -> str:
    limits = {"state": "issued", "due_since": age.due_from, "due_until": age.due_until}
    return f"{reverse('invoices')}?{urlencode({name: value for name, value in limits.items() if value})}"
