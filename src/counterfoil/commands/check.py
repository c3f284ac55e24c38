"""`counterfoil check`: does everything that must always hold, hold?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.nouns import counted

if TYPE_CHECKING:
    from counterfoil.flows.checking import Checked


def check(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Verify every invariant over the whole database; exit 1 where one does not hold."""
    with with_database():
        from counterfoil.flows.checking import check as check_all

        checked = check_all()
    document = {
        "checked": checked.rows,
        "violations": [asdict(breach) for breach in checked.violations],
        "warnings": [asdict(breach) for breach in checked.warnings],
    }
    answer(document, text=_text(checked), as_json=as_json)
    raise typer.Exit(1 if checked.violations else 0)


def _text(checked: Checked) -> str:
    broken = {breach.invariant for breach in checked.violations}
    headings = ["Invariant", "Documents", "What is wrong"]
    return paragraphs(
        *(
            f"{'✗' if name in broken else '✓'} {name.replace('_', ' ')} ({counted(count, 'row', 'rows')})"
            for name, count in checked.rows.items()
        ),
        table(
            headings,
            [(one.invariant, one.documents, one.message) for one in checked.violations],
            title="Violations",
        ),
        table(
            headings,
            [(one.invariant, one.documents, one.message) for one in checked.warnings],
            title="Warnings",
        ),
        f"{len(checked.violations):,} violations, {len(checked.warnings):,} warnings.",
    )
