"""What is going on now, for the top bar of every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Count, F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.records.deliveries.models import OPEN_STATES, StatementDelivery, StatementRound
from counterfoil.records.organisation.models import User
from counterfoil.web.layout.work import Work
from counterfoil.web.runs.seeing import generating

MOST_SHOWN = 5
RUN, STATEMENTS = "run", "statements"
COLUMNS = ("kind", "pk", "begun_at", "done", "planned")


def under_way(user: User) -> list[Work]:
    """Return the runs being generated that *user* may see, and the statements they asked for that are not sent yet.

    It stands on every page, so it is one query.
    """
    runs = generating(user).annotate(kind=Value(RUN), begun_at=F("started_at"))
    waiting = StatementDelivery.objects.filter(state__in=OPEN_STATES)
    rounds = StatementRound.objects.filter(asked_by=user, pk__in=waiting.values("round")).annotate(
        kind=Value(STATEMENTS),
        begun_at=F("asked_at"),
        done=Count("deliveries", filter=~Q(deliveries__state__in=OPEN_STATES)),
        planned=Count("deliveries"),
    )
    both = runs.order_by().values_list(*COLUMNS).union(rounds.order_by().values_list(*COLUMNS), all=True)
    return [_SHOWN[kind](*found) for kind, *found in both[:MOST_SHOWN]]


def _run(key: int, begun_at: datetime, done: int, planned: int) -> Work:
    return Work(
        title=gettext("Run %(run)s") % {"run": key},
        stage=gettext("Generating invoices"),
        done=done,
        total=planned,
        unit=gettext("charges"),
        started_at=begun_at,
        address=reverse("run", args=[key]),
    )


def _statements(key: int, begun_at: datetime, done: int, planned: int) -> Work:
    return Work(
        title=gettext("Statements"),
        stage=gettext("Sending statements"),
        done=done,
        total=planned,
        unit=gettext("statements"),
        started_at=begun_at,
        address=reverse("statement-round", args=[key]),
    )


_SHOWN: dict[str, Callable[..., Work]] = {RUN: _run, STATEMENTS: _statements}
