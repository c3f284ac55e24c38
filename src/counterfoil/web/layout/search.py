"""Search everything: one box, one list of what was found, by kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs

HITS_AT_ONCE = 5
HITS_ON_PAGE = 25
SHORTEST = 2
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """Something found: its name, a detail that tells it from others like it, and its page."""

    name: str
    detail: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SearchKind:
    """A kind of thing that can be found. `find` takes the user, the words and how many hits to return at most."""

    label: str
    icon: str
    find: Callable[[Any, str, int], Sequence[Hit]]


@dataclass(frozen=True)
class Found:
    """What was found of one kind."""

    kind: SearchKind
    hits: Sequence[Hit]


def found(kinds: Sequence[SearchKind], *, user: Any, words: str, limit: int) -> list[Found]:
    """Return what *user* may see that matches *words*, at most *limit* of each kind, kinds without hits left out."""
    if len(words) < SHORTEST:
        return []
    answers = [Found(kind, kind.find(user, words, limit)) for kind in kinds]
    return [answer for answer in answers if answer.hits]


@needs(Role.VIEWER)
def search(request: HttpRequest) -> HttpResponse:
    """Show what matches `q`: below the box while it is typed, on a page of its own when it is sent."""
    from counterfoil.web.subjects import SEARCHES

    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    is_typed = bool(request.htmx)  # type: ignore[attr-defined]
    limit = HITS_AT_ONCE if is_typed else HITS_ON_PAGE
    answers = found(SEARCHES, user=request.user, words=words, limit=limit)
    template = "counterfoil/layout/found.html" if is_typed else "counterfoil/layout/search.html"
    return render(request, template, {"words": words, "answers": answers, "is_short": len(words) < SHORTEST})
