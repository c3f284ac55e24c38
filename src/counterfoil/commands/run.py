"""`counterfoil run …`: preview, generate, review, authorise, deliver."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil import clock
from counterfoil.commands import run_answer as answers
from counterfoil.commands.choosing import chosen_run, person
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.run_beside import (
    Against,
    Excel,
    Explained,
    WithVariance,
    beside_preview,
    beside_run,
)
from counterfoil.commands.run_customers import listing
from counterfoil.commands.run_issue import answer_run, deliver_run, issue_run, issuing
from counterfoil.commands.run_leakage import leaking
from counterfoil.commands.run_review import reviewing
from counterfoil.commands.run_words import Reason, RunNumber, Username, words_in
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs

if TYPE_CHECKING:
    from counterfoil.flows.billing.run import Request
    from counterfoil.flows.billing.workers import Workers

run = typer.Typer(help="Bill: preview, generate, review, authorise, deliver.", no_args_is_help=True)
run.add_typer(reviewing)
run.add_typer(issuing)
run.add_typer(leaking)
run.add_typer(listing)


class CreditWord(StrEnum):
    """On what basis days no longer served are credited (billing-rules 6.2, 6.3)."""

    DAILY = "daily"
    MONTHLY = "monthly"


DefinitionName = Annotated[
    str | None, typer.Argument(metavar="DEFINITION", help="Its name; or give --kinds and --all.")
]
CutOff = Annotated[
    date | None, day_option(help_text="Bill what is due up to this day; else the definition's own cut-off.")
]
InvoiceDate = Annotated[
    date | None,
    day_option(help_text="Date of the documents; else the cut-off, or the definition's own without one."),
]
TaxPoint = Annotated[
    date | None,
    day_option(help_text="Day whose tax rates apply; else the invoice date."),
]
Kinds = Annotated[
    str | None, typer.Option(help="Kinds of charge, with commas, in place of a definition: service.")
]
Periods = Annotated[
    str | None,
    typer.Option(help="With --kinds: only charges of these periods, such as: 1 month, 3 months."),
]
Codes = Annotated[
    str | None, typer.Option(help="With --kinds: only these master charges, codes with commas between.")
]
EveryCharge = Annotated[bool, typer.Option("--all", help="With --kinds: whoever pays, in every branch.")]
OfGroup = Annotated[
    str | None,
    typer.Option("--customer-group", metavar="NAME", help="With --kinds and --all: its customers alone."),
]
PastPeriods = Annotated[
    int | None,
    typer.Option(
        min=0, max=1200, help="So many unbilled past periods of a charge are billed, not set aside."
    ),
]
Credit = Annotated[
    CreditWord | None,
    typer.Option(help="Credit days no longer served, by days or by whole months, instead of billing."),
]
Processes = Annotated[
    int | None,
    typer.Option(min=0, max=64, help="So many processes rate and store; 0 keeps to this one."),
]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, whose workers rate and store.")
]

ONLY_ON_THE_SPOT = (
    "Give --periods and --codes together with --kinds; a definition says itself what it selects."
)
NEEDS_CUTOFF = "Give --cutoff; only a definition knows one by itself."
GROUP_ON_THE_SPOT = (
    "Give --customer-group with --kinds and --all. A definition says itself which group it bills."
)
ONE_DEFINITION = "Give the name of a definition, or --kinds together with --all, or --credit."


@run.command()
def preview(
    definition: DefinitionName = None,
    cutoff: CutOff = None,
    invoice_date: InvoiceDate = None,
    tax_point: TaxPoint = None,
    kinds: Kinds = None,
    periods: Periods = None,
    codes: Codes = None,
    every: EveryCharge = False,  # noqa: FBT002  a switch on the command line
    customer_group: OfGroup = None,
    past_periods: PastPeriods = None,
    credit: Credit = None,
    variance: WithVariance = False,  # noqa: FBT002
    against: Against = None,
    excel: Excel = None,
    explained: Explained = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what a run would store at this moment, and store nothing."""
    with with_database(), progress_bar("Rating charges") as progress:
        from counterfoil.flows.billing.preview import preview as preview_run

        request = _request(
            definition,
            kinds,
            every,
            cutoff,
            invoice_date,
            tax_point,
            past_periods,
            credit,
            periods,
            codes,
            customer_group,
        )
        shown = preview_run(request, progress=progress, shard_charges=_shard_charges())
        beside = beside_preview(
            shown, request, variance=variance, against=against, excel=excel, explained=explained
        )
    answer(
        {**answers.preview_document(shown), **beside.document},
        text=paragraphs(answers.preview_text(shown, title=request.title), *beside.text),
        as_json=as_json,
    )


@run.command()
def generate(
    definition: DefinitionName = None,
    cutoff: CutOff = None,
    invoice_date: InvoiceDate = None,
    tax_point: TaxPoint = None,
    kinds: Kinds = None,
    periods: Periods = None,
    codes: Codes = None,
    every: EveryCharge = False,  # noqa: FBT002
    customer_group: OfGroup = None,
    past_periods: PastPeriods = None,
    credit: Credit = None,
    by: Username = None,
    processes: Processes = None,
    cluster: Cluster = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Store a run's drafts for review; a definition that is authorised is issued and delivered at once."""
    with with_database():
        from counterfoil.flows.billing.run import generate as generate_run

        request = _request(
            definition,
            kinds,
            every,
            cutoff,
            invoice_date,
            tax_point,
            past_periods,
            credit,
            periods,
            codes,
            customer_group,
        )
        by_whom = person(by)
        with progress_bar("Rating charges") as progress:
            made = generate_run(
                request,
                by=by_whom,
                now=clock.now,
                progress=progress,
                shard_charges=_shard_charges(),
                workers=_workers(processes, cluster),
            )
        _go_on_if_authorised(made.pk)
        _answer_generated(made.pk, as_json=as_json)


@run.command()
def resume(
    number: RunNumber = None,
    processes: Processes = None,
    cluster: Cluster = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Finish a run that was interrupted while it was generated or issued; `deliver` resumes by itself."""
    with with_database():
        from counterfoil.flows.billing.run import resume as resume_run
        from counterfoil.records.billing.models import RunStatus

        chosen = chosen_run(number, statuses=("generating", "authorised"))
        if chosen.status == RunStatus.AUTHORISED:
            issue_run(chosen.pk, by=None)
            answer_run(chosen.pk, as_json=as_json)
            return
        with progress_bar("Rating charges") as progress:
            resume_run(chosen, now=clock.now, progress=progress, workers=_workers(processes, cluster))
        _go_on_if_authorised(chosen.pk)
        _answer_generated(chosen.pk, as_json=as_json)


@run.command()
def show(
    number: RunNumber = None,
    variance: WithVariance = False,  # noqa: FBT002
    against: Against = None,
    excel: Excel = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show how a run stands; the newest if none is named."""
    with with_database():
        from counterfoil.flows.billing.report import report_of
        from counterfoil.records.billing.models import Run
        from counterfoil.records.billing.queries import run_of

        newest = Run.objects.order_by("-pk").values_list("pk", flat=True).first()
        chosen = chosen_run(number or newest, statuses=("in_review",))
        beside = beside_run(chosen, variance=variance, against=against, excel=excel)
        report = report_of(run_of(chosen.pk))
        answer(
            {**answers.run_document(report), **beside.document},
            text=paragraphs(answers.run_text(report), *beside.text),
            as_json=as_json,
        )


@run.command("list")
def list_runs(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List runs, the newest first."""
    with with_database():
        from counterfoil.records.billing.models import Run

        runs = list(Run.objects.select_related("definition").prefetch_related("totals")[:limit])
        answer(answers.runs_document(runs), text=answers.runs_text(runs), as_json=as_json)


@run.command()
def exceptions(
    number: Annotated[int, typer.Argument(metavar="RUN")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what a run could not bill, each with what to do."""
    with with_database():
        from counterfoil.flows.billing.confirming import would_bill
        from counterfoil.records.billing.models import BillingException

        chosen = chosen_run(number, statuses=())
        rows = BillingException.objects.filter(run=chosen)
        found = list(rows.select_related("charge", "customer", "client", "run"))
        document = answers.exceptions_document(found, would_bill=would_bill(found))
        answer(document, text=answers.exceptions_text(document), as_json=as_json)


@run.command()
def abandon(
    number: Annotated[int, typer.Argument(metavar="RUN")],
    reason: Reason,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Give up a run of which nothing is issued; its days can be billed again."""
    with with_database():
        from counterfoil.flows.billing import review

        chosen = chosen_run(number, statuses=())
        review.abandon(chosen.pk, reason=reason, now=clock.now())
        answer_run(chosen.pk, as_json=as_json)


@run.command()
def void(
    number: Annotated[int, typer.Argument(metavar="RUN")],
    reason: Reason,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Void a whole run: what was billable before it is so again; refused once a document left the house."""
    with with_database():
        from counterfoil.flows.billing.voiding import void_run

        chosen = chosen_run(number, statuses=())
        void_run(chosen.pk, reason=reason, by=person(by), now=clock.now())
        answer_run(chosen.pk, as_json=as_json)


@run.command()
def credit(
    number: Annotated[int, typer.Argument(metavar="RUN")],
    reason: Reason,
    invoice_date: Annotated[date | None, day_option(help_text="Of the credit notes; else today.")] = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Credit all that is left of every issued invoice of a run: one run of credit notes, to be reviewed."""
    with with_database():
        from counterfoil.flows.crediting.many import credit_in_full
        from counterfoil.records.billing.queries import issued_ids
        from counterfoil.records.organisation.queries import the_organisation

        chosen = chosen_run(number, statuses=())
        day = invoice_date or clock.today(the_organisation().timezone)
        made = credit_in_full(
            issued_ids(chosen.pk), invoice_date=day, reason=reason, by=person(by), now=clock.now()
        )
        answer_run(made.pk, as_json=as_json)


def _request(
    definition: str | None,
    kinds: str | None,
    every: bool,  # noqa: FBT001
    cutoff: date | None,
    invoice_date: date | None,
    tax_point: date | None,
    past_periods: int | None,
    credit: CreditWord | None,
    periods: str | None,
    codes: str | None,
    customer_group: str | None,
) -> Request:
    from counterfoil.flows.billing.requesting import (
        definition_named,
        request_by_definition,
        request_of_credits,
        request_on_the_spot,
    )
    from counterfoil.flows.defining import lengths_counted, masters_called
    from counterfoil.flows.grouping_customers import group_called

    if (periods or codes) and kinds is None:
        raise typer.BadParameter(ONLY_ON_THE_SPOT)
    if customer_group is not None and (kinds is None or not every):
        raise typer.BadParameter(GROUP_ON_THE_SPOT)
    days = _days(definition, cutoff, invoice_date)
    if credit is not None and definition is None and kinds is None:
        return request_of_credits(credit.value, **days)
    if tax_point is not None:
        days["tax_point"] = tax_point
    if definition is not None and kinds is None and not every:
        return request_by_definition(
            definition_named(definition),
            **days,
            past_periods=past_periods,
            credit_basis=credit.value if credit else None,
        )
    if definition is None and kinds is not None and every:
        chosen = [kind.strip().replace("-", "_") for kind in kinds.split(",") if kind.strip()]
        return request_on_the_spot(
            chosen,
            **days,
            past_periods=past_periods,
            period_lengths=lengths_counted(words_in(periods)),
            master_ids=masters_called(words_in(codes)),
            group=group_called(customer_group) if customer_group is not None else None,
        )
    raise typer.BadParameter(ONE_DEFINITION)


def _days(definition: str | None, cutoff: date | None, invoice_date: date | None) -> dict[str, date]:
    """Return the cut-off and the invoice date: those given, else what the definition says of today."""
    from counterfoil.flows.billing.requesting import days_of, definition_named
    from counterfoil.records.organisation.queries import the_organisation

    if cutoff is not None:
        return {"cutoff": cutoff, "invoice_date": invoice_date or cutoff}
    if definition is None:
        raise typer.BadParameter(NEEDS_CUTOFF)
    today = clock.today(the_organisation().timezone)
    cutoff, dated = days_of(definition_named(definition), today=today, invoice_date=invoice_date)
    return {"cutoff": cutoff, "invoice_date": dated}


def _workers(processes: int | None, cluster: str | None) -> Workers | None:
    """Return the workers named on the command line; None leaves it to the settings."""
    from counterfoil.flows.billing.workers import workers

    if processes is None and cluster is None:
        return None
    return workers(processes=processes or 0, cluster=cluster or "")


def _shard_charges() -> int:
    from counterfoil.flows.billing.run import SHARD_CHARGES
    from counterfoil.project.environment import whole_number

    return whole_number("SHARD_CHARGES", default=SHARD_CHARGES, least=1, most=10_000_000)


def _go_on_if_authorised(number: int) -> None:
    """Issue and deliver a run whose definition is authorised, unless it has to wait for somebody (C2)."""
    from counterfoil.flows.billing.issue import authorise_by_definition
    from counterfoil.flows.billing.run import selection_of
    from counterfoil.records.billing.queries import run_of

    if not selection_of(run_of(number)).authorised:
        return
    because = authorise_by_definition(number, now=clock.now())
    if because:
        typer.echo(because, err=True)
        return
    issue_run(number, by=None)
    deliver_run(number)


def _answer_generated(number: int, *, as_json: bool) -> None:
    from counterfoil.flows.billing.report import report_of
    from counterfoil.records.billing.queries import run_of

    report = report_of(run_of(number))
    answer(answers.generated_document(report), text=answers.run_text(report), as_json=as_json)
