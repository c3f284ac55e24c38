"""Reading the news of a person: what goes on, what waits for them, what went wrong, what ended that they asked for.

It stands on every page, so it is one query. Each part is SQL of its own, found by an index of the few rows it is of.
Nothing is stored but when they looked last: a notice is there as long as what it tells of is so, and those of what
merely happened for two weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import cache
from pathlib import Path

from django.db import connection, transaction

from counterfoil.flows.billing.starting import DELIVER, ISSUE
from counterfoil.flows.importing.by_worker import TAKE_IN
from counterfoil.flows.news.notices import MOST_COUNTED, Notice, NoticeKind
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.queries import surroundings_of

SQL = Path(__file__).parent / "sql"
MOST_OF_A_KIND = 20
CHARACTERS_OF_A_NOTE = 80
TOLD_FOR = timedelta(days=14)

GOING_ON = (
    "generating",
    "issuing_and_delivering",
    "sending_statements",
    "printing",
    "sending_billings",
    "files_worked_on",
)
FOR_EVERYBODY = (*GOING_ON, "notes_due", "printed", "files")
"""A viewer decides nothing, so is told of nothing but what they wrote down or asked for themselves."""

FOR_WHO_WORKS = (
    *FOR_EVERYBODY,
    "not_started",
    "failed",
    "uncertain",
    "billings_not_sent",
    "statements_not_sent",
    "set_aside",
)
FOR_WHO_AUTHORISES = (*FOR_WHO_WORKS, "run_waits")
TOLD = {
    Role.VIEWER: FOR_EVERYBODY,
    Role.APPROVER: FOR_WHO_AUTHORISES,
    Role.ADMINISTRATOR: FOR_WHO_AUTHORISES,
}


class WorkKind(IntEnum):
    """What takes longer than a moment; notices have numbers beyond these."""

    GENERATING = 1
    ISSUING = 2
    DELIVERING = 3
    STATEMENTS = 4
    PRINTING = 5
    BILLINGS = 6
    CHECKING_FILE = 7
    TAKING_IN_FILE = 8


_WORK = frozenset(WorkKind)
Row = tuple[int, int, datetime, datetime, int, int, str]
"""Kind, key, since, the newest of it, how many, of how many, name: what each part of the query gives."""


@dataclass(frozen=True, kw_only=True)
class WorkGoingOn:
    """Work at this moment: of what kind, the key of what it is done to, and how far it is."""

    kind: WorkKind
    key: int
    begun_at: datetime
    done: int
    planned: int


@dataclass(frozen=True, kw_only=True)
class News:
    """The work going on that a person may see, and their notices, the newest first."""

    works: Sequence[WorkGoingOn]
    notices: Sequence[Notice]


def news_of(user: User, *, now: datetime, today: date) -> News:
    """Return what there is to tell *user*; one query. *today* is the organisation's."""
    with connection.cursor() as cursor:
        cursor.execute(_query(TOLD.get(Role(user.role), FOR_WHO_WORKS)), _parameters(user, now, today))
        rows = cursor.fetchall()
    notices = [_notice(row, seen_at=user.notices_seen_at) for row in rows if row[0] not in _WORK]
    return News(
        works=[_work(row) for row in rows if row[0] in _WORK],
        notices=sorted(notices, key=lambda notice: notice.latest, reverse=True),
    )


def _work(row: Row) -> WorkGoingOn:
    kind, key, begun_at, _latest, done, planned, _name = row
    return WorkGoingOn(kind=WorkKind(kind), key=key, begun_at=begun_at, done=int(done), planned=int(planned))


def _notice(row: Row, *, seen_at: datetime | None) -> Notice:
    kind, key, since, latest, count, _planned, name = row
    return Notice(
        kind=NoticeKind(kind),
        key=key,
        since=since,
        latest=latest,
        count=int(count),
        name=name,
        is_new=seen_at is None or latest > seen_at,
    )


def look_at_notices(user: User, *, now: datetime) -> None:
    """Note that *user* has seen what there is up to now."""
    with transaction.atomic():
        actions.note_notices_seen(user, now=now)


@cache
def _query(parts: tuple[str, ...]) -> str:
    """Return the *parts* as one query: kind, key, since, the newest of it, how many, of how many, name."""
    return "\nUNION ALL\n".join((SQL / f"{part}.sql").read_text(encoding="utf-8") for part in parts)


def _parameters(user: User, now: datetime, today: date) -> dict[str, object]:
    around = surroundings_of(user)
    return {
        "user": user.pk,
        "sees_all": not around.given,
        "branches": [branch.pk for branch in around.given],
        "four_eyes": bool(around.organisation and around.organisation.four_eyes),
        "zone": around.organisation.timezone if around.organisation else "UTC",
        "today": today,
        "told_since": now - TOLD_FOR,
        "most": MOST_OF_A_KIND,
        "most_counted": MOST_COUNTED,
        "characters": CHARACTERS_OF_A_NOTE,
        "issue": ISSUE,
        "deliver": DELIVER,
        "take_in": TAKE_IN,
    }
