"""`counterfoil upgrade`: bring the database up to date with this version, after a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from counterfoil.project.loading import load_django


def upgrade(
    backup_file: Annotated[
        Path | None, typer.Option("--backup", help="Where to; default: backups/ in COUNTERFOIL_HOME.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Make a backup, then apply the changes of this version that the database has not seen.

    Indexes that wait for PostgreSQL's pg_trgm are made once it is there.
    """
    with database_running(home()):
        load_django()
        from django.db import connections

        from counterfoil import clock
        from counterfoil.flows.archiving.backup import back_up
        from counterfoil.project.migrations import bring_up_to_date, check_not_later, pending
        from counterfoil.records.letters import index_letters

        check_not_later()
        waiting = pending()
        file = None
        if waiting:
            now = clock.now()
            file = backup_file or home() / "backups" / f"before-upgrade-{now:%Y%m%d-%H%M%S}.zip"
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            back_up(file, now=now)
            bring_up_to_date()
        index_letters()
        connections.close_all()
    document = {"applied": waiting, "backup": str(file) if file else None}
    text = f"{len(waiting)} changes applied; the backup from before is {file}." if file else "Nothing to do."
    answer(document, text=text, as_json=as_json)
