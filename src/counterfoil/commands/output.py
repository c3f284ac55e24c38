"""How a command answers: text for people or one JSON document on stdout; everything else goes to stderr."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def answer(document: dict[str, Any], *, text: str, as_json: bool) -> None:
    """Print *document* as JSON, or *text*, and send it on its way at once. Amounts in it are strings."""
    print(json.dumps(document, ensure_ascii=False, default=str) if as_json else text, flush=True)
