"""`counterfoil restore FILE`: a backup into a new installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.core.nouns import counted
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from counterfoil.project.loading import load_django

if TYPE_CHECKING:
    from counterfoil.flows.archiving.restore import Restored

Verify = Annotated[bool, typer.Option("--verify", help="Read the file through; restore nothing.")]


def restore(
    file: Annotated[Path, typer.Argument(help="What `counterfoil backup` wrote.")],
    verify_only: Verify = False,  # noqa: FBT002  a switch on the command line
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Put a backup into a new installation, bring it up to date, and check every invariant."""
    from counterfoil.flows.archiving.archive import verify

    manifest = verify(file)
    if verify_only:
        document = {"file": str(file), "tables": len(manifest.tables), "rows": manifest.rows}
        answer(document, text=f"{file} is whole: {counted(manifest.rows, 'row', 'rows')}.", as_json=as_json)
        return
    with database_running(home()), progress_bar("Restoring") as progress:
        load_django()
        from django.db import connections

        from counterfoil.flows.archiving import restore as restoring
        from counterfoil.flows.checking import check
        from counterfoil.project.migrations import bring_up_to_date, make_tables_of

        restoring.check_nothing_is_set_up()
        make_tables_of(manifest.migrations)
        restored = restoring.restore(file, progress=progress)
        bring_up_to_date()
        violations = len(check().violations)
        connections.close_all()
    document = {
        "file": str(file),
        "organisation": manifest.organisation,
        "rows": manifest.rows,
        "uncertain_mails": restored.uncertain_mails,
        "runs_to_resume": restored.runs_to_resume,
        "violations": violations,
    }
    answer(document, text=_text(restored, violations=violations), as_json=as_json)
    raise typer.Exit(1 if violations else 0)


def _text(restored: Restored, *, violations: int) -> str:
    manifest = restored.manifest
    said = [
        f"{manifest.organisation} is as it was at {manifest.made_at}: {counted(manifest.rows, 'row', 'rows')}."
    ]
    if restored.uncertain_mails:
        said.append(
            f"{restored.uncertain_mails:,} e-mails may have been sent since; they are uncertain. "
            "Look at them, then `counterfoil run resend --uncertain`."
        )
    if restored.runs_to_resume:
        runs = ", ".join(str(run) for run in restored.runs_to_resume)
        said.append(f"Runs under way: {runs}. Go on with `counterfoil run resume`.")
    if violations:
        said.append(f"{violations:,} invariants do not hold. Run `counterfoil check`.")
    return "\n".join(said)
