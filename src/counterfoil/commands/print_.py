"""`counterfoil print`: the documents of a run, or some by number, as PDF files to be printed together."""

from __future__ import annotations

from typing import Annotated

import typer

from counterfoil import clock
from counterfoil.commands.choosing import chosen_invoice, chosen_run, person
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.run_words import Username
from counterfoil.commands.session import with_database


class RunOrNumbers(CommandFailed):
    """Name the documents to be printed: --run RUN, or their numbers."""


class NotAllPrinted(CommandFailed):
    """{failure} Correct that, then print again."""


def print_(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]...", help="Of documents.")] = None,
    run: Annotated[int | None, typer.Option(help="Those of this run whose customers get paper.")] = None,
    everybody: Annotated[  # noqa: FBT002
        bool, typer.Option("--all", help="With --run: whatever way their customers get them.")
    ] = False,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Print documents together: as PDF files of a hundred documents each, by number."""
    if (run is None) == (not numbers):
        raise RunOrNumbers
    with with_database():
        from counterfoil.flows import printing as flow
        from counterfoil.records.billing.models import Invoice

        if run is not None:
            chosen = chosen_run(run, statuses=())
            rows = Invoice.objects.filter(run=chosen) if everybody else flow.on_paper(chosen.pk)
            title = f"Run {chosen.pk}, {chosen.title}"
        else:
            ids = [chosen_invoice(number).pk for number in numbers or ()]
            rows = Invoice.objects.filter(pk__in=ids)
            title = "Chosen documents"
        batch = flow.open_batch(rows, title=title, by=person(by), now=clock.now(), is_queued=False)
        with progress_bar("Printing documents") as progress:
            batch = flow.print_batch(batch.pk, now=clock.now, progress=progress)
        if batch.failure:
            raise NotAllPrinted(failure=batch.failure)
        files = [str(flow.part_path(batch, number)) for number in range(1, flow.parts_of(batch) + 1)]
    document = {"batch": batch.pk, "title": batch.title, "documents": batch.documents, "files": files}
    answer(document, text="\n".join(files), as_json=as_json)
