"""What a cell may hold: how its text is read, how the value is stored, and how it is written out again.

Reading takes text without surrounding spaces, never empty, and raises ValueError where it cannot be meant.
Numbers come out as whole millionths; nothing is ever a binary fraction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pyarrow as pa
from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from counterfoil.core.money import MINOR_DIGITS, parse_steps
from counterfoil.core.periods import FIRST_YEAR, LAST_YEAR
from counterfoil.core.recipients import MailKind, in_order, parse_recipients
from counterfoil.core.terms import parse_terms

FORMULA_STARTS = "=+\\-@\t\r"
_NEUTRALISED = re.compile(f"'+[{FORMULA_STARTS}]")
_TO_NEUTRALISE = re.compile(f"'*[{FORMULA_STARTS}]")
# Control characters, the line and tab marks excepted.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_MARKS = re.compile("[\t\n\r]")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
_NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
_TRUE, _FALSE = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class ValueType:
    """A kind of value: what is *expected* in words, how it is read and written, and its column's types."""

    expected: str
    read: Callable[[str], Any]
    write: Callable[[Any], Any] = field(default=_as_it_is)
    sql: str = "text"
    arrow: pa.DataType = field(default_factory=pa.string)


def plain(text: str) -> str:
    """Return *text* as it was before `neutral` made it safe for a spreadsheet."""
    return text[1:] if _NEUTRALISED.match(text) else text


def neutral(text: str) -> str:
    """Return *text* with an apostrophe before it if a spreadsheet would run it as a formula; `plain` undoes it."""
    return f"'{text}" if _TO_NEUTRALISE.match(text) else text


def text(longest: int) -> ValueType:
    """Return text of at most *longest* characters, line breaks allowed."""

    def read(cell: str) -> str:
        if len(cell) > longest or _CONTROL.search(cell):
            raise ValueError
        return cell

    return ValueType(
        expected=f"text of at most {longest} characters, none of them control characters", read=read
    )


def key(longest: int) -> ValueType:
    """Return a key of at most *longest* characters on one line."""

    def read(cell: str) -> str:
        if len(cell) > longest or _CONTROL.search(cell) or _LINE_MARKS.search(cell):
            raise ValueError
        return cell

    return ValueType(expected=f"a key of at most {longest} characters on one line", read=read)


def decimal(*, largest_steps: int, expected: str, smallest_steps: int | None = None) -> ValueType:
    """Return a decimal with up to six places, from *smallest_steps* (None: minus the largest) to *largest_steps*."""
    smallest = -largest_steps if smallest_steps is None else smallest_steps

    def read(cell: str) -> int:
        steps = parse_steps(cell)
        if not smallest <= steps <= largest_steps:
            raise ValueError
        return steps

    return ValueType(expected=expected, read=read, sql="bigint", arrow=pa.int64())


def percentage(*, largest_steps: int) -> ValueType:
    """Return a percentage from 0 to *largest_steps* millionths."""

    def read(cell: str) -> int:
        steps = parse_steps(cell)
        if not 0 <= steps <= largest_steps:
            raise ValueError
        return steps

    return ValueType(
        expected="a percentage from 0 to 100, for example 19 for 19 %",
        read=read,
        sql="bigint",
        arrow=pa.int64(),
    )


def whole(*, least: int, most: int, expected: str) -> ValueType:
    """Return a whole number from *least* to *most*."""

    def read(cell: str) -> int:
        if not _WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
            raise ValueError
        return int(cell)

    return ValueType(expected=expected, read=read, sql="bigint", arrow=pa.int64())


def choice(choices: type[Enum]) -> ValueType:
    """Return one of *choices*, in any case; a hyphen or a space stands for an underscore."""
    values = {str(member.value) for member in choices}

    def read(cell: str) -> str:
        value = re.sub("[ -]", "_", cell.lower())
        if value not in values:
            raise ValueError
        return value

    return ValueType(expected=f"one of {', '.join(str(member.value) for member in choices)}", read=read)


def choices(allowed: type[Enum]) -> ValueType:
    """Return some of *allowed* with ; or , between them, in any case, kept as a list of JSON in their order."""
    one = choice(allowed)

    def read(cell: str) -> str:
        named = {one.read(word.strip()) for word in re.split("[;,]", cell) if word.strip()}
        return json.dumps([str(member.value) for member in allowed if member.value in named])

    return ValueType(
        expected=f"some of {', '.join(str(member.value) for member in allowed)}, with ; between them",
        read=read,
        write="; ".join,
    )


def _read_day(cell: str) -> date:
    if not _ISO_DATE.fullmatch(cell):
        raise ValueError
    day = date.fromisoformat(cell)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day


def _read_yes_no(cell: str) -> bool:
    word = cell.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _write_yes_no(value: bool | None) -> str | None:  # noqa: FBT001
    return None if value is None else "yes" if value else "no"


def _read_currency(cell: str) -> str:
    if cell not in MINOR_DIGITS:
        raise ValueError
    return cell


@cache
def countries() -> frozenset[str]:
    territories = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    return frozenset(territories - _NOT_COUNTRIES)


def _read_country(cell: str) -> str:
    if cell not in countries():
        raise ValueError
    return cell


def _read_recipients(cell: str) -> str:
    try:
        for recipient in parse_recipients(cell):
            validate_email(recipient.address)
    except ValidationError as error:
        raise ValueError from error
    return in_order(cell)


def _read_language(cell: str) -> str:
    if not _LANGUAGE.fullmatch(cell):
        raise ValueError
    return cell


def _read_timezone(cell: str) -> str:
    if cell not in available_timezones():
        raise ValueError
    return cell


def _read_terms(cell: str) -> str:
    parse_terms(cell)
    return cell


DAY = ValueType(
    expected=f"a date such as 2026-01-31, in the years {FIRST_YEAR} to {LAST_YEAR}",
    read=_read_day,
    sql="date",
    arrow=pa.date32(),
)
YES_NO = ValueType(
    expected="yes or no", read=_read_yes_no, write=_write_yes_no, sql="boolean", arrow=pa.bool_()
)
CURRENCY = ValueType(expected="a currency of ISO 4217 in capitals, for example EUR", read=_read_currency)
COUNTRY = ValueType(
    expected="a country's two capital letters of ISO 3166, for example IE or GB", read=_read_country
)
RECIPIENTS = ValueType(
    expected="an e-mail address, or several with ; between them, each followed by what it gets if that is not all: "
    f"({', '.join(MailKind)})",
    read=_read_recipients,
)
TIMEZONE = ValueType(
    expected="a time zone of the tz database, for example Europe/Dublin", read=_read_timezone
)
LANGUAGE = ValueType(expected="a language such as en, de or pt-BR", read=_read_language)
TERMS = ValueType(
    expected="payment terms such as 14 days, net 30, end of month or due on receipt", read=_read_terms
)
