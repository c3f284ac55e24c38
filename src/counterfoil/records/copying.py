"""Bulk reading and writing on Django's own connection, inside its transaction: COPY in and out.

Rows going in are Arrow tables, encoded to PostgreSQL's binary format; rows coming out are CSV.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pgpq
import pyarrow as pa
from django.db import connection
from psycopg import Copy

ROWS_A_BATCH = 100_000


def copy_in(*, table: str, rows: pa.Table) -> None:
    """Append *rows* to *table*; their columns are named like the table's and have its types."""
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    encoder = pgpq.ArrowToPostgresBinaryEncoder(rows.schema)
    with _copying(f"COPY {table} ({columns}) FROM STDIN BINARY") as copy:
        copy.write(encoder.write_header())
        for batch in rows.to_batches(max_chunksize=ROWS_A_BATCH):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())


def copy_out(*, sql_file: Path, parameters: Mapping[str, object]) -> bytes:
    """Return the rows that the query in *sql_file* selects, as CSV with a header."""
    statement = f"COPY ({sql_file.read_text().rstrip().rstrip(';')}) TO STDOUT (FORMAT csv, HEADER)"
    with _copying(statement, parameters) as copy:
        return b"".join(bytes(block) for block in copy)


@contextmanager
def _copying(statement: str, parameters: Mapping[str, object] | None = None) -> Iterator[Copy]:
    """Yield the COPY of *statement*; what goes wrong in it is one of Django's errors, as everywhere else."""
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement, parameters) as copy,
    ):
        yield copy
