"""`counterfoil reading …`: the meters that are to be read for a day."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.plausibility import Unread

if TYPE_CHECKING:
    from counterfoil.flows.reading_meters import OnSheet

reading = typer.Typer(help="The meters that are to be read for a day.", no_args_is_help=True)


@reading.callback()
def _one_verb_of_several() -> None:
    """The meters that are to be read for a day."""


@reading.command()
def sheet(
    on: Annotated[date, day_option("--on", help_text="The day that is read for.")],
    without: Annotated[
        Unread, typer.Option(help="Those without a reading for the day, or since what is billed; or all.")
    ] = Unread.DAY,
    client: Annotated[str | None, typer.Option(help="Only meters of this client, by its code.")] = None,
    dealer: Annotated[str | None, typer.Option(help="Only meters of this dealer's clients.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="A file to fill in, for `counterfoil import readings`."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List the meters that are to be read for a day, with what they showed last."""
    with with_database():
        from counterfoil.flows.reading_meters import on_sheet
        from counterfoil.records.charges.meter_queries import due_on, unread
        from counterfoil.records.charges.models import Meter

        meters = Meter.objects.select_related("charge__client", "charge__master_charge__tariff")
        found = unread(due_on(meters, on), day=on, without=without).order_by("key")
        if client is not None:
            found = found.filter(charge__client__code=client)
        if dealer is not None:
            found = found.filter(charge__client__dealer__code=dealer)
        rows = [_row(one) for one in on_sheet(list(found), day=on)]
    if file is not None:
        _write(file, rows)
    names = ("meter", "client_name", "unit", "last_read_on", "last_value", "value")
    shown = table(
        ["Meter", "Client", "Unit", "Last read", "Last reading>", "Reading>"],
        [[row[name] for name in names] for row in rows],
    )
    text = paragraphs(shown or "Every meter is read.", f"Written to {file}." if file else "")
    answer({"on": on.isoformat(), "meters": rows}, text=text, as_json=as_json)


def _row(one: OnSheet) -> dict[str, str]:
    """Return a meter as it stands in the file: texts by the names of the columns that an import knows."""
    meter, last, on_day = one.meter, one.around.last, one.around.on_day
    tariff, client = meter.charge.master_charge.tariff, meter.charge.client
    return {
        "meter": meter.key,
        "read_on": one.day.isoformat(),
        "value": f"{on_day.value:f}" if on_day else "",
        "client": client.code,
        "client_name": client.name,
        "meter_name": meter.name,
        "unit": tariff.unit if tariff else "",
        "last_read_on": last.read_on.isoformat() if last else "",
        "last_value": f"{last.value:f}" if last else "",
    }


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    from counterfoil.flows.importing.metering import SHEET
    from counterfoil.flows.importing.values import neutral

    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["meter", "read_on", "value", *SHEET], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: neutral(text) for name, text in row.items()} for row in rows)
