"""Notices: what the user of the token is to know without looking for it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.routes import reads
from counterfoil.clock import now, today
from counterfoil.flows.news.notices import Notice as Found
from counterfoil.flows.news.reading import news_of
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["notices"])
SEES = Need("notices:read")


class Notice(Schema):
    """What there is to know, in English, since when, and the id of what it is `about`; of many counted, any of them.

    `is_new`: it came after the user looked last, at the bell of the pages.
    """

    kind: str
    about: int
    words: str
    count: int
    since: datetime
    is_new: bool


class Notices(Schema):
    """What waits for the user, what went wrong, and what ended that they had asked for, the newest first."""

    notices: list[Notice]


@reads(router, "", need=SEES, answer=Notices)
def list_notices(request: HttpRequest) -> Notices:
    """Return the notices of the token's user."""
    day = today(the_organisation().timezone)
    return Notices(notices=[_shape(one) for one in news_of(user_of(request), now=now(), today=day).notices])


def _shape(one: Found) -> Notice:
    return Notice(
        kind=one.kind.name.lower(),
        about=one.key,
        words=str(one.words),
        count=one.count,
        since=one.since,
        is_new=one.is_new,
    )
