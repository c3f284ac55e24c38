"""`counterfoil run …`, once review is over: authorise, deliver, resend, reconcile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands import run_answer as answers
from counterfoil.commands.choosing import chosen_run, person
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.run_words import RunNumber, Username
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.connectors.port import ControlTotals
    from counterfoil.flows.billing.reconcile import Control

issuing = typer.Typer()

Uncertain = Annotated[
    bool, typer.Option("--uncertain", help="Those too of which nobody knows whether they arrived.")
]


@issuing.command()
def authorise(number: RunNumber = None, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Authorise a run in review and issue its documents; one that is dated later is issued on its day."""
    with with_database():
        chosen = chosen_run(number, statuses=("in_review",))
        issue_run(chosen.pk, by=by)
        answer_run(chosen.pk, as_json=as_json)


@issuing.command()
def deliver(number: RunNumber = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Send what of a run is queued, over every channel."""
    with with_database():
        chosen = chosen_run(number, statuses=("issued",))
        deliver_run(chosen.pk)
        answer_run(chosen.pk, as_json=as_json)


@issuing.command()
def resend(
    number: RunNumber = None,
    uncertain: Uncertain = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Send a run's failed deliveries again, e-mails to the customers' present addresses."""
    with with_database():
        from counterfoil.flows.billing.deliver import resend as resend_deliveries
        from counterfoil.records.deliveries.models import DeliveryState
        from counterfoil.records.deliveries.queries import undelivered

        chosen = chosen_run(number, statuses=("issued",))
        states = [DeliveryState.FAILED, *([DeliveryState.UNCERTAIN] if uncertain else [])]
        resend_deliveries(undelivered(chosen.pk, states=states), now=clock.now())
        deliver_run(chosen.pk)
        answer_run(chosen.pk, as_json=as_json)


@issuing.command()
def reconcile(number: RunNumber = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show a run's totals step by step, from what it generated to what the other system has; exit 1 if they differ."""
    with with_database():
        from counterfoil.flows.billing.reconcile import control_of

        chosen = chosen_run(number, statuses=("issued",))
        found = control_of(chosen)
    answer(
        {"run": chosen.pk, "reconciliation": [_control_document(one) for one in found]},
        text=paragraphs(*(_control_table(one) for one in found)),
        as_json=as_json,
    )
    if not all(one.agrees for one in found):
        raise typer.Exit(1)


def issue_run(number: int, *, by: str | None) -> None:
    """Authorise the run unless that is done, and issue it unless it is dated later."""
    from counterfoil.flows.billing import issue as flow
    from counterfoil.records.billing.models import RunStatus
    from counterfoil.records.billing.queries import run_of
    from counterfoil.records.organisation.queries import the_organisation

    chosen = run_of(number)
    if chosen.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
        chosen = flow.authorise(number, by=person(by), now=clock.now())
    today = clock.today(the_organisation().timezone)
    if chosen.invoice_date <= today:
        with progress_bar("Issuing documents") as progress:
            flow.issue(number, today=today, now=clock.now, progress=progress)


def deliver_run(number: int) -> None:
    """Send what of a run is queued; say when lost answers can be looked up."""
    from counterfoil.flows.billing.deliver import deliver as deliver_flow

    with progress_bar("Delivering documents") as progress:
        delivered = deliver_flow(number, now=clock.now, progress=progress)
    if delivered.ask_again_at:
        moment = delivered.ask_again_at.isoformat(timespec="seconds")
        typer.echo(f"Answers were lost. Deliver again after {moment}: then they are looked up.", err=True)


def answer_run(number: int, *, as_json: bool) -> None:
    """Answer with how the run stands now."""
    from counterfoil.flows.billing.report import report_of
    from counterfoil.records.billing.queries import run_of

    report = report_of(run_of(number))
    answer(answers.run_document(report), text=answers.run_text(report), as_json=as_json)


def _control_document(control: Control) -> dict[str, Any]:
    def side(totals: ControlTotals | None) -> dict[str, Any] | None:
        return None if totals is None else answers.totals_side(totals, control.currency)

    return {
        "currency": control.currency,
        "agrees": control.agrees,
        "generated": side(control.generated),
        "changes": [
            {"what": one.what, "times": one.times, "difference": side(one.difference)}
            for one in control.changes
        ],
        "unexplained": side(control.unexplained),
        "now": side(control.now),
        "waiting": side(control.waiting),
        "issued": side(control.issued),
        "handed": side(control.handed),
        "theirs": side(control.theirs),
    }


def _control_table(control: Control) -> str:
    steps = [
        ("Generated", control.generated),
        *((f"{one.what}, {one.times} times", one.difference) for one in control.changes),
        ("Counts now", control.now),
        ("Waiting", control.waiting),
        ("Issued", control.issued),
        *([] if control.theirs is None else [("There", control.theirs)]),
    ]
    rows = [
        (
            step,
            f"{totals.documents:,}",
            f"{totals.lines:,}",
            *(
                format_minor(minor, control.currency)
                for minor in (totals.net_minor, totals.tax_minor, totals.gross_minor)
            ),
        )
        for step, totals in steps
    ]
    verdict = "agrees" if control.agrees else "DIFFERS"
    return table(
        ["Step", "Documents>", "Lines>", "Net>", "Tax>", "Gross>"],
        rows,
        title=f"{control.currency}: {verdict}",
    )
