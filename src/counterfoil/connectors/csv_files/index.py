"""What is in a folder's files: which documents, in which set of files, and how much of each file counts.

Beside the files lies a small SQLite database. A batch counts from the moment its row is committed there; bytes
beyond what it records were written by somebody who was interrupted, and are cut off. The files are what others
read; the index is what keeps a repeated batch from being written twice, without reading them all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from counterfoil.connectors.csv_files.settings import Dialect

INDEX_NAME = ".index.sqlite"
SECONDS_TO_WAIT = 60

SCHEMA = """
CREATE TABLE IF NOT EXISTS file_set (
    nth INTEGER PRIMARY KEY,
    delimiter TEXT NOT NULL,
    decimal_mark TEXT NOT NULL,
    encoding TEXT NOT NULL,
    invoices_bytes INTEGER NOT NULL DEFAULT 0,
    lines_bytes INTEGER NOT NULL DEFAULT 0,
    is_finished INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS document (
    reference TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    file_set INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """One set of files handed over together, its dialect, and how many bytes of each file count."""

    nth: int
    dialect: Dialect
    invoices_bytes: int = 0
    lines_bytes: int = 0
    is_finished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document: where it is."""

    reference: str
    number: str
    file_set: int


class Index:
    """The index of one folder, open."""

    def __init__(self, *, folder: Path) -> None:
        """Open the folder's index, making it if there is none."""
        self._connection = sqlite3.connect(
            folder / INDEX_NAME, timeout=SECONDS_TO_WAIT, isolation_level=None, check_same_thread=False
        )
        self._connection.executescript("PRAGMA synchronous = FULL;" + SCHEMA)

    def close(self) -> None:
        """Close it; what is not committed is forgotten."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep every other sender out; what is done inside counts together, or not at all if it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def entries(self, references: Sequence[str]) -> dict[str, Entry]:
        """Return those of *references* that are in the files."""
        query = "SELECT reference, number, file_set FROM document WHERE reference IN (SELECT value FROM json_each(?))"
        with closing(self._connection.execute(query, [json.dumps(list(references))])) as rows:
            return {row[0]: Entry(reference=row[0], number=row[1], file_set=row[2]) for row in rows}

    def file_sets(self) -> list[FileSet]:
        """Return every set of files, oldest first."""
        query = (
            "SELECT nth, delimiter, decimal_mark, encoding, invoices_bytes, lines_bytes, is_finished"
            " FROM file_set ORDER BY nth"
        )
        with closing(self._connection.execute(query)) as rows:
            return [
                FileSet(
                    nth=nth,
                    dialect=Dialect(delimiter=delimiter, decimal_mark=mark, encoding=encoding),
                    invoices_bytes=invoices,
                    lines_bytes=lines,
                    is_finished=bool(finished),
                )
                for nth, delimiter, mark, encoding, invoices, lines, finished in rows
            ]

    def begin_set(self, *, dialect: Dialect) -> FileSet:
        """Add a set of files in *dialect* and return it."""
        cursor = self._connection.execute(
            "INSERT INTO file_set (delimiter, decimal_mark, encoding) VALUES (?, ?, ?)",
            [dialect.delimiter, dialect.decimal_mark, dialect.encoding],
        )
        return FileSet(nth=int(cursor.lastrowid or 0), dialect=dialect)

    def add(self, entries: Sequence[Entry], *, to: FileSet) -> None:
        """Record *entries* in the set *to*, which has as many bytes as it says."""
        self._connection.executemany(
            "INSERT INTO document (reference, number, file_set) VALUES (?, ?, ?)",
            [(entry.reference, entry.number, entry.file_set) for entry in entries],
        )
        self._connection.execute(
            "UPDATE file_set SET invoices_bytes = ?, lines_bytes = ? WHERE nth = ?",
            [to.invoices_bytes, to.lines_bytes, to.nth],
        )

    def finish_set(self, file_set: FileSet) -> None:
        """Record that the set was handed over."""
        self._connection.execute("UPDATE file_set SET is_finished = 1 WHERE nth = ?", [file_set.nth])
