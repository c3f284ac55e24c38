"""Pages by key: each begins after the last row of the one before, found by an index, never by counting rows.

A page costs the same wherever it is in the list, and a row that is added or removed meanwhile shifts
nothing. The order always ends in the primary key, so it has no ties. Empty values sort as PostgreSQL sorts
them: as the largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, Expression, F, Field, Q, QuerySet, Value

from counterfoil.records.keys import among_found, is_found_by_keys


@dataclass(frozen=True)
class Order:
    """The query paths rows are ordered by, all in one direction; the primary key is added at the end."""

    paths: tuple[str, ...]
    is_descending: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (*(path for path in self.paths if path != "pk"), "pk")

    def terms(self, *, backwards: bool) -> list[Any]:
        """Return what to give to `order_by`; *backwards* turns every direction."""
        descending = self.is_descending != backwards
        return [F(key).desc() if descending else F(key).asc() for key in self.keys]


@dataclass(frozen=True)
class Position:
    """Where a page begins: just after the row with these key values, or just before it."""

    values: tuple[str | None, ...]
    is_before: bool = False


END = Position(values=(), is_before=True)


@dataclass(frozen=True)
class KeysetPage:
    """The rows of one page, and the positions of its neighbours (None at either end).

    One that is *looked_at* was looked for among so many rows, and ends with these: further on there may be more.
    """

    rows: Sequence[Any]
    previous: Position | None
    next: Position | None
    looked_at: int | None = None


class RowIsBeyond(Expression):
    """(a, b, pk) > (x, y, z), or <, compared as a row: one range of an index on (a, b, pk)."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, keys: Sequence[Any], values: Sequence[Any], *, operator: str) -> None:
        super().__init__()
        self.keys, self.values, self.operator = list(keys), list(values), operator

    def get_source_expressions(self) -> list[Any]:
        return [*self.keys, *self.values]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        half = len(expressions) // 2
        self.keys, self.values = list(expressions[:half]), list(expressions[half:])

    def as_sql(self, compiler: Any, _connection: Any) -> tuple[str, list[Any]]:
        left, left_given = _listed(compiler, self.keys)
        right, right_given = _listed(compiler, self.values)
        return f"({left}) {self.operator} ({right})", [*left_given, *right_given]


def page_of(
    queryset: QuerySet[Any],
    *,
    order: Order,
    position: Position | None,
    size: int,
    shown: QuerySet[Any] | None = None,
) -> KeysetPage:
    """Return at most *size* rows of *queryset* in *order*, beginning at *position* (None: the first page).

    They are found first, and joined to what stands beside them after that: no way of joining is chosen for all rows.
    *shown* are the rows as they are to be shown, where these need not be narrowed once more.
    """
    backwards = position is not None and position.is_before
    near = _rows_from(queryset, order=order, position=position)[: size + 1]
    if not is_found_by_keys(queryset):
        whole = _keyed(queryset if shown is None else shown, order)
        near = among_found(whole, near).order_by(*order.terms(backwards=backwards))
    rows = list(near)
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = (position != END and bool(rows)) if backwards else has_more
    has_previous = has_more if backwards else (position is not None and bool(rows))
    return KeysetPage(
        rows=rows,
        previous=_place(_keys_of(rows[0], order), is_before=True) if has_previous else None,
        next=_place(_keys_of(rows[-1], order)) if has_next else None,
    )


def page_looked_for(
    queryset: QuerySet[Any],
    *,
    within: QuerySet[Any],
    order: Order,
    position: Position | None,
    size: int,
    most: int,
    shown: QuerySet[Any] | None = None,
) -> KeysetPage:
    """Return what `page_of` does of *queryset*, looked for in the next *most* of the rows *within* which it is.

    Where these hold fewer than a page, it is shorter, and the next one begins behind the last row looked at.
    """
    backwards = position is not None and position.is_before
    edge = _rows_from(within, order=order, position=position).values_list(*_key_names(order))
    edge = list(edge[most - 1 : most + 1])
    if len(edge) < 2:
        return page_of(queryset, order=order, position=position, size=size, shown=shown)
    last, beyond = (_place(keys, is_before=backwards) for keys in edge)
    near = _beyond(queryset, order=order, position=replace(beyond, is_before=not backwards))
    page = page_of(queryset.filter(near), order=order, position=position, size=size, shown=shown)
    if page.previous if backwards else page.next:
        return page
    before, after = page.previous, page.next
    if backwards:
        before = last
    else:
        after = last
    return KeysetPage(rows=page.rows, previous=before, next=after, looked_at=most)


def keys_at(keys: Sequence[Any], *, order: Order, position: Position | None, size: int) -> Sequence[Any]:
    """Return those of *keys*, the primary keys of all rows, that the page at *position* needs, and its neighbours.

    In the order of the primary key alone the page is known beforehand; in any other all keys may be on it.
    """
    if order.keys != ("pk",) or not all(isinstance(key, int) for key in keys):
        return keys
    is_before = position is not None and position.is_before
    descends = order.is_descending != is_before
    ordered = sorted(keys, reverse=descends)
    if position is not None and position != END:
        text = position.values[0]
        if text is None or not text.removeprefix("-").isdecimal():
            return keys
        place = int(text)
        ordered = [key for key in ordered if (key < place if descends else key > place)]
    return ordered[: size + 1]


def written(position: Position) -> str:
    """Return *position* as it stands in an address, signed: only positions we gave are ever looked up."""
    if position == END:
        return "end"
    return _signer().sign_object([int(position.is_before), *position.values])


def read(text: str, *, order: Order) -> Position | None:
    """Return the position that *text* from an address means, None when it is not one of *order*."""
    if text == "end":
        return END
    try:
        is_before, *values = _signer().unsign_object(text)
    except BadSignature:
        return None
    fits = len(values) == len(order.keys)
    return Position(values=tuple(values), is_before=bool(is_before)) if fits else None


def _signer() -> Signer:
    return Signer(salt="counterfoil.web.lists.keyset")


def _rows_from(queryset: QuerySet[Any], *, order: Order, position: Position | None) -> QuerySet[Any]:
    backwards = position is not None and position.is_before
    ordered = _keyed(queryset, order).order_by(*order.terms(backwards=backwards))
    if position is None or position == END:
        return ordered
    condition = _beyond(queryset, order=order, position=position)
    return ordered if condition is None else ordered.filter(condition)


def _beyond(queryset: QuerySet[Any], *, order: Order, position: Position) -> Any:
    """Return the condition for rows beyond *position*; None when its values do not fit, so all rows."""
    descends = order.is_descending != position.is_before
    fields = [_field_of(queryset, key) for key in order.keys]
    try:
        values = [field.to_python(text) for field, text in zip(fields, position.values, strict=True)]
    except (ValidationError, ValueError, ArithmeticError):
        return None
    if any(_may_be_empty(queryset, key) for key in order.keys):
        return _beyond_with_empties(list(zip(order.keys, values, strict=True)), descends=descends)
    given = [Value(value, output_field=field) for field, value in zip(fields, values, strict=True)]
    return RowIsBeyond([F(key) for key in order.keys], given, operator="<" if descends else ">")


def _beyond_with_empties(pairs: list[tuple[str, Any]], *, descends: bool) -> Q:
    """Return a > x or (a = x and the rest is beyond), empty values being the largest."""
    (key, value), *rest = pairs
    if value is None:
        further, level = (Q(**{f"{key}__isnull": False}) if descends else None), Q(**{f"{key}__isnull": True})
    else:
        further = Q(**{f"{key}__lt" if descends else f"{key}__gt": value})
        further = further if descends else further | Q(**{f"{key}__isnull": True})
        level = Q(**{key: value})
    if not rest:
        return further if further is not None else Q(pk__in=[])
    deeper = level & _beyond_with_empties(rest, descends=descends)
    return deeper if further is None else further | deeper


def _field_of(queryset: QuerySet[Any], path: str) -> Field[Any, Any]:
    """Return the field whose values *path* yields."""
    return queryset.query.clone().resolve_ref(path).output_field  # type: ignore[no-any-return]


def _may_be_empty(queryset: QuerySet[Any], path: str) -> bool:
    """Return whether *path* can be NULL: an annotation, a nullable column, or a row that need not exist."""
    if path in queryset.query.annotations:
        return True
    steps, field, _targets, _rest = queryset.query.names_to_path(path.split("__"), queryset.query.get_meta())
    return field.null or any(not step.direct or step.join_field.null for step in steps)


def _key_names(order: Order) -> list[str]:
    return [f"_key_{n}" for n in range(len(order.keys))]


def _keyed(queryset: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """Return the rows of *queryset* with the values by which they are ordered."""
    return queryset.annotate(**dict(zip(_key_names(order), map(F, order.keys), strict=True)))


def _keys_of(row: Any, order: Order) -> list[Any]:
    return [getattr(row, name) for name in _key_names(order)]


def _place(keys: Sequence[Any], *, is_before: bool = False) -> Position:
    return Position(tuple(map(_as_text, keys)), is_before=is_before)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _listed(compiler: Any, expressions: Sequence[Any]) -> tuple[str, list[Any]]:
    compiled = [compiler.compile(expression) for expression in expressions]
    return ", ".join(sql for sql, _ in compiled), [value for _, given in compiled for value in given]


def is_sortable(queryset: QuerySet[Any], path: str) -> bool:
    """Return whether *path* leads to a column of *queryset*: what a test asks of every list."""
    try:
        _field_of(queryset, path)
    except (FieldError, FieldDoesNotExist):
        return False
    return True
