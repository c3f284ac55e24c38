"""How a date is written on the command line."""

from __future__ import annotations

from datetime import date

import pytest
import typer

from counterfoil.commands.day import read_day


def test_a_day_is_year_month_and_day() -> None:
    assert read_day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["2026-02-30", "20260601", "01.06.2026", "2026-W23-1", "", "today"])
def test_anything_else_is_wrong_usage_in_words(text: str) -> None:
    with pytest.raises(
        typer.BadParameter, match=r"is not a date\. Write it as year, month and day: 2026-06-01"
    ):
        read_day(text)
