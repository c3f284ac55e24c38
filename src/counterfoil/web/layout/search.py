"""Search everything: one box, one list of what was found, by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet, Value, Window
from django.db.models.functions import JSONObject, RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from counterfoil.records.keys import among
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.lists.finding import ways_of

MOST_LOOKED_AT = 200
"""Of what so many match, the first are shown by name; of more, any of them."""
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


Told = Mapping[str, Any]
"""What is told of something found: its key as `pk`, and values by their query paths."""


@dataclass(frozen=True, kw_only=True)
class SearchKind:
    """A kind of thing that can be found.

    `seen` gives the rows a user may see, `ways` the conditions one of which a row with the words meets, each by an
    index of its own; `order` is how those found are sorted. Of each its `values`, at these query paths, are read,
    and `hit` tells it by them.
    """

    label: str
    icon: str
    seen: Callable[[Any], QuerySet[Any]]
    ways: Callable[[str], Sequence[Q]]
    order: Sequence[str]
    values: Sequence[str]
    hit: Callable[[Told], Hit]


def by(*paths: str) -> Callable[[str], list[Q]]:
    """Return the ways of a kind that is found by *paths* ("code__istartswith"), whatever is typed."""
    return lambda words: ways_of(words, paths)


@dataclass(frozen=True)
class Found:
    """What was found of one kind."""

    kind: SearchKind
    hits: Sequence[Hit]


def found(kinds: Sequence[SearchKind], *, user: Any, words: str, limit: int) -> list[Found]:
    """Return what *user* may see that matches *words*, at most *limit* of each kind, kinds without hits left out.

    One query asks all kinds for keys, each way by its own index; another one reads what is told of the first of them.
    """
    if len(words) < SHORTEST:
        return []
    keys = _keys(kinds, user=user, words=words)
    told = _told(kinds, keys, user=user, limit=limit)
    return [
        Found(kind, [kind.hit(one) for one in told[number]])
        for number, kind in enumerate(kinds)
        if number in told
    ]


def _told(
    kinds: Sequence[SearchKind], keys: Mapping[int, Sequence[int]], *, user: Any, limit: int
) -> dict[int, list[Told]]:
    """Return by the place of each kind what is told of those with *keys*, in its order, at most *limit* of them."""
    each = []
    for number, kind in enumerate(kinds):
        if number in keys:
            rows = among(kind.seen(user), keys[number]).select_related(None).order_by(*kind.order)
            place = Window(RowNumber(), order_by=list(kind.order))
            told = JSONObject(pk="pk", **{path: path for path in kind.values})
            each.append(rows.values_list(Value(number), place, told)[:limit])
    found: dict[int, list[Told]] = {}
    for number, _place, one in (
        sorted(each[0].union(*each[1:], all=True), key=itemgetter(0, 1)) if each else ()
    ):
        found.setdefault(number, []).append(one)
    return found


def _keys(kinds: Sequence[SearchKind], *, user: Any, words: str) -> dict[int, list[int]]:
    """Return by the place of each kind the primary keys of what matches, at most some of each way."""
    each = [
        kind.seen(user).filter(way).order_by().values_list(Value(number), "pk")[:MOST_LOOKED_AT]
        for number, kind in enumerate(kinds)
        for way in kind.ways(words)
    ]
    found: dict[int, list[int]] = {}
    for number, key in each[0].union(*each[1:]) if each else ():
        found.setdefault(number, []).append(key)
    return found


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
