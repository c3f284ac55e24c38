"""`counterfoil simulate FILE`: rate charges from a file, without a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Annotated, Any, TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from counterfoil.commands.charge_file import open_charge_rows
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson
from counterfoil.core.periods import LAST_YEAR
from counterfoil.core.refusals import Refusal
from counterfoil.core.simulation import LineKind, SimulatedLine, Simulation, simulate_charges, simulate_rows

__all__ = ["simulate", "simulate_rows"]

FINDINGS, WRONG_USAGE = 1, 2
MOST_SHOWN = 500

PIPE_WIDTH = 160
FOLDED = {"Charge", "What is wrong", "What to do"}


class CutOffOutOfRange(Refusal):
    """--through {through} is after the year {last_year}. Give an earlier date."""


def simulate(
    file: Annotated[str, typer.Argument(help="CSV with a header, or JSON lines; - reads standard input.")],
    through: Annotated[
        date | None,
        day_option(help_text="Bill what is due on or before this date."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Rate the charges in FILE and show their lines, totals and findings; nothing is stored.

    Exits with 1 if a row has a finding, and with 2 if the file as a whole cannot be used.
    """
    try:
        simulation = _simulated(file, through=through)
    except Refusal as refusal:
        if as_json:
            print(json.dumps({"error": str(refusal)}))
        print(refusal, file=sys.stderr)
        raise typer.Exit(WRONG_USAGE) from refusal
    if as_json:
        write_json(simulation, sys.stdout)
    else:
        show(
            simulation,
            Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH),
        )
    raise typer.Exit(FINDINGS if simulation.findings else 0)


def _simulated(file: str, *, through: date | None) -> Simulation:
    if through is not None and through.year > LAST_YEAR:
        raise CutOffOutOfRange(through=through, last_year=LAST_YEAR)
    with open_charge_rows(file) as rows:
        return simulate_charges(rows, through=through)


def write_json(simulation: Simulation, stream: TextIO) -> None:
    """Write what `Simulation.as_json` returns, a line of output for each line and finding.

    The document is never whole in memory; a million charges take no more than their lines do.
    """
    totals = {currency: total.as_json(currency) for currency, total in simulation.totals().items()}
    stream.write('{"lines": [')
    _write_items((line.as_json() for line in simulation.lines), stream)
    stream.write(f'],\n"totals": {json.dumps(totals)},\n"findings": [')
    _write_items((found.as_json() for found in simulation.findings), stream)
    stream.write("]}\n")


def _write_items(items: Iterable[dict[str, Any]], stream: TextIO) -> None:
    separator = "\n"
    for item in items:
        stream.write(separator + json.dumps(item))
        separator = ",\n"


def show(simulation: Simulation, console: Console) -> None:
    """Print lines, totals and findings as tables; beyond 500 rows each says how many more there are."""
    _show_table(
        console,
        title="Lines",
        headings=["Charge", "From", "Last day", "Share>", "Price>", "Amount>", "Bill date"],
        rows=(_shown_line(line) for line in simulation.lines),
        count=len(simulation.lines),
    )
    if not simulation.lines:
        console.print("No line is due.")
    totals = simulation.totals()
    _show_table(
        console,
        title="Totals",
        headings=["Currency", "Net>", "Tax>", "Gross>"],
        rows=([currency, *total.as_json(currency).values()] for currency, total in totals.items()),
        count=len(totals),
    )
    _show_table(
        console,
        title="Findings",
        headings=["Row>", "Charge", "What is wrong", "What to do"],
        rows=(
            [str(found.row), found.charge_id, found.finding.message, found.finding.remedy]
            for found in simulation.findings
        ),
        count=len(simulation.findings),
    )


def _shown_line(line: SimulatedLine) -> list[str]:
    """Return a line as people read it: with its last day, and its customer where that is not the charge."""
    row, told = line.charge_row, line.as_json()
    is_own = row.customer == row.charge_id
    return [
        row.charge_id if is_own else f"{row.charge_id} ({row.customer})",
        told["period_start"],
        line.period.last_day.isoformat(),
        f"credit {told['fraction']}" if line.kind is LineKind.CREDIT else told["fraction"],
        f"{told['quantity']} × {told['unit_price']}",
        f"{told['amount']} {told['currency']}",
        told["bill_date"],
    ]


def _show_table(
    console: Console, *, title: str, headings: list[str], rows: Iterable[list[str]], count: int
) -> None:
    """Print a table, if it has rows; a heading that ends in ">" stands over numbers."""
    if count == 0:
        return
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in headings:
        justify: JustifyMethod = "right" if heading.endswith(">") else "left"
        name = heading.rstrip(">")
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name not in FOLDED)
    for row in islice(rows, MOST_SHOWN):
        table.add_row(*(_printable(cell) for cell in row))
    console.print(table)
    if count > MOST_SHOWN:
        console.print(f"… and {count - MOST_SHOWN:,} more; --json prints them all.")


def _printable(text: str) -> Text:
    """Return *text* with nothing in it that a terminal would obey."""
    return Text("".join(letter if letter.isprintable() else "�" for letter in text))
