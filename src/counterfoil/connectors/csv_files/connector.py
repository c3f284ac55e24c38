"""Carries documents into CSV files, each document once, whatever is interrupted or repeated."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Self

from counterfoil.connectors.csv_files import files
from counterfoil.connectors.csv_files.index import INDEX_NAME, Entry, FileSet, Index
from counterfoil.connectors.csv_files.mapping import (
    INVOICE_COLUMNS,
    LINE_COLUMNS,
    heading_text,
    invoice_row,
    line_rows,
    rows_text,
)
from counterfoil.connectors.csv_files.settings import CsvSettings, Dialect
from counterfoil.connectors.port import (
    Capabilities,
    ControlTotals,
    DeliveryError,
    ExternalDocument,
    Outcome,
    PermanentRefusal,
    TransientFailure,
)
from counterfoil.core.document import Document


@dataclass(frozen=True, slots=True)
class _Written:
    """One document as the bytes of its rows."""

    entry: Entry
    invoice: bytes
    lines: bytes


class CsvConnector:
    """Writes `invoices.csv`, `lines.csv` and `totals.csv` into a folder; its README says what always holds."""

    capabilities = Capabilities(batch_size=1000, request_limit_seconds=0)

    def __init__(self, *, settings: CsvSettings) -> None:
        """Take the settings; the folder is opened when it is needed."""
        self.folder = settings.folder
        self.dialect = settings.dialect
        self._index: Index | None = None

    def __enter__(self) -> Self:
        """Return the connector itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the index. What was not finished goes on under the same names."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def find(self, *, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return those of *references* that are in the files."""
        with _failures_named():
            entries = self._opened().entries(references)
        return {reference: _external(entry) for reference, entry in entries.items()}

    def send(self, *, documents: Sequence[Document]) -> list[Outcome]:
        """Append the documents that are not there; all of them count from the same moment, or none."""
        try:
            with _failures_named():
                index = self._opened()
                with index.writing():
                    return self._sent(documents, index=index)
        except (PermanentRefusal, TransientFailure) as error:
            return [Outcome(reference=document.reference, error=error) for document in documents]

    def totals(self, *, references: Collection[str]) -> dict[str, ControlTotals]:
        """Return what the files hold of *references*, read back from them."""
        wanted = frozenset(references)
        together: dict[str, ControlTotals] = {}
        with _failures_named():
            index = self._opened()
            with index.writing():
                for file_set in self._mended(index):
                    read = files.read_totals(file_set, folder=self.folder, references=wanted)
                    for currency, totals in read.items():
                        together[currency] = together.get(currency, ControlTotals()) + totals
        return together

    def finish(self) -> None:
        """Hand over what was sent since the last time: files that are there never change afterwards."""
        with _failures_named():
            index = self._opened()
            with index.writing():
                for file_set in self._mended(index):
                    if not file_set.is_finished and file_set.invoices_bytes:
                        self._publish(file_set, index=index)

    # Inside `writing`.

    def _sent(self, documents: Sequence[Document], *, index: Index) -> list[Outcome]:
        """Write what is new and return an outcome for each document."""
        there = index.entries([document.reference for document in documents])
        new = {document.reference: document for document in documents if document.reference not in there}
        errors: dict[str, DeliveryError] = {}
        if new:
            file_set = self._current_set(index)
            written = []
            for document in new.values():
                try:
                    written.append(_written(document, file_set=file_set))
                except UnicodeEncodeError as error:
                    errors[document.reference] = _cannot_encode(error, dialect=file_set.dialect)
            self._append(written, file_set=file_set, index=index)
        return _outcomes(documents, there=there, errors=errors)

    def _append(self, written: Sequence[_Written], *, file_set: FileSet, index: Index) -> None:
        """Bring *written* to disk, then record it."""
        if not written:
            return
        paths = files.paths_of(file_set, folder=self.folder)
        invoices = _headed(
            INVOICE_COLUMNS, [one.invoice for one in written], file_set.dialect, at=file_set.invoices_bytes
        )
        lines = _headed(
            LINE_COLUMNS, [one.lines for one in written], file_set.dialect, at=file_set.lines_bytes
        )
        grown = replace(
            file_set,
            lines_bytes=files.append(paths.lines, lines, at=file_set.lines_bytes),
            invoices_bytes=files.append(paths.invoices, invoices, at=file_set.invoices_bytes),
        )
        index.add([one.entry for one in written], to=grown)

    def _current_set(self, index: Index) -> FileSet:
        """Return the set that is being written, a new one if the last was handed over."""
        last = self._mended(index)[-1:]
        if last and not last[0].is_finished:
            return last[0]
        return index.begin_set(dialect=self.dialect)

    def _mended(self, index: Index) -> list[FileSet]:
        """Return every set, after cutting off and completing what somebody was interrupted in."""
        for file_set in index.file_sets():
            if file_set.is_finished:
                continue
            if files.is_publishing(file_set, folder=self.folder):
                self._publish(file_set, index=index)
            else:
                paths = files.paths_of(file_set, folder=self.folder)
                files.cut(paths.invoices, size=file_set.invoices_bytes)
                files.cut(paths.lines, size=file_set.lines_bytes)
        return index.file_sets()

    def _publish(self, file_set: FileSet, *, index: Index) -> None:
        """Hand one set over and record it."""
        totals = files.read_totals(file_set, folder=self.folder, references=None)
        files.publish(file_set, folder=self.folder, totals=totals)
        index.finish_set(file_set)

    def _opened(self) -> Index:
        """Return the folder's index, opened at first use. Raises `PermanentRefusal` if it was taken away."""
        if self._index is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / INDEX_NAME).exists() and any(self.folder.glob("invoices*.csv*")):
                reason = (
                    f"{self.folder} holds invoices but not their index {INDEX_NAME}; choose an empty folder"
                )
                raise PermanentRefusal(reason=reason)
            self._index = Index(folder=self.folder)
        return self._index


@contextmanager
def _failures_named() -> Iterator[None]:
    """Turn what a disk or a lock can do into the port's words."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise TransientFailure(reason=f"the folder cannot be written or read ({error})") from error


def _written(document: Document, *, file_set: FileSet) -> _Written:
    """Return the document's rows as bytes. Raises `UnicodeEncodeError` for a character the encoding lacks."""
    dialect = file_set.dialect
    invoice = rows_text([invoice_row(document)], columns=INVOICE_COLUMNS, dialect=dialect)
    lines = rows_text(line_rows(document), columns=LINE_COLUMNS, dialect=dialect)
    encoding = _plain(dialect.encoding)
    entry = Entry(reference=document.reference, number=document.number or "", file_set=file_set.nth)
    return _Written(entry, invoice.encode(encoding), lines.encode(encoding))


def _headed(columns: tuple[str, ...], rows: list[bytes], dialect: Dialect, *, at: int) -> bytes:
    """Return *rows* together, with the heading before them where the file begins."""
    heading = heading_text(columns, dialect=dialect).encode(dialect.encoding) if at == 0 else b""
    return heading + b"".join(rows)


def _plain(encoding: str) -> str:
    """Return the encoding without its mark, which stands at the beginning of a file only."""
    return encoding.removesuffix("-sig")


def _cannot_encode(error: UnicodeEncodeError, *, dialect: Dialect) -> PermanentRefusal:
    """Return the refusal of a document whose text the files' encoding cannot hold."""
    character = error.object[error.start]
    return PermanentRefusal(reason=f"{character!r} cannot be written in {dialect.encoding}; choose utf-8")


def _outcomes(
    documents: Sequence[Document], *, there: dict[str, Entry], errors: dict[str, DeliveryError]
) -> list[Outcome]:
    """Return what became of each; the second of two documents with one reference was there already."""
    outcomes = []
    seen = set(there)
    for document in documents:
        reference = document.reference
        if reference in errors:
            outcomes.append(Outcome(reference=reference, error=errors[reference]))
            continue
        entry = there.get(reference) or Entry(reference=reference, number=document.number or "", file_set=0)
        outcomes.append(Outcome(reference=reference, external=_external(entry), was_there=reference in seen))
        seen.add(reference)
    return outcomes


def _external(entry: Entry) -> ExternalDocument:
    return ExternalDocument(reference=entry.reference, external_id=entry.reference, number=entry.number)
