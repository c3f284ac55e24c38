"""The files of one set on disk: appended to under a name of their own, then handed over whole."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from counterfoil.connectors.csv_files.index import FileSet
from counterfoil.connectors.csv_files.mapping import (
    TOTAL_COLUMNS,
    heading_text,
    minor_of,
    rows_text,
    text_cell,
    total_row,
)
from counterfoil.connectors.csv_files.settings import Dialect
from counterfoil.connectors.port import ControlTotals, PermanentRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPaths:
    """The names of a set's files: `invoices.csv`, `lines.csv`, `totals.csv`, the second set's `invoices-2.csv` …"""

    invoices: Path
    lines: Path
    totals: Path


def paths_of(file_set: FileSet, *, folder: Path) -> SetPaths:
    """Return the names under which the set is handed over."""
    tail = ".csv" if file_set.nth == 1 else f"-{file_set.nth}.csv"
    return SetPaths(
        invoices=folder / f"invoices{tail}", lines=folder / f"lines{tail}", totals=folder / f"totals{tail}"
    )


def partial(path: Path) -> Path:
    """Return the name a file has until it is handed over."""
    return path.with_name(f"{path.name}.partial")


def append(path: Path, content: bytes, *, at: int) -> int:
    """Write *content* to the partial of *path* after its first *at* bytes, on disk; return the new size.

    Whatever stood there was never recorded and goes. Raises `PermanentRefusal` if recorded bytes are gone.
    """
    target = partial(path)
    is_new = not target.exists()
    with target.open("wb" if is_new else "r+b") as file:
        _cut(file.fileno(), name=target.name, size=at)
        file.seek(at)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)
    return at + len(content)


def cut(path: Path, *, size: int) -> None:
    """Cut the partial of *path* to the *size* recorded, if it is longer."""
    target = partial(path)
    if target.exists() and target.stat().st_size != size:
        with target.open("r+b") as file:
            _cut(file.fileno(), name=target.name, size=size)
            os.fsync(file.fileno())


def publish(file_set: FileSet, *, folder: Path, totals: dict[str, ControlTotals]) -> None:
    """Give the set's files their names: the lines, the invoices, and the totals last. May be repeated."""
    paths = paths_of(file_set, folder=folder)
    rows = [total_row(currency, totals[currency]) for currency in sorted(totals)]
    text = heading_text(TOTAL_COLUMNS, dialect=file_set.dialect)
    text += rows_text(rows, columns=TOTAL_COLUMNS, dialect=file_set.dialect)
    partial(paths.totals).unlink(missing_ok=True)
    append(paths.totals, text.encode(file_set.dialect.encoding), at=0)
    for path in (paths.lines, paths.invoices, paths.totals):
        if partial(path).exists():
            partial(path).replace(path)
            sync_folder(folder)


def is_publishing(file_set: FileSet, *, folder: Path) -> bool:
    """Return whether somebody was interrupted while handing the set over."""
    paths = paths_of(file_set, folder=folder)
    return not file_set.is_finished and (paths.lines.exists() or paths.invoices.exists())


def read_totals(
    file_set: FileSet, *, folder: Path, references: Collection[str] | None
) -> dict[str, ControlTotals]:
    """Return what the set's files hold of *references*, None for all, by currency.

    Documents and gross are read from the invoices, lines, net and tax from the lines: a row missing from either shows.
    Raises `PermanentRefusal` if a file cannot be read.
    """
    paths = paths_of(file_set, folder=folder)
    wanted = None if references is None else {text_cell(reference) for reference in references}
    invoices = _sums(paths.invoices, ("gross",), dialect=file_set.dialect, wanted=wanted)
    lines = _sums(paths.lines, ("net", "tax"), dialect=file_set.dialect, wanted=wanted)
    return {
        currency: ControlTotals(
            documents=documents, lines=count, net_minor=net, tax_minor=tax, gross_minor=gross
        )
        for currency in invoices.keys() | lines.keys()
        for documents, gross in [invoices.get(currency, [0, 0])]
        for count, net, tax in [lines.get(currency, [0, 0, 0])]
    }


def sync_folder(folder: Path) -> None:
    """Have the folder's names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sums(
    path: Path, columns: tuple[str, ...], *, dialect: Dialect, wanted: Collection[str] | None
) -> dict[str, list[int]]:
    """Return, by currency, how many rows of *wanted* documents *path* or its partial has, and the sums of *columns*."""
    source = path if path.exists() else partial(path)
    sums: dict[str, list[int]] = {}
    if not source.exists():
        return sums
    with source.open(encoding=dialect.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=dialect.delimiter, strict=True)
        try:
            heading = next(reader)
            reference, currency = heading.index("reference"), heading.index("currency")
            amounts = [heading.index(column) for column in columns]
            for row in reader:
                if wanted is None or row[reference] in wanted:
                    code = row[currency]
                    sum_ = sums.setdefault(code, [0] * (1 + len(amounts)))
                    sum_[0] += 1
                    for nth, at in enumerate(amounts, start=1):
                        sum_[nth] += minor_of(row[at], currency=code, dialect=dialect)
        except (csv.Error, ValueError, IndexError, StopIteration) as error:
            # A ValueError is a heading that is not there, a byte that is no character, or a number that is none.
            reason = f"{source.name} cannot be read near line {reader.line_num} ({error})"
            raise PermanentRefusal(reason=reason) from error
    return sums


def _cut(descriptor: int, *, name: str, size: int) -> None:
    """Cut an open file to *size*. Raises `PermanentRefusal` if it is shorter than that."""
    found = os.fstat(descriptor).st_size
    if found < size:
        raise PermanentRefusal(
            reason=f"{name} was changed by somebody else: {found} of {size} bytes are left"
        )
    if found > size:
        os.ftruncate(descriptor, size)
