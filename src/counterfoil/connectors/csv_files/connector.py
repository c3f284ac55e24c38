"""Carries documents into CSV files: `invoices.csv`, `lines.csv`, and `totals.csv` at the end.

A document is there once its row is whole in `invoices.csv`; its lines are written and on disk before. After a
crash the next call cuts off what was not finished, so repeating is always safe.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from counterfoil.connectors.csv_files.mapping import (
    INVOICE_COLUMNS,
    LINE_COLUMNS,
    external_document,
    invoice_row,
    line_row,
)
from counterfoil.connectors.port import (
    ExternalDocument,
    Outcome,
    Sent,
    TransientFailure,
    control_totals,
)
from counterfoil.core.document import Document
from counterfoil.core.money import format_minor

ROW_END = b"\r\n"
LONGEST_ROW = 1 << 16
TOTAL_COLUMNS = ("currency", "documents", "lines", "net", "tax", "gross")


class CsvFiles:
    """The CSV files of one run, in *folder*."""

    def __init__(self, *, folder: Path) -> None:
        """Take *folder*; it is made with the first document."""
        self._folder = folder
        self._there: dict[str, ExternalDocument] | None = None

    def find(self, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return what the files hold of *references*. Raises `TransientFailure` if they cannot be read."""
        there = self._documents()
        return {one: there[one] for one in references if one in there}

    def send(self, documents: Sequence[Document]) -> list[Sent]:
        """Append those of *documents* that are not in the files yet.

        Raises `TransientFailure` if the disk refuses; what was half written is cut off by the next call.
        """
        there = self._documents()
        new = [document for document in documents if document.reference not in there]
        try:
            self._append(
                "lines.csv", LINE_COLUMNS, (line_row(one, line) for one in new for line in one.lines)
            )
            self._append("invoices.csv", INVOICE_COLUMNS, (invoice_row(one) for one in new))
        except OSError as error:
            self._there = None
            raise TransientFailure(system=f"The folder {self._folder.name}", answer=str(error)) from error
        added = {one.reference: external_document(_as_row(one)) for one in new}
        there.update(added)
        return [
            Sent(
                reference=document.reference,
                outcome=Outcome.CREATED if document.reference in added else Outcome.EXISTED,
                external_number=there[document.reference].external_number,
            )
            for document in documents
        ]

    def close(self) -> None:
        """Write `totals.csv`: the control totals of what the files hold (billing-rules 12.5)."""
        if self._there:
            self._write_totals()

    def _documents(self) -> dict[str, ExternalDocument]:
        if self._there is None:
            try:
                self._there = {one.reference: one for one in self._read()}
            except OSError as error:
                raise TransientFailure(system=f"The folder {self._folder.name}", answer=str(error)) from error
        return self._there

    def _read(self) -> Iterator[ExternalDocument]:
        """Yield what `invoices.csv` holds, after cutting off what a crash left unfinished."""
        path = self._folder / "invoices.csv"
        if not path.exists():
            (self._folder / "lines.csv").unlink(missing_ok=True)
            return
        _cut_unfinished_row(path)
        whole = set()
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                whole.add(row["reference"])
                yield external_document(row)
        _cut_lines_of_others(self._folder / "lines.csv", whole)

    def _append(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        begins = not path.exists() or path.stat().st_size == 0
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if begins:
                writer.writerow(columns)
            writer.writerows(rows)
            file.flush()
            os.fsync(file.fileno())

    def _write_totals(self) -> None:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(TOTAL_COLUMNS)
        for total in control_totals((self._there or {}).values()):
            amounts = (total.net_minor, total.tax_minor, total.gross_minor)
            counts = (total.currency, total.documents, total.lines)
            writer.writerow([*counts, *(format_minor(amount, total.currency) for amount in amounts)])
        unfinished = self._folder / ".totals.csv"
        unfinished.write_text(text.getvalue(), encoding="utf-8", newline="")
        unfinished.replace(self._folder / "totals.csv")


def _as_row(document: Document) -> dict[str, str]:
    return dict(zip(INVOICE_COLUMNS, invoice_row(document), strict=True))


def _cut_unfinished_row(path: Path) -> None:
    """Cut off a last row without its line end; no cell holds one (mapping.inert)."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(size - LONGEST_ROW, 0))
        last_end = file.read().rfind(ROW_END)
        file.truncate(start + last_end + len(ROW_END) if last_end >= 0 else 0)


def _cut_lines_of_others(path: Path, references: set[str]) -> None:
    """Drop lines of documents that are not in `invoices.csv`: a crash came between the two files."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    kept = [row for row in rows[1:] if row and row[0] in references and len(row) == len(LINE_COLUMNS)]
    if len(kept) == len(rows) - 1:
        return
    unfinished = path.with_name(".lines.csv")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([rows[0], *kept])
    unfinished.replace(path)
