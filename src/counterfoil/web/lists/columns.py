"""What a column shows, and how one value of it looks on the page.

A value is read from the row by a path ("customer.name") or a function. Money is minor units and a currency
found beside it; a period is a pair (first day, day after the last), either of which may be None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from types import MethodType
from typing import Any

from babel import Locale
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.web import display

NOTHING = "–"


class Kind(StrEnum):
    """What sort of value a column holds; decides its text, its alignment and its cell in an export."""

    TEXT = "text"
    CODE = "code"
    MONEY = "money"
    PRICE = "price"
    COUNT = "count"
    QUANTITY = "quantity"
    PERCENT = "percent"
    DATE = "date"
    PERIOD = "period"
    MOMENT = "moment"
    STATE = "state"
    YES_NO = "yes_no"


NUMERIC = frozenset({Kind.MONEY, Kind.PRICE, Kind.COUNT, Kind.QUANTITY, Kind.PERCENT})


class Tone(StrEnum):
    """The colour a state's badge has. The word says it; the colour only helps the eye."""

    QUIET = "quiet"
    GOOD = "good"
    BUSY = "busy"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class State:
    """A state in the person's words."""

    word: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a list.

    `sort` names the query paths that order by this column, all in one direction; `index` the database index
    that serves them at any size (without one the column sorts only short lists). `link` makes the cell a link:
    the name of an address that takes the row's primary key, or a function from the row to an address or "".
    One that `opens_panel` is shown beside the list instead of in its place. Text that `is_figure` stands at the right
    like numbers, such as amounts in several currencies. `nothing` says what to show where there is no value.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    value: str | Callable[[Any], Any] = ""
    currency: str = "currency"
    states: Mapping[str, State] = field(default_factory=dict)
    link: str | Callable[[Any], str] = ""
    opens_panel: bool = False
    sort: tuple[str, ...] = ()
    index: str = ""
    is_shown: bool = True
    is_figure: bool = False
    nothing: Callable[[Any], str] = lambda _row: NOTHING

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC or self.is_figure

    def value_of(self, row: Any) -> Any:
        """Return the column's plain value in *row*, None where there is none."""
        source = self.value or self.name
        return source(row) if callable(source) else at(row, source)

    def currency_of(self, row: Any) -> str:
        """Return the currency of the row's amount."""
        return str(at(row, self.currency))

    def address_of(self, row: Any) -> str:
        """Return where the cell leads, "" for nowhere."""
        if callable(self.link):
            return self.link(row)
        return reverse(self.link, args=[row.pk]) if self.link else ""


@dataclass(frozen=True)
class Cell:
    """One value as the page shows it."""

    column: Column
    text: str
    address: str = ""
    tone: Tone | None = None
    is_negative: bool = False


def at(row: Any, path: str) -> Any:
    """Return what the dotted *path* leads to from *row*, None where a part of the way is missing.

    A method on the way is called, as in a template: "get_delivery_display".
    """
    for name in path.split("."):
        row = getattr(row, name, None)
        row = row() if isinstance(row, partial | MethodType) else row
        if row is None:
            return None
    return row


def cell(column: Column, row: Any, *, locale: Locale) -> Cell:
    """Return how *row* looks in *column*."""
    value = column.value_of(row)
    address = column.address_of(row)
    if value is None or value == "":
        return Cell(column, column.nothing(row))
    if column.kind is Kind.STATE:
        state = column.states.get(str(value), State(str(value)))
        return Cell(column, state.word, address, state.tone)
    text = _text(column, value, row, locale=locale)
    return Cell(column, text, address, is_negative=column.kind in NUMERIC and value < 0)


def _text(column: Column, value: Any, row: Any, *, locale: Locale) -> str:
    """Return *value*, which is something, as text for a person."""
    match column.kind:
        case Kind.MONEY:
            return display.money_text(value, column.currency_of(row), locale=locale)
        case Kind.PRICE:
            return display.price_text(value, column.currency_of(row), locale=locale)
        case Kind.COUNT:
            return display.count_text(value, locale=locale)
        case Kind.QUANTITY:
            return display.decimal_text(value, locale=locale)
        case Kind.PERCENT:
            return f"{display.decimal_text(value, locale=locale)} %"
        case Kind.DATE:
            return _date_text(value, locale=locale)
        case Kind.PERIOD:
            return display.period_text(*value, locale=locale)
        case Kind.MOMENT:
            return _moment_text(value, locale=locale)
        case Kind.YES_NO:
            return gettext("Yes") if value else gettext("No")
        case _:
            return str(value)


def _date_text(value: date, *, locale: Locale) -> str:
    return display.date_text(value, locale=locale)


def _moment_text(value: datetime, *, locale: Locale) -> str:
    return display.moment_text(value, zone=display.current_zone(), locale=locale)
