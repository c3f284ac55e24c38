"""Which letters a text file is written in: UTF-8 with or without its mark, UTF-16, or Windows' western letters.

The whole file is looked at, a piece at a time, so that a wrong letter in its last line is found before the
first is believed.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from counterfoil.core.refusals import Refusal

PIECE = 1 << 20
BEGINNING = 4096
# Zero bytes in more than a third of the places where UTF-16 has them in western text.
ZEROS_OF_UTF_16 = 3
FEWEST_ZEROS = 3
_NOT_IN_TEXT = bytes(code for code in range(32) if code not in b"\t\n\r\f") + b"\x7f"
_NOT_IN_WINDOWS_1252 = b"\x81\x8d\x8f\x90\x9d"
# What Python's surrogateescape makes of a byte that is no UTF-8.
_ESCAPED = re.compile("[\udc80-\udcff]")
_LETTER_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


class NotText(Refusal):
    """The file is not text: it holds bytes that no letters have. Save it as CSV in UTF-8, or as .xlsx."""


class DamagedText(Refusal):
    """The file is UTF-8 text, but line {line} holds bytes that are not. Save it as UTF-8 and try again."""


class FileEmpty(Refusal):
    """The file is empty. Its first row names the columns, and each further row is one object."""


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """A way of writing letters: Python's name for it, and the name people know."""

    codec: str
    words: str


UTF_8 = Encoding(codec="utf-8-sig", words="UTF-8")
UTF_16 = Encoding(codec="utf-16", words="UTF-16")
UTF_16_LE = Encoding(codec="utf-16-le", words="UTF-16")
UTF_16_BE = Encoding(codec="utf-16-be", words="UTF-16")
WINDOWS_1252 = Encoding(codec="cp1252", words="Windows-1252")


def encoding_of(file: BinaryIO) -> Encoding:
    """Return how *file*, which can be rewound, is written. Raises `FileEmpty`, `NotText`, `DamagedText`."""
    file.seek(0)
    beginning = file.read(BEGINNING)
    if not beginning:
        raise FileEmpty
    sixteen = _utf_16(beginning)
    if sixteen is not None:
        _must_decode(file, sixteen)
        return sixteen
    return _utf_8_or_windows(file)


def _utf_16(beginning: bytes) -> Encoding | None:
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF_16
    enough = max(len(beginning) // 2 // ZEROS_OF_UTF_16, FEWEST_ZEROS)
    even, odd = beginning[0::2].count(0), beginning[1::2].count(0)
    if odd > enough and even == 0:
        return UTF_16_LE
    return UTF_16_BE if even > enough and odd == 0 else None


def _must_decode(file: BinaryIO, encoding: Encoding) -> None:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotText from error


def _utf_8_or_windows(file: BinaryIO) -> Encoding:
    """Tell UTF-8 from Windows-1252: a file with letters of UTF-8 and other bytes too is damaged UTF-8."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    has_letters, bad_line, line = False, 0, 1
    is_windows = True
    while True:
        piece = file.read(PIECE)
        if piece.translate(None, _NOT_IN_TEXT) != piece:
            raise NotText
        is_windows = is_windows and piece.translate(None, _NOT_IN_WINDOWS_1252) == piece
        text = decoder.decode(piece, final=not piece)
        has_letters = has_letters or _LETTER_BEYOND_ASCII.search(text) is not None
        bad_line = bad_line or _line_of_escaped(text, first_line=line)
        line += text.count("\n")
        if not piece:
            break
    if not bad_line:
        return UTF_8
    if has_letters:
        raise DamagedText(line=bad_line)
    if not is_windows:
        raise NotText
    return WINDOWS_1252


def _line_of_escaped(text: str, *, first_line: int) -> int:
    """Return the line of the first byte in *text* that is no UTF-8, 0 if there is none."""
    found = _ESCAPED.search(text)
    return first_line + text.count("\n", 0, found.start()) if found else 0
