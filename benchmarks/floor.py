"""The floor that work is measured against: plain binary COPY of the rows it stored, into tables with their indexes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Do *work*; return the seconds it took and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def copy_floor(tables: Sequence[str], *, folder: Path) -> float:
    """Return how long plain binary COPY takes to put all rows of *tables* into indexed copies of them.

    The rows wait in files in *folder*; they have the same columns and the copies the same primary keys and indexes.
    """
    from django.db import connection, transaction

    for table in tables:
        with connection.cursor() as cursor, (folder / table).open("wb") as file:
            cursor.execute(f"CREATE TABLE {table}_copy (LIKE {table} INCLUDING INDEXES)")
            with cursor.copy(f"COPY {table} TO STDOUT BINARY") as rows:
                for block in rows:
                    file.write(block)
    began = time.perf_counter()
    with transaction.atomic():
        for table in tables:
            statement = f"COPY {table}_copy FROM STDIN BINARY"
            with (
                connection.cursor() as cursor,
                cursor.copy(statement) as rows,
                (folder / table).open("rb") as file,
            ):
                while block := file.read(BLOCK):
                    rows.write(block)
    took = time.perf_counter() - began
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {table}_copy")
        (folder / table).unlink()
    return took
