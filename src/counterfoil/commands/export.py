"""`counterfoil export KIND [FILE]`: write what is stored as a file that `counterfoil import` reads again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

WRONG_USAGE = 2


def export(
    kind: Annotated[
        str,
        typer.Argument(help="tax-rates, customers, dealers, clients, master-charges or charges."),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to; Excel if it ends in .xlsx, else CSV. None: CSV on stdout."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write all objects of a kind as CSV or Excel.

    With --json, write them as one JSON document if there is no FILE, else say how many were written.
    """
    with with_database():
        from counterfoil.flows.importing.kinds import UnknownKind

        try:
            if file is None:
                _to_stdout(kind, as_json=as_json)
                return
            count = _to_file(kind, file)
        except UnknownKind as refusal:
            if as_json:
                print(json.dumps({"error": str(refusal)}))
            print(refusal, file=sys.stderr)
            raise typer.Exit(WRONG_USAGE) from refusal
    answer(
        {"kind": kind, "file": str(file), "rows": count},
        text=f"Wrote {count:,} {kind} to {file}.",
        as_json=as_json,
    )


def _to_stdout(kind: str, *, as_json: bool) -> None:
    """Write CSV; or JSON, a line of output for each object, so that a million take no memory."""
    from counterfoil.flows.importing.export import export_csv, export_rows

    if not as_json:
        export_csv(kind=kind, file=sys.stdout.buffer)
        return
    rows = export_rows(kind)
    separator = f'{{"kind": {json.dumps(kind)}, "rows": [\n'
    for row in rows:
        sys.stdout.write(separator + json.dumps(row, ensure_ascii=False))
        separator = ",\n"
    sys.stdout.write("]}\n" if separator == ",\n" else separator + "]}\n")


def _to_file(kind: str, file: Path) -> int:
    """Write *file* whole or not at all: it takes its name when it is complete."""
    from counterfoil.flows.importing.export import export_csv, export_excel

    draft = file.with_name(f".{file.name}.draft")
    try:
        with draft.open("wb") as stream:
            write = export_excel if file.suffix.lower() == ".xlsx" else export_csv
            count = write(kind=kind, file=stream)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return count
