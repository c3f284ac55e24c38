"""`counterfoil definition …`: the batch definitions there are, new, changed and copied ones."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import person
from counterfoil.commands.definition_answer import answer_definition, list_row, list_text
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Username, words_in
from counterfoil.commands.session import with_database

definition = typer.Typer(help="Batch definitions: saved descriptions of runs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Small letters, digits and hyphens.")]
Title = Annotated[str | None, typer.Option(help="What people read; else the name.")]
Kinds = Annotated[str | None, typer.Option(help="Kinds of charge, with commas between; else service.")]
WhoPays = Annotated[str | None, typer.Option("--payer", help="any, direct or dealer.")]
OnlyBranch = Annotated[
    str | None, typer.Option("--branch", help="Code of the only branch; empty: every branch.")
]
OnlyGroup = Annotated[
    str | None,
    typer.Option("--customer-group", help="Name of the only customer group; empty: whatever group."),
]
OnlyPeriods = Annotated[
    str | None,
    typer.Option("--periods", help="Only charges of these periods: 1 month, 3 months; empty: of any."),
]
OnlyCodes = Annotated[
    str | None,
    typer.Option("--codes", help="Only these master charges, codes with commas between; empty: all."),
]
HowGrouped = Annotated[
    str | None,
    typer.Option(
        "--grouping", help="An invoice a customer, client, dealer, branch, po (purchase order) or event."
    ),
]
Amalgamated = Annotated[
    bool | None,
    typer.Option(
        "--amalgamated/--not-amalgamated", help="One line a tax category and rate, the breakdown attached."
    ),
]
KeepsZero = Annotated[
    bool | None,
    typer.Option("--keeps-zero/--issues-zero", help="Keep invoices of 0.00 without a number, and send none."),
]
AttachesSummary = Annotated[
    bool | None,
    typer.Option(
        "--attach-summary/--no-summary",
        help="E-mail the charge summary beside every invoice; amalgamated ones always have it.",
    ),
]
Credit = Annotated[
    str | None,
    typer.Option(metavar="BASIS", help="Credits days no longer served: daily or monthly; none bills."),
]
PastPeriods = Annotated[int | None, typer.Option(min=0, max=1200, help="More are set aside; else 2.")]
Connector = Annotated[str | None, typer.Option(help="Where documents go: csv, or empty for nowhere.")]
Mail = Annotated[bool | None, typer.Option("--mail/--no-mail", help="Mail invoices to who wants them so.")]
Authorised = Annotated[
    bool | None, typer.Option("--authorised/--reviewed", help="Issue and deliver without review.")
]
CutOffRule = Annotated[
    str | None, typer.Option("--cutoff", metavar="RULE", help="Such as: first of next month - 3 days.")
]
DateRule = Annotated[
    str | None, typer.Option("--invoice-date", metavar="RULE", help="The same, or counted from the cut-off.")
]
Schedule = Annotated[
    str | None,
    typer.Option(help="When runs start by themselves, as cron writes it: 0 6 1 * *; empty: never."),
]
IsActive = Annotated[bool | None, typer.Option("--on/--off", help="Whether it can be run.")]


@definition.command()
def create(
    name: Name,
    title: Title = None,
    kinds: Kinds = None,
    payer: WhoPays = None,
    branch: OnlyBranch = None,
    customer_group: OnlyGroup = None,
    periods: OnlyPeriods = None,
    codes: OnlyCodes = None,
    grouping: HowGrouped = None,
    amalgamated: Amalgamated = None,
    keeps_zero: KeepsZero = None,
    attaches_summary: AttachesSummary = None,
    credit: Credit = None,
    past_periods: PastPeriods = None,
    cutoff: CutOffRule = None,
    invoice_date: DateRule = None,
    schedule: Schedule = None,
    connector: Connector = None,
    mail: Mail = None,
    authorised: Authorised = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Store a new definition, to be run by its name."""
    given = _given(locals())
    with with_database():
        from counterfoil.flows.defining import define, worded
        from counterfoil.records.billing.models import BatchDefinition

        words = {"kinds": ["service"], **given, "title": title or name}
        stored = define(worded(BatchDefinition(), words), by=person(by), now=clock.now())
        answer_definition(stored, said="is stored", as_json=as_json)


@definition.command()
def edit(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    title: Title = None,
    kinds: Kinds = None,
    payer: WhoPays = None,
    branch: OnlyBranch = None,
    customer_group: OnlyGroup = None,
    periods: OnlyPeriods = None,
    codes: OnlyCodes = None,
    grouping: HowGrouped = None,
    amalgamated: Amalgamated = None,
    keeps_zero: KeepsZero = None,
    attaches_summary: AttachesSummary = None,
    credit: Credit = None,
    past_periods: PastPeriods = None,
    cutoff: CutOffRule = None,
    invoice_date: DateRule = None,
    schedule: Schedule = None,
    connector: Connector = None,
    mail: Mail = None,
    authorised: Authorised = None,
    is_active: IsActive = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change what is given of a definition; runs keep the selection they began with."""
    words = _given(locals())
    del words["name"]
    if rename is not None:
        words["name"] = rename
    if not words:
        raise typer.BadParameter("Give an option that says what to change.")
    with with_database():
        from counterfoil.flows.billing.requesting import definition_named
        from counterfoil.flows.defining import change, worded

        asked = worded(definition_named(name), words)
        changed = change(asked, fields=list(words), by=person(by), now=clock.now())
        answer_definition(changed, said="is changed", as_json=as_json)


@definition.command()
def copy(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The name of the copy.")],
    title: Title = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Store a copy of a definition under another name, without its schedule."""
    with with_database():
        from counterfoil.flows.billing.requesting import definition_named
        from counterfoil.flows.defining import copy_of, define

        copied = copy_of(definition_named(name), name=new_name, title=title or "")
        answer_definition(define(copied, by=None, now=clock.now()), said="is stored", as_json=as_json)


@definition.command()
def show(name: Name, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show a definition, the next runs it starts by itself, and its newest runs."""
    with with_database():
        from counterfoil.flows.billing.requesting import definition_named

        answer_definition(definition_named(name), said="", as_json=as_json)


@definition.command("list")
def list_definitions(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the definitions there are."""
    with with_database():
        from counterfoil.records.billing.models import BatchDefinition

        stored = BatchDefinition.objects.select_related("branch", "customer_group", "schedule_state")
        rows = [list_row(one) for one in stored]
    answer({"definitions": rows}, text=list_text(rows) or "There are no definitions.", as_json=as_json)


# The options whose names are shorter than those of the fields they set.
_FIELDS = {
    "credit": "credit_basis",
    "past_periods": "past_periods_allowed",
    "cutoff": "cutoff_rule",
    "invoice_date": "invoice_date_rule",
    "mail": "send_email",
    "periods": "period_lengths",
    "codes": "master_charges",
}
_NO_FIELDS = {"as_json", "by", "rename", "new_name"}


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Return by field what was given on the command line."""
    words = {
        _FIELDS.get(option, option): value
        for option, value in options.items()
        if value is not None and option not in _NO_FIELDS
    }
    for several in ("kinds", "period_lengths", "master_charges"):
        if several in words:
            words[several] = words_in(words[several])
    return words
