"""Pages by cursor on the unique id: the next page is found by an index however far it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from counterfoil.api.errors import WrongValue
from counterfoil.api.shapes import LARGEST_ID

LARGEST_PAGE = 500
USUAL_PAGE = 100

Item = TypeVar("Item")
AnyModel = TypeVar("AnyModel", bound=Model)


class WrongCursor(WrongValue):
    """The cursor is not one of ours. Take it from next_cursor of the page before, unchanged."""


class Page(Schema, Generic[Item]):
    """Some items in order, and where the next page begins; `next_cursor` null: this is the last."""

    items: list[Item]
    next_cursor: str | None


class Paging(Schema):
    """Which page is asked for."""

    cursor: Annotated[str | None, Field(max_length=60)] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = USUAL_PAGE


def page_of(
    rows: QuerySet[AnyModel],
    *,
    paging: Paging,
    shape: Callable[[AnyModel], Any],
    by: str = "pk",
    newest_first: bool = False,
) -> dict[str, Any]:
    """Return the page of *rows* that *paging* asks for, each row in its *shape*, in the order of *by*.

    *by* is a whole number that no two of *rows* share. Raises `WrongCursor`.
    """
    if paging.cursor:
        beyond = "lt" if newest_first else "gt"
        rows = rows.filter(**{f"{by}__{beyond}": id_in(paging.cursor)})
    found = list(rows.order_by(f"-{by}" if newest_first else by)[: paging.limit + 1])
    shown = found[: paging.limit]
    next_cursor = cursor_of(getattr(shown[-1], by)) if len(found) > paging.limit else None
    return {"items": [shape(row) for row in shown], "next_cursor": next_cursor}


def cursor_of(row_id: int) -> str:
    """Return the cursor of the page that begins behind the row with that id."""
    return base64.urlsafe_b64encode(f"id:{row_id}".encode()).decode().rstrip("=")


def id_in(cursor: str) -> int:
    """Return the id behind which the page at *cursor* begins. Raises `WrongCursor`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        word, _, digits = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").partition(":")
    except (binascii.Error, UnicodeError) as error:
        raise WrongCursor from error
    if word != "id" or not digits.isdecimal() or int(digits) > LARGEST_ID:
        raise WrongCursor
    return int(digits)
