"""How a date is written on the command line."""

from __future__ import annotations

from datetime import date
from typing import Any

import typer


def day_option(*names: str, help_text: str) -> Any:
    """Return an option, by its *names* or the parameter's, that takes a civil date as YYYY-MM-DD."""
    return typer.Option(*names, parser=read_day, metavar="DATE", help=help_text)


def read_day(text: str) -> date:
    """Return the date that *text* writes. Raises `typer.BadParameter`, which is wrong usage."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # Python reads other ISO forms too, such as 2026-W23-1; people would mistype into them.
    if day is None or day.isoformat() != text:
        raise typer.BadParameter(f"{text!r} is not a date. Write it as year, month and day: 2026-06-01.")
    return day
