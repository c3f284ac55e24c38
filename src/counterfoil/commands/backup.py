"""`counterfoil backup FILE`: everything stored, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.session import with_database
from counterfoil.core.nouns import counted


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; a ZIP file. One that is there is replaced.")],
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Write everything stored into one file, as it is at one moment, and read the file once more."""
    with with_database(is_somebodys=False), progress_bar("Backing up") as progress:
        from counterfoil import clock
        from counterfoil.flows.archiving.backup import back_up

        manifest = back_up(file, now=clock.now(), progress=progress)
    document = {"file": str(file), "tables": len(manifest.tables), "rows": manifest.rows}
    rows = counted(manifest.rows, "row", "rows")
    text = f"{file} holds {rows} of {manifest.organisation}, as of {manifest.made_at}; verified."
    answer(document, text=text, as_json=as_json)
