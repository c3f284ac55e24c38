"""What records are called, of many kinds at once: a page of the audit trail names a dozen kinds."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, Model

Named = dict[tuple[type[Model], Any], str]


def names_of(wanted: Mapping[Any, Collection[Any] | None]) -> Named:
    """Return by model and key what records are called; one query. A record that is gone is left out.

    Keys that are None are those of all records of a model. What a record's name is made of, it says itself; what it
    refers to for that stands in its `named_by`.
    """
    each = [
        _rows(number, model, of_all=ids is None)
        for number, (model, ids) in enumerate(wanted.items())
        if ids or ids is None
    ]
    values = [list(ids) for ids in wanted.values() if ids]
    if not each:
        return {}
    models = list(wanted)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), values)
        found = [(models[number], _object(row), _object(beside)) for number, row, beside in cursor.fetchall()]
    records = [_record(model, row, beside) for model, row, beside in found]
    return {(type(record), record.pk): str(record) for record in records}


def _rows(number: int, model: Any, *, of_all: bool) -> str:
    """Return the SQL of the rows of *model* with given keys, or *of_all*, each with the rows it is named by."""
    table, key = model._meta.db_table, model._meta.pk.column
    beside = ", ".join(
        f"'{field.name}', (SELECT to_jsonb(r) FROM \"{field.related_model._meta.db_table}\" AS r"  # noqa: S608
        f' WHERE r."{field.related_model._meta.pk.column}" = t."{field.column}")'
        for field in _named_by(model)
    )
    return (
        f"SELECT {number}, to_jsonb(t), jsonb_build_object({beside})"  # noqa: S608  names of our own tables
        f' FROM "{table}" AS t WHERE ' + ("TRUE" if of_all else f't."{key}" = ANY(%s)')
    )


def _named_by(model: Any) -> list[ForeignKey[Any, Any]]:
    return [model._meta.get_field(name) for name in getattr(model, "named_by", ())]


def _record(model: Any, row: Mapping[str, Any], beside: Mapping[str, Any]) -> Model:
    fields = model._meta.concrete_fields
    record: Model = model.from_db(
        "default", [one.attname for one in fields], [_value(one, row) for one in fields]
    )
    for field in _named_by(model):
        its = beside[field.name]
        setattr(record, field.name, _record(field.related_model, its, {}) if its else None)
    return record


def _value(field: Any, row: Mapping[str, Any]) -> Any:
    """Return a value of *row* as the database gives it: JSON has no decimals of ours, and needs none for a name."""
    value = row.get(field.column)
    return (
        field.from_db_value(value, None, connection)
        if hasattr(field, "from_db_value") and not isinstance(value, list | dict)
        else value
    )


def _object(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value  # type: ignore[no-any-return]
