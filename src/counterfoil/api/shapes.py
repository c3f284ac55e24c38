"""How values look in the API: identifiers, texts, decimals as strings, the words for branches."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

LARGEST_ID = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""What is asked for by number."""

Key = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
"""What is asked for by name. PostgreSQL's texts hold no zero character."""

Reason = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
"""Why somebody did something, in a few words."""

BillingDate = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]
"""A day that a run may be about."""

SmallNumber = Annotated[int, Field(ge=0, le=32_767)]
"""A whole number that fits the smallest column."""

DecimalText = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["12.50"])]
"""A decimal number as a string, so that no program on the way makes a binary fraction of it."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", max_length=10)]
"""A language such as `en`, `de` or `de-AT`."""

PDF = {
    "responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}
}
"""How the description of the API tells that an answer is a PDF."""


class Request(Schema):
    """What a program sends. A word that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Reader(Schema):
    """Who reads a document: in which language, null for the organisation's."""

    language: Language | None = None


def decimal_text(value: Decimal | None) -> str | None:
    """Return a quantity, price or rate as text without exponent or zeros that say nothing; None stays None."""
    return None if value is None else f"{value.normalize():f}"
