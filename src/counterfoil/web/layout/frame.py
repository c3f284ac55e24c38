"""What every page shows around its content, its language, and how it writes numbers and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from counterfoil.records.organisation.models import Organisation
from counterfoil.records.organisation.queries import surroundings_of
from counterfoil.web.display import Conventions, locale_for, written_by
from counterfoil.web.layout.branches import Sight, sight_of
from counterfoil.web.layout.navigation import Section, sections
from counterfoil.web.layout.news import News

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "auto")
# What answers programs answers in the language its scripts were written for.
FOR_PROGRAMS = "/api/"


class Frame:
    """The parts of the frame, each worked out when a template first asks for it."""

    themes = THEMES

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def organisation(self) -> Organisation | None:
        return self._request.organisation or None  # type: ignore[attr-defined, no-any-return]

    @cached_property
    def sections(self) -> Sequence[Section]:
        from counterfoil.web.subjects import NAVIGATION

        user = self._request.user
        return (
            sections(NAVIGATION, role=user.role, path=_path_of(self._request))
            if user.is_authenticated
            else []
        )

    @cached_property
    def sight(self) -> Sight:
        return sight_of(self._request)

    @cached_property
    def news(self) -> News:
        return news_for(self._request.user)

    @property
    def theme(self) -> str:
        """Return the theme the person chose in this browser: light, dark, or auto for the system's."""
        chosen = self._request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"


BELONGS_TO = "belongs_to"
"""What a view sets on its request where its address does not say which entry at the side it belongs to."""


def _path_of(request: HttpRequest) -> str:
    return getattr(request, BELONGS_TO, request.path)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the frame: a context processor."""
    return {"frame": Frame(request)}


def news_for(user: Any) -> News:
    """Return what the top bar tells *user*."""
    from counterfoil.web import subjects

    return subjects.NEWS(user)


def conventions_middleware(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Speak the person's language, and write numbers, dates and times as it, the country and the zone do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.organisation = SimpleLazyObject(lambda: surroundings_of(request.user).organisation)  # type: ignore[attr-defined]
        conventions = lru_cache(maxsize=1)(lambda: _conventions(request))
        with translation.override(language_of(request)), written_by(conventions):
            response = answer(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            return response

    return middleware


def language_of(request: HttpRequest) -> str:
    """Return the language to speak: the person's own, the organisation's, before sign-in the one the browser asks for.

    A language without translations is English.
    """
    if request.path.startswith(FOR_PROGRAMS):
        return settings.LANGUAGE_CODE
    user = request.user
    if not user.is_authenticated:
        return translation.get_language() or settings.LANGUAGE_CODE
    organisation = None if user.language else request.organisation or None  # type: ignore[attr-defined]
    told = user.language or (organisation.language if organisation else "")
    try:
        return translation.get_supported_language_variant(told.lower())
    except LookupError:
        return settings.LANGUAGE_CODE


def _conventions(request: HttpRequest) -> Conventions:
    organisation = request.organisation or None  # type: ignore[attr-defined]
    if organisation is None:
        return Conventions()
    language = getattr(request.user, "language", "") or organisation.language
    locale = locale_for(language=language, country=organisation.country)
    return Conventions(locale=locale, zone=ZoneInfo(organisation.timezone))
