"""The audit trail as a whole: the changes of every audited table as the rows of one, newest first.

There is no such table: `Change` is read from the union of all tables of events, each by its index on the moment, so a
page costs the same however long the trail is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import connection, models
from django.db.backends.postgresql.compiler import SQLCompiler
from django.db.models.sql import Query

# What people call a record by, in the first of these that it has.
NAMES = ("key", "account", "number", "code", "username", "prefix", "name", "title")
TABLE = "audit_change"


class _Compiler(SQLCompiler):
    """Reads from the union in place of the table that is not there."""

    def get_from_clause(self) -> tuple[list[str], list[Any]]:
        clauses, given = super().get_from_clause()
        query: Any = self.query
        leaves = _with_keys(query.keys) if query.keys else _union(query.field, query.sources)
        union = f'({leaves}) "{TABLE}"'
        return [union if clause == f'"{TABLE}"' else clause for clause in clauses], given


class _ChangeQuery(Query):
    field: str = ""
    sources: tuple[str, ...] = ()
    keys: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def get_compiler(self, *args: Any, **kwargs: Any) -> SQLCompiler:
        compiler = super().get_compiler(*args, **kwargs)
        if type(compiler) is SQLCompiler:
            compiler.__class__ = _Compiler
        return compiler


class ChangeQuerySet(models.QuerySet["Change"]):
    """Changes of every table, or of some, or of one field."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model, query or _ChangeQuery(model), using, hints)

    def of_field(self, field: str) -> ChangeQuerySet:
        """Return the changes that gave a column another value than it had; none if no table has that column."""
        chosen = self._chain()  # type: ignore[attr-defined]
        chosen.query.field = field
        return chosen if _with_field(field) else chosen.none()  # type: ignore[no-any-return]

    def of_tables(self, sources: Iterable[str]) -> ChangeQuerySet:
        """Return the changes of the tables of events *sources* alone."""
        chosen = self._chain()  # type: ignore[attr-defined]
        chosen.query.sources = tuple(sorted(sources))
        return chosen  # type: ignore[no-any-return]

    def with_keys(self, keys: Iterable[str]) -> ChangeQuerySet:
        """Return the changes with these ids, each looked up in its own table; they have to be some of these changes."""
        by_source: dict[str, list[int]] = {}
        for key in keys:
            source, event_id = key.split(":")
            by_source.setdefault(source, []).append(int(event_id))
        chosen = self._chain()  # type: ignore[attr-defined]
        chosen.query.keys = tuple((source, tuple(ids)) for source, ids in sorted(by_source.items()))
        return chosen  # type: ignore[no-any-return]


class Change(models.Model):
    """One change of one row: which table of events holds it, the row's id and name, when, and by whom."""

    id = models.TextField(primary_key=True)
    source = models.TextField()
    event_id = models.BigIntegerField()
    object_id = models.BigIntegerField()
    moment = models.DateTimeField()
    label = models.TextField()
    name = models.TextField()
    context = models.ForeignKey(
        pghistory.models.Context,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = TABLE

    def __str__(self) -> str:
        return f"{self.label} of {self.source} {self.object_id}"


@cache
def event_models() -> dict[str, Any]:
    """Return the model of every table of events by the table's name, in the order of the alphabet."""
    found = {
        model._meta.db_table: model
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event) and model._meta.managed
    }
    return dict(sorted(found.items()))


def fields_of(source: str) -> dict[str, Any]:
    """Return the audited fields of a table of events by their columns, without its key."""
    fields = event_models()[source]._meta.fields
    return {
        field.column: field for field in fields if not field.name.startswith("pgh_") and field.name != "id"
    }


def before_and_after(changes: Sequence[Change]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return, by the id of each of *changes*, its row before ({} where it was new) and after; one query for all."""
    by_source: dict[str, list[int]] = {}
    for change in changes:
        by_source.setdefault(change.source, []).append(change.event_id)
    if not by_source:
        return {}
    each = [
        f"SELECT {_key(source, 'event')}, coalesce(to_jsonb(before), '{{}}'), to_jsonb(event)"  # noqa: S608
        f' FROM "{source}" AS event LEFT JOIN LATERAL (SELECT earlier.* FROM "{source}" AS earlier'
        " WHERE earlier.pgh_obj_id = event.pgh_obj_id AND earlier.pgh_id < event.pgh_id"
        " ORDER BY earlier.pgh_id DESC LIMIT 1) AS before ON event.pgh_label <> 'insert'"
        f" WHERE event.pgh_id = ANY(ARRAY[{', '.join(map(str, ids))}])"
        for source, ids in by_source.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {change: (_object(before), _object(after)) for change, before, after in cursor.fetchall()}


def _key(source: str, alias: str) -> str:
    """Return the SQL of a change's id: with zeros in front, so that its text sorts as its number does."""
    return f"'{source}:' || lpad({alias}.pgh_id::text, 10, '0')"


def _object(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value  # type: ignore[no-any-return]


@cache
def _union(field: str, sources: tuple[str, ...]) -> str:
    chosen = [source for source in _with_field(field) if not sources or source in sources]
    return " UNION ALL ".join(_leaf(source, field=field) for source in chosen or event_models())


def _with_keys(keys: Iterable[tuple[str, tuple[int, ...]]]) -> str:
    return " UNION ALL ".join(
        f"{_leaf(source, field='')} WHERE pgh_id = ANY(ARRAY[{', '.join(map(str, ids))}])"
        for source, ids in keys
    )


def _with_field(field: str) -> list[str]:
    return [source for source in event_models() if not field or field in fields_of(source)]


def _leaf(source: str, *, field: str) -> str:
    columns = {one.column for one in event_models()[source]._meta.fields}
    name = next((f'"{name}"::text' for name in NAMES if name in columns), "''")
    where = ""
    if field:
        where = (
            f' WHERE pgh_label = \'update\' AND "{field}" IS DISTINCT FROM (SELECT earlier."{field}"'  # noqa: S608
            f' FROM "{source}" AS earlier WHERE earlier.pgh_obj_id = event.pgh_obj_id'
            " AND earlier.pgh_id < event.pgh_id ORDER BY earlier.pgh_id DESC LIMIT 1)"
        )
    return (
        f"SELECT {_key(source, 'event')} AS id, '{source}'::text AS source, pgh_id::bigint AS event_id,"  # noqa: S608
        f" pgh_obj_id::bigint AS object_id, pgh_created_at AS moment, pgh_label AS label, {name} AS name,"
        f' pgh_context_id AS context_id FROM "{source}" AS event{where}'
    )
