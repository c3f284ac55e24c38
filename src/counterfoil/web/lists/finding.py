"""Find the few among the many: rows by words, each way by the index it has, and rows looked up by their keys.

Joined by OR, or sorted and cut off, conditions lose their indexes: the planner expects matches everywhere and reads the
whole table where there are few. So what may be few is asked for as keys first, in no order and not beyond a limit, and
only then sorted and shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from counterfoil.records.keys import among

FEW = 10_000
"""So many rows are looked up by their keys, and counted exactly."""
MOST_LOOKED_UP = 3
"""So many words are looked up by themselves, the longest first, until one is found in few rows."""


def few_keys(rows: QuerySet[Any]) -> list[Any] | None:
    """Return the primary keys of *rows*, None if they are not few; no more are read than it takes to know."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else None


def few_found(rows: QuerySet[Any], ways: Sequence[Q]) -> list[Any] | None:
    """Return the primary keys of *rows* that meet one of *ways*, None if they are not few."""
    keys = _found_by(rows, ways, most=FEW + 1)
    return keys if len(keys) <= FEW else None


def some_found(rows: QuerySet[Any], ways: Sequence[Q], *, most: int) -> QuerySet[Any]:
    """Return some of *rows* that meet one of *ways*: all of them where they are at most *most*."""
    return among(rows, _found_by(rows, ways, most=most))


def _found_by(rows: QuerySet[Any], ways: Sequence[Q], *, most: int) -> list[Any]:
    """Return the primary keys of *rows* that meet one of *ways*, at most *most* of each."""
    each = [rows.filter(way).order_by().values_list("pk", flat=True)[:most] for way in ways]
    return list(dict.fromkeys(each[0].union(*each[1:]) if len(each) > 1 else each[0]))


def ways_of(word: str, paths: Sequence[str]) -> list[Q]:
    """Return the conditions one of which a row with *word* meets, one a path ("name__icontains").

    The start of a code is taken as it was typed, and in capitals and in small letters: so an index serves it.
    """
    return [_way(word, path) for path in paths]


def with_word(rows: QuerySet[Any], word: str, paths: Sequence[str]) -> QuerySet[Any]:
    """Return those of *rows* in which *word* is found in one of *paths*."""
    return rows.filter(reduce(or_, ways_of(word, paths)))


def found(rows: QuerySet[Any], *, words: str, paths: Sequence[str]) -> tuple[QuerySet[Any], bool]:
    """Return the *rows* in which every word of *words* is found in one of *paths*, and whether all words are common.

    A word that few rows have is looked up first, and only these are looked at any further. Where all are common a
    page of matches is near, and found without; how many match is not known then.
    """
    typed = sorted(words.replace("\x00", "").split(), key=len, reverse=True)
    for word in typed[:MOST_LOOKED_UP]:
        keys = few_found(rows, ways_of(word, paths))
        if keys is not None:
            rows = among(rows, keys)
            typed.remove(word)
            return _with_all(rows, typed, paths), False
    return _with_all(rows, typed, paths), bool(typed)


def _with_all(rows: QuerySet[Any], words: Sequence[str], paths: Sequence[str]) -> QuerySet[Any]:
    for word in words:
        rows = with_word(rows, word, paths)
    return rows


def _way(word: str, path: str) -> Q:
    if not path.endswith("__istartswith"):
        return Q((path, word))
    exact = path.removesuffix("__istartswith") + "__startswith"
    spelt = dict.fromkeys([word, word.upper(), word.lower()])
    return reduce(or_, [Q((exact, one)) for one in spelt])
