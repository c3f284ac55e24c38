"""Rows by their primary keys: one value for the database to read, however many keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Expression, F, Func, Q, QuerySet


class KeyIsAmong(Expression):
    """pk = ANY(keys)."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, keys: Sequence[Any]) -> None:
        super().__init__()
        self.key, self.keys = F("pk"), list(keys)

    def get_source_expressions(self) -> list[Any]:
        return [self.key]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        [self.key] = expressions

    def as_sql(self, compiler: Any, _connection: Any) -> tuple[str, list[Any]]:
        sql, given = compiler.compile(self.key)
        return f"{sql} = ANY(%s)", [*given, self.keys]


class PkIsIn(Func):
    """pk = ANY(an array that is worked out first)."""

    conditional = True
    output_field = BooleanField()
    template, arg_joiner = "%(expressions)s)", " = ANY("


def begins_with(path: str, word: str) -> Q:
    """Return the condition for a code at *path* that begins with *word* as typed, in capitals or in small letters.

    So an index of the codes serves it.
    """
    spelt = dict.fromkeys([word, word.upper(), word.lower()])
    return reduce(or_, [Q((f"{path}__startswith", one)) for one in spelt])


def among(rows: QuerySet[Any], keys: Sequence[Any]) -> QuerySet[Any]:
    """Return those of *rows* whose keys, primary ones or those at *path*, are among *keys*.

    Rows `with_keys` of their own are found in their own way.
    """
    if not keys:
        return rows.none()
    if is_found_by_keys(rows):
        return rows.with_keys(keys)  # type: ignore[attr-defined,no-any-return]
    return rows.filter(KeyIsAmong(keys))


def among_found(rows: QuerySet[Any], found: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of *rows* whose primary keys are those of the few *found*, which are found first, by themselves."""
    return rows.alias(_found=ArraySubquery(found.values("pk"))).filter(PkIsIn(F("pk"), F("_found")))


def is_found_by_keys(rows: QuerySet[Any]) -> bool:
    """Return whether *rows* are found `with_keys` in a way of their own."""
    return hasattr(rows, "with_keys")
