"""Rows by their primary keys: one value for the database to read, however many keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Expression, F, QuerySet


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


def among(rows: QuerySet[Any], keys: Sequence[Any]) -> QuerySet[Any]:
    """Return those of *rows* whose primary keys are among *keys*."""
    return rows.filter(KeyIsAmong(keys)) if keys else rows.none()
