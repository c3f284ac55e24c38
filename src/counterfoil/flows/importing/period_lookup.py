"""The charge periods of a file's rows: looked up by what they say, or created, once for all rows alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
from django.db import connection

from counterfoil.flows.importing.columns import Installation, Prepared
from counterfoil.flows.importing.periods import (
    ATTRIBUTES,
    FROM_START,
    NAMES,
    NO_PERIOD,
    PeriodValues,
    merged,
    name_of,
)
from counterfoil.flows.importing.report import MOST_PROBLEMS_KEPT, RowProblem
from counterfoil.records.catalog.actions import charge_periods_like
from counterfoil.records.catalog.models import ChargePeriod, Kind
from counterfoil.records.copying import copy_in

MOST_DIFFERENT = 50_000

CHARGE_JOIN = """
LEFT JOIN {rows}_periods AS periods
    ON periods.period = row.period AND periods.base_id IS NOT DISTINCT FROM ref_code.charge_period_id
"""
MASTER_JOIN = """
LEFT JOIN {rows}_periods AS periods
    ON periods.period = row.period AND periods.base_id IS NOT DISTINCT FROM target.charge_period_id
   AND periods.kind = row.kind
"""

_CHARGE_COMBINATIONS = """
SELECT DISTINCT row.period, master.charge_period_id AS base_id, '' AS kind
FROM {rows} AS row JOIN catalog_mastercharge AS master ON master.code = row.code
WHERE row.period <> '{{}}'
"""
_MASTER_COMBINATIONS = """
SELECT DISTINCT row.period, target.charge_period_id AS base_id, row.kind
FROM {rows} AS row LEFT JOIN catalog_mastercharge AS target ON target.code = row.code
WHERE row.kind IS NOT NULL AND row.period IS NOT NULL
"""


@dataclass(frozen=True, kw_only=True)
class _Combination:
    """Rows that come to the same charge period: what they fill, and what it builds on."""

    period: str
    base_id: int | None
    kind: str

    @property
    def cells(self) -> dict[str, Any]:
        return json.loads(self.period)  # type: ignore[no-any-return]


_Rule = Callable[[_Combination, PeriodValues | None], PeriodValues | None]


def prepare_charges(rows: str, given: Sequence[str], _installation: Installation) -> Prepared:
    """Find or create the charge periods of the charges in *rows*, into the table {rows}_periods."""
    del given
    return _prepare_above_masters(rows, kind="charges")


def prepare_overrides(rows: str, given: Sequence[str], _installation: Installation) -> Prepared:
    """Find or create the charge periods of the overrides in *rows*, into the table {rows}_periods."""
    del given
    return _prepare_above_masters(rows, kind="overrides")


def _prepare_above_masters(rows: str, *, kind: str) -> Prepared:
    def values(combination: _Combination, base: PeriodValues | None) -> PeriodValues:
        return merged(base or PeriodValues(), combination.cells)

    return _prepare(rows, combinations=_CHARGE_COMBINATIONS, values=values, kind=kind)


def prepare_masters(rows: str, given: Sequence[str], _installation: Installation) -> Prepared:
    """Find or create the charge periods of the master charges in *rows*, into the table {rows}_periods.

    Columns that the file lacks keep what the master charge has.
    """
    kept = [attribute for name in NAMES if name not in given for attribute in ATTRIBUTES[name]]

    def values(combination: _Combination, base: PeriodValues | None) -> PeriodValues | None:
        cells = combination.cells
        has_none = cells.get("every") == NO_PERIOD
        is_kept = base is not None and "every" not in given
        if has_none or not (cells or is_kept or combination.kind == Kind.SERVICE):
            return None
        built_on = PeriodValues(**{name: getattr(base, name) for name in kept}) if base else PeriodValues()
        return merged(built_on, cells)

    return _prepare(rows, combinations=_MASTER_COMBINATIONS, values=values, kind="master-charges")


def _prepare(rows: str, *, combinations: str, values: _Rule, kind: str) -> Prepared:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {rows}_periods (period text, base_id bigint, kind text,"
            " charge_period_id bigint, why text, remedy text) ON COMMIT DROP"
        )
        cursor.execute(f"{combinations.format(rows=rows)} LIMIT {MOST_DIFFERENT + 1}")
        found = [_Combination(period=row[0], base_id=row[1], kind=row[2]) for row in cursor.fetchall()]
    if len(found) > MOST_DIFFERENT:
        return [_too_many(kind)], 1, []
    _store(rows, _resolved(found, values=values))
    return *_problems(rows, kind=kind), []


def _too_many(kind: str) -> RowProblem:
    return RowProblem(
        kind=kind,
        message=f"The rows describe more than {MOST_DIFFERENT:,} different charge periods.",
        remedy=f"Leave anchor empty where the periods begin with the charge, or write {FROM_START} there.",
    )


_NAMES = ("period", "base_id", "kind", "charge_period_id", "why", "remedy")
_ARROW = (pa.string(), pa.int64(), pa.string(), pa.int64(), pa.string(), pa.string())

Resolved = tuple[_Combination, ChargePeriod | None, tuple[str, str] | None]


def _resolved(found: Sequence[_Combination], *, values: _Rule) -> list[Resolved]:
    """Return each combination with the unsaved charge period it comes to, or why it comes to none."""
    bases = ChargePeriod.objects.in_bulk({one.base_id for one in found if one.base_id is not None})
    resolved: list[Resolved] = []
    for one in found:
        base = PeriodValues.of(bases[one.base_id]) if one.base_id is not None else None
        try:
            wanted = values(one, base)
        except ValueError as error:
            resolved.append((one, None, error.args))  # type: ignore[arg-type]
            continue
        period = ChargePeriod(name=name_of(wanted), **asdict(wanted)) if wanted else None
        resolved.append((one, period, None))
    return resolved


def _store(rows: str, resolved: Sequence[Resolved]) -> None:
    stored = iter(charge_periods_like(period for _, period, _ in resolved if period is not None))
    values = [
        (one.period, one.base_id, one.kind, next(stored).pk if period else None, *(problem or (None, None)))
        for one, period, problem in resolved
    ]
    if values:
        columns = [
            pa.array(column, type=kind)
            for column, kind in zip(zip(*values, strict=True), _ARROW, strict=True)
        ]
        copy_in(table=f"{rows}_periods", rows=pa.table(dict(zip(_NAMES, columns, strict=True))))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {rows}_periods")


_PROBLEMS = """
SELECT row.row_no, periods.why, periods.remedy, count(*) OVER ()
FROM {rows} AS row
LEFT JOIN catalog_mastercharge AS master ON master.code = row.code
JOIN {rows}_periods AS periods
    ON periods.period = row.period AND periods.base_id IS NOT DISTINCT FROM master.charge_period_id
   AND periods.kind IN ('', {kind})
WHERE periods.why IS NOT NULL
ORDER BY row.row_no LIMIT {most}
"""


def _problems(rows: str, *, kind: str) -> tuple[list[RowProblem], int]:
    has_kinds = kind == "master-charges"
    query = _PROBLEMS.format(rows=rows, kind="row.kind" if has_kinds else "''", most=MOST_PROBLEMS_KEPT)
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    problems = [
        RowProblem(kind=kind, row=row, column="every", message=why, remedy=remedy)
        for row, why, remedy, _ in found
    ]
    return problems, found[0][3] if found else 0
