"""Work that goes on while the page is open, or closed: how far it is, how fast, and how long it will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

FEW_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Work:
    """One piece of long work as it is at this moment. `address` is the page that shows it."""

    title: str
    stage: str
    done: int
    total: int
    unit: str
    started_at: datetime
    address: str
    is_finished: bool = False
    failure: str = ""

    @property
    def percent(self) -> int:
        """Return how much of the stage is done, 0 to 100."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def rate(self, *, now: datetime) -> int:
        """Return how many units a second were done since the start, rounded down."""
        seconds = int((now - self.started_at).total_seconds())
        return self.done // seconds if seconds > 0 else 0

    def time_left(self, *, now: datetime) -> timedelta | None:
        """Return how long the rest takes at the speed so far, None while nobody can know."""
        elapsed = now - self.started_at
        if self.is_finished or self.failure or not self.done or elapsed < timedelta(seconds=FEW_SECONDS):
            return None
        return elapsed * (self.total - self.done) // self.done


def time_left_text(left: timedelta | None) -> str:
    """Return "about 2 minutes left" in whole minutes, seconds below one, "" for None."""
    if left is None:
        return ""
    seconds = max(1, int(left.total_seconds()))
    if seconds < 60:
        words = ngettext("about %(count)s second left", "about %(count)s seconds left", seconds)
        return words % {"count": seconds}
    minutes = (seconds + 30) // 60
    words = ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes)
    return words % {"count": minutes}


def panel_context(work: Work, *, now: datetime, poll: str, cancel: str = "") -> dict[str, Any]:
    """Return what the progress panel shows. *poll* is the address that answers with the next state of it."""
    left = time_left_text(work.time_left(now=now))
    return {"work": work, "rate": work.rate(now=now), "left": left, "poll": poll, "cancel": cancel}


def panel_response(
    request: HttpRequest, work: Work, *, now: datetime, poll: str, result: str, cancel: str = ""
) -> HttpResponse:
    """Answer a poll: the panel as it is now, or the way to the page *result* once the work is finished."""
    if work.is_finished:
        return HttpResponseClientRedirect(result)
    context = panel_context(work, now=now, poll=poll, cancel=cancel)
    return render(request, "counterfoil/parts/progress.html", context)
