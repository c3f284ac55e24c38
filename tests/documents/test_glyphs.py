"""What the shipped fonts can print, and text made safe to print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.documents.glyphs import (
    breakable,
    breakable_lines,
    printable,
    printable_code_points,
    unprintable,
)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("  Alarm \t\r\n monitoring ", "Alarm monitoring"),
        ("no\x00thing \x07rings", "nothing rings"),
        ("safe \u202egnihton", "safe gnihton"),
        ("soft\xadly", "softly"),
        ("Zu\u0308rich", "Zürich"),
        ("✓\ufe0f", "✓"),
        ("漢字 😀", "□□ □"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("", ""),
    ],
)
def test_text_is_made_printable(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_long_word_may_break() -> None:
    word = "x" * 40  # 18 + 18 + 4
    assert breakable(word) == f"{'x' * 18}\u200b{'x' * 18}\u200bxxxx"
    assert breakable("x" * 18) == "x" * 18


def test_lines_stay_lines() -> None:
    assert breakable_lines("\nfirst\n\n second \n") == ["first", "", "second"]


def test_what_cannot_be_printed_is_named() -> None:
    assert unprintable("Tokyo 東京") == {"東", "京"}
    assert unprintable("Zürich □ \x00") == frozenset()


def test_the_fonts_hold_latin_greek_cyrillic_hebrew_and_arabic() -> None:
    assert {ord(character) for character in "AßĀžΩЖ€א\u0639½"} <= printable_code_points()
    assert ord("漢") not in printable_code_points()
    assert len(printable_code_points()) == 4207


@given(st.text())
def test_printable_text_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert breakable(text).replace("\u200b", "") == once
    assert {ord(character) for character in breakable(text)} <= printable_code_points()
