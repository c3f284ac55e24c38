"""Reading long lists: what is read in many steps, of one moment, without waiting for its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from django.db import transaction
from django.db.models import QuerySet


def streamed(rows: QuerySet[Any], *, at_once: int) -> Iterator[Any]:
    """Yield *rows* as the database finds them, *at_once* at a time, all as they are at the moment of the first.

    It takes a transaction that lasts as long as they are read: outside of one the database would first put all of them
    aside.
    """
    with transaction.atomic(), closing(rows.iterator(chunk_size=at_once)) as found:
        yield from found
