"""Find the few among the many: rows by words, each way by the index it has, and rows looked up by their keys.

Joined by OR, or sorted and cut off, conditions lose their indexes: the planner expects matches everywhere and reads the
whole table where there are few. So what may be few is asked for as keys first, in no order and not beyond a limit, and
only then sorted and shown. What is common is looked for in the order of the list, a stretch of it at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from counterfoil.records.keys import among, begins_with

FEW = 10_000
"""So many rows are looked up by their keys, and counted exactly."""
MOST_LOOKED_UP = 3
"""So many words are looked up by themselves, the longest first, until one is found in few rows: all in one query."""
BEFORE_A_WORD = (" ", "-", "/", ".", "(", "@", "'")
"""A word of one or two letters is found at the start of a text, or behind one of these."""


def few_keys(rows: QuerySet[Any]) -> list[Any] | None:
    """Return the primary keys of *rows*, None if they are not few; no more are read than it takes to know."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else None


def some_found(rows: QuerySet[Any], ways: Sequence[Q], *, most: int) -> QuerySet[Any]:
    """Return some of *rows* that meet one of *ways*: all of them where they are at most *most*."""
    return among(rows, list(dict.fromkeys(_found_by(rows, ways, most=most))))


def _found_by(rows: QuerySet[Any], ways: Sequence[Q], *, most: int) -> QuerySet[Any, Any]:
    """Return the primary keys of *rows* that meet one of *ways*, at most *most* of each."""
    each = [rows.filter(way).order_by().values_list("pk", flat=True)[:most] for way in ways]
    return each[0].union(*each[1:]) if len(each) > 1 else each[0]


# A word is looked up where all before it are common: what is not selected from is not carried out.
_KEYS = "word_{place} (pk) AS MATERIALIZED ({keys})"
_ANSWER = "SELECT {place}, ARRAY(SELECT pk FROM word_{place}) WHERE {others_are_many}{count} <= {few}"
_COUNT = "(SELECT count(*) FROM word_{place})"


def _first_of_few(
    rows: QuerySet[Any], ways_of_words: Mapping[str, Sequence[Q]]
) -> tuple[str, list[Any]] | None:
    """Return the first word that few of *rows* have, with the keys of these; None where all are common.

    *ways_of_words* are the words to be looked up, each with the conditions one of which its rows meet.

    It is one query, in which no word is looked up behind one that few have.
    """
    tables, answers, values, others_are_many = [], [], [], ""
    for place, ways in enumerate(ways_of_words.values()):
        keys, given = _asked(_found_by(rows, ways, most=FEW + 1))
        count = _COUNT.format(place=place)
        tables.append(_KEYS.format(place=place, keys=keys))
        answers.append(_ANSWER.format(place=place, others_are_many=others_are_many, count=count, few=FEW))
        values += given
        others_are_many += f"{count} > {FEW} AND "
    if not answers:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {' UNION ALL '.join(answers)}", values)
        found = cursor.fetchone()
    return None if found is None else (list(ways_of_words)[found[0]], found[1])


def _asked(keys: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    """Return the SQL that asks for *keys*, and its values; also where Django knows that there are none."""
    try:
        return keys.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL WHERE FALSE", ()


def ways_of(word: str, paths: Sequence[str]) -> list[Q]:
    """Return the conditions one of which a row with *word* meets, one a path ("name__icontains").

    The start of a code is taken as it was typed, and in capitals and in small letters: so an index serves it. A short
    word is looked for where words begin: of the letters within words an index knows three at a time.
    """
    return [_way(word, path) for path in paths]


def with_word(rows: QuerySet[Any], word: str, paths: Sequence[str]) -> QuerySet[Any]:
    """Return those of *rows* in which *word* is found in one of *paths*."""
    return rows.filter(reduce(or_, ways_of(word, paths)))


def is_short(word: str) -> bool:
    """Return whether *word* is looked for only where words begin: it has no three letters or digits in a row."""
    return bool(re.search(r"[^\W_]", word)) and not re.search(r"[^\W_]{3}", word)


@dataclass(frozen=True)
class Found:
    """The rows with every word; where all words are common, also the rows *within* which these are to be looked for."""

    rows: QuerySet[Any]
    within: QuerySet[Any] | None = None


Lookup = Callable[[str], Sequence[Q] | None]
"""How to look a word up: conditions one of which a row with it meets, and no other row; None: it is common."""


def found(rows: QuerySet[Any], *, words: str, paths: Sequence[str], lookup: Lookup | None = None) -> Found:
    """Return the *rows* in which every word of *words* is found in one of *paths*.

    A word that few rows have is looked up first, by *lookup* where *paths* have no index, and only these are looked at
    any further. Where all are common they are to be looked for in the order of the list; how many match is not known
    then.
    """
    typed = sorted(words.replace("\x00", "").split(), key=len, reverse=True)
    if not typed:
        return Found(rows)
    ways = {word: ways_of(word, paths) if lookup is None else lookup(word) for word in typed[:MOST_LOOKED_UP]}
    few = _first_of_few(rows, {word: some for word, some in ways.items() if some is not None})
    if few is None:
        return Found(_with_all(rows, typed, paths), within=rows)
    word, keys = few
    typed.remove(word)
    return Found(_with_all(among(rows, keys), typed, paths))


def _with_all(rows: QuerySet[Any], words: Sequence[str], paths: Sequence[str]) -> QuerySet[Any]:
    for word in words:
        rows = with_word(rows, word, paths)
    return rows


def _way(word: str, path: str) -> Q:
    if path.endswith("__icontains") and is_short(word):
        begins = Q((f"{path.removesuffix('__icontains')}__istartswith", word))
        return reduce(or_, [Q((path, before + word)) for before in BEFORE_A_WORD], begins)
    if not path.endswith("__istartswith"):
        return Q((path, word))
    return begins_with(path.removesuffix("__istartswith"), word)
