"""Which characters the shipped fonts can print, and text made safe to print.

A PDF/A file may not show a character that its fonts lack, and a direction override would let a name display
as another one; so text is cleaned before it is set.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
REPLACEMENT = "\N{WHITE SQUARE}"
BREAK_OPPORTUNITY = "\N{ZERO WIDTH SPACE}"
LONGEST_UNBROKEN = 18

_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
_FORMAT_4, _FORMAT_12 = 4, 12


def printable(text: str) -> str:
    """Return *text* with white space collapsed, invisible characters dropped and unprintable ones as `□`.

    Dropped are control characters, direction overrides, soft hyphens, tags and variation selectors.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = "".join(map(_shown, unicodedata.normalize("NFC", text)))
    return " ".join(shown.split())


def breakable(text: str) -> str:
    """Return *text* made printable, with places to break in every run of more than 18 characters.

    No name, address or description can then leave its column.
    """
    return " ".join(map(_broken, printable(text).split(" ")))


def breakable_lines(text: str) -> list[str]:
    """Return the lines of *text*, each made `breakable`; blank lines at either end are dropped."""
    return [breakable(line) for line in text.strip().splitlines()]


def unprintable(text: str) -> frozenset[str]:
    """Return the characters of *text* that will be printed as `□`, for a finding that names them."""
    composed = unicodedata.normalize("NFC", text)
    return frozenset(one for one in composed if one != REPLACEMENT and _shown(one) == REPLACEMENT)


def _shown(character: str) -> str:
    """Return what is printed for one *character*: itself, nothing, or the replacement."""
    if character.isspace():
        return " "
    if character not in _JOINERS and (unicodedata.category(character) in {"Cc", "Cf"} or _selects(character)):
        return ""
    return character if ord(character) in printable_code_points() else REPLACEMENT


def _selects(character: str) -> bool:
    """Return whether *character* only chooses how the one before it looks."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _broken(word: str) -> str:
    """Return *word* with break opportunities, if it is too long to be sure to fit."""
    if len(word) <= LONGEST_UNBROKEN:
        return word
    pieces = (word[at : at + LONGEST_UNBROKEN] for at in range(0, len(word), LONGEST_UNBROKEN))
    return BREAK_OPPORTUNITY.join(pieces)


@cache
def printable_code_points() -> frozenset[int]:
    """Return every code point that a shipped regular font has a glyph for."""
    fonts = sorted(FONTS.glob("*-Regular.ttf"))
    return frozenset(point for font in fonts for point in _code_points(font.read_bytes()))


def _code_points(font: bytes) -> Iterator[int]:
    """Yield the code points in the character map of a TrueType *font* (OpenType specification, `cmap`)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4s4xLL", font, 12 + 16 * nth) for nth in range(tables))
    start = next(offset for tag, offset, _ in records if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    for nth in range(subtables):
        (offset,) = struct.unpack_from(">L", font, start + 4 + 8 * nth + 4)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind == _FORMAT_4:
            yield from _segments(font, start + offset)
        elif kind == _FORMAT_12:
            yield from _groups(font, start + offset)


def _segments(font: bytes, at: int) -> Iterator[int]:
    """Yield the code points of a format 4 map: ranges within the first plane."""
    (doubled,) = struct.unpack_from(">H", font, at + 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + doubled)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)


def _groups(font: bytes, at: int) -> Iterator[int]:
    """Yield the code points of a format 12 map: ranges in every plane."""
    (count,) = struct.unpack_from(">L", font, at + 12)
    for nth in range(count):
        first, last = struct.unpack_from(">LL", font, at + 16 + 12 * nth)
        yield from range(first, last + 1)
