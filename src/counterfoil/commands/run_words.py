"""The words that several of the run verbs take."""

from __future__ import annotations

from typing import Annotated

import typer

RunNumber = Annotated[int | None, typer.Argument(metavar="RUN", help="Needed where several runs fit.")]
Username = Annotated[str | None, typer.Option("--by", metavar="USERNAME", help="Who does this.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever looks at it later.")]
Drafts = Annotated[list[int], typer.Argument(metavar="DRAFT...", help="Draft invoices, by id.")]


def words_in(text: str | None) -> list[str]:
    """Return the words of *text* between its commas, without empty ones."""
    return [word.strip() for word in (text or "").split(",") if word.strip()]
