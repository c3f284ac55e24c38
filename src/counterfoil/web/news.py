"""What the top bar of every page tells: what is going on now, and what a person is to know. One query."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from counterfoil import clock
from counterfoil.flows.news import reading
from counterfoil.flows.news.notices import Notice, NoticeKind
from counterfoil.records.organisation.models import User
from counterfoil.web import under_way
from counterfoil.web.display import current_locale, current_zone, date_text, moment_text
from counterfoil.web.layout.news import News, Told

MOST_WORKS = 5


def news_of(user: User) -> News:
    """Return what there is to tell *user*: of work no more than a few, of notices the newest of each kind."""
    now = clock.now()
    found = reading.news_of(user, now=now, today=now.astimezone(current_zone()).date())
    return News(
        works=[under_way.shown(work) for work in found.works[:MOST_WORKS]],
        notices=[_told(notice) for notice in found.notices],
    )


def _told(notice: Notice) -> Told:
    is_day = notice.kind == NoticeKind.NOTE_DUE
    there, locale = current_zone(), current_locale()
    return Told(
        words=notice.words,
        since=date_text(notice.since.astimezone(there).date(), locale=locale)
        if is_day
        else moment_text(notice.since, zone=there, locale=locale),
        address=_PAGES[notice.kind](notice.key),
        is_new=notice.is_new,
    )


_PAGES: dict[NoticeKind, Callable[[int], str]] = {
    NoticeKind.RUN_WAITS: lambda key: reverse("run", args=[key]),
    NoticeKind.NOT_STARTED: lambda key: reverse("definition", args=[key]),
    NoticeKind.FAILED: lambda _key: f"{reverse('deliveries')}?state=failed",
    NoticeKind.UNCERTAIN: lambda _key: f"{reverse('deliveries')}?state=uncertain",
    NoticeKind.BILLINGS_FAILED: lambda _key: f"{reverse('billings')}?undelivered=yes",
    NoticeKind.STATEMENTS_FAILED: lambda key: reverse("statement-round", args=[key]),
    NoticeKind.EXCEPTIONS: lambda key: reverse("run-exceptions", args=[key]),
    NoticeKind.NOTE_DUE: lambda key: reverse("note-edit", args=[key]),
    NoticeKind.PRINTED: lambda key: reverse("print-batch", args=[key]),
    NoticeKind.NOT_PRINTED: lambda key: reverse("print-batch", args=[key]),
    NoticeKind.FILE_CHECKED: lambda key: reverse("file-import", args=[key]),
    NoticeKind.FILE_REFUSED: lambda key: reverse("file-import", args=[key]),
    NoticeKind.FILE_TAKEN_IN: lambda key: reverse("file-import", args=[key]),
    NoticeKind.FILE_STOPPED: lambda key: reverse("file-import", args=[key]),
}
