"""Tables for people: columns that keep their width, on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 160


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> str:
    """Return *rows* as a table; a heading that ends in ">" stands over numbers. Nothing if there are no rows."""
    cells = [[_printable(value) for value in row] for row in rows]
    if not cells:
        return ""
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        justify: JustifyMethod = "right" if heading.endswith(">") else "left"
        shown.add_column(heading.rstrip(">"), justify=justify, overflow="fold")
    for row in cells:
        shown.add_row(*row)
    stream = io.StringIO()
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    Console(file=stream, markup=False, highlight=False, width=width).print(shown)
    return stream.getvalue().rstrip("\n")


def paragraphs(*parts: str) -> str:
    """Return the *parts* that say something, each on its own lines."""
    return "\n".join(part for part in parts if part)


def _printable(value: object) -> Text:
    """Return *value* as text with nothing in it that a terminal would obey."""
    text = "" if value is None else str(value)
    return Text("".join(letter if letter.isprintable() else "�" for letter in text))
