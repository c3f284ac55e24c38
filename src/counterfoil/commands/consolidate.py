"""`counterfoil consolidate …`: gather sales and service invoices of customers into consolidated billings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands import consolidate_answer as answers
from counterfoil.commands.choosing import chosen_invoice, person
from counterfoil.commands.consolidate_making import making
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Reason, Username
from counterfoil.commands.session import with_database
from counterfoil.core.money import parse_minor

consolidate = typer.Typer(
    help="Gather sales and service invoices of customers into consolidated billings.", no_args_is_help=True
)
consolidate.add_typer(making)

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The customer's account.")]
Numbers = Annotated[
    list[str], typer.Argument(metavar="NUMBER...", help="Invoices by number, or drafts by id.")
]
Billings = Annotated[
    list[str], typer.Argument(metavar="BILLING...", help="Billings by number, such as B10001-0.")
]


class NotDueToRoll(CommandFailed):
    """{account} has no next date up to {cutoff} with a cycle. `counterfoil consolidate roll` lists who has."""


class NothingToPrint(CommandFailed):
    """Name the billings to print, or a batch with --batch."""


class NoneIsLive(CommandFailed):
    """No billing of batch {batch} is live, so there is nothing to print. Print a void one by its number."""


@consolidate.command()
def settings(
    account: Account,
    use: Annotated[bool | None, typer.Option("--on/--off", help="Use consolidated billing.")] = None,
    cycle: Annotated[str | None, typer.Option(help='Such as "1 month"; empty: none.')] = None,
    next_date: Annotated[date | None, day_option("--next-date", help_text="The next date.")] = None,
    no_next_date: Annotated[bool, typer.Option("--no-next-date", help="Have none.")] = False,  # noqa: FBT002
    minimum: Annotated[
        str | None, typer.Option(help="Less is carried to the next cycle; empty: none.")
    ] = None,
    limit: Annotated[
        str | None, typer.Option(help="Every invoice waits, checked below this; empty: none.")
    ] = None,
    sales: Annotated[
        bool | None, typer.Option("--sales/--no-sales", help="Sales invoices automatically.")
    ] = None,
    service: Annotated[
        bool | None, typer.Option("--service/--no-service", help="Service invoices, too.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show how a customer's invoices are consolidated, or change what is given."""
    with with_database():
        from counterfoil.flows.consolidating.settings import change_settings, settings_of
        from counterfoil.flows.crediting.payers import customer_of_account

        customer = customer_of_account(account)
        given: dict[str, Any] = {
            "is_used": use,
            "cycle": cycle,
            "next_date": next_date,
            "takes_sales": sales,
            "takes_service": service,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        if no_next_date:
            changes.setdefault("next_date", None)
        for name, amount in (("minimum_minor", minimum), ("limit_minor", limit)):
            if amount is not None:
                changes[name] = parse_minor(amount, customer.currency) if amount.strip() else None
        stored = change_settings(customer, changes) if changes else settings_of(customer)
        row = answers.settings_row(customer, stored)
    answer(row, text=answers.settings_text(row), as_json=as_json)


@consolidate.command()
def queue(numbers: Numbers, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Let invoices wait for a consolidated billing instead of going out alone."""
    with with_database():
        from counterfoil.flows.consolidating.queueing import put_on_queue

        found = [chosen_invoice(number).pk for number in numbers]
        queued = put_on_queue(found, by=person(by), now=clock.now())
    answer({"queued": queued}, text=f"{queued} queued.", as_json=as_json)


@consolidate.command()
def release(numbers: Numbers, reason: Reason, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Take invoices off the queue, so that they go out alone."""
    with with_database():
        from counterfoil.flows.consolidating.queueing import release as release_invoices

        found = [chosen_invoice(number).pk for number in numbers]
        released = release_invoices(found, reason=reason, by=person(by), now=clock.now())
    answer({"released": released}, text=f"{released} released.", as_json=as_json)


@consolidate.command("list")
def list_billings(
    customer: Annotated[str | None, typer.Option(help="Only those of this account.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only those of this batch.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Only those that are not void.")] = False,  # noqa: FBT002
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List consolidated billings, the newest first."""
    with with_database():
        from counterfoil.records.billing import consolidating_queries as queries
        from counterfoil.records.billing.models import ConsolidatedBilling

        found = queries.with_state(ConsolidatedBilling.objects.order_by("-pk"))
        if customer is not None:
            found = found.filter(customer__account=customer)
        if batch is not None:
            found = found.filter(batch=queries.batch_numbered(batch))
        if live:
            found = found.filter(void__isnull=True)
        rows = [answers.billing_row(one) for one in found[:limit]]
    text = answers.billings_text(rows) or "There are no consolidated billings."
    answer({"billings": rows}, text=text, as_json=as_json)


@consolidate.command()
def show(
    billing: Annotated[str, typer.Argument(metavar="BILLING", help="Its number, such as B10001-0.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show a billing with what it lists."""
    with with_database():
        from counterfoil.flows.consolidating.documents import billing_documents_of
        from counterfoil.records.billing.consolidating_queries import billing_numbered

        found = billing_numbered(billing)
        row = {**answers.billing_row(found), **answers.document_answer(billing_documents_of([found])[0])}
    answer(row, text=answers.document_text(row), as_json=as_json)


@consolidate.command()
def void(billings: Billings, reason: Reason, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Void billings, all or none: their invoices are eligible again, their numbers stay."""
    with with_database():
        from counterfoil.flows.consolidating.by_hand import void_billings
        from counterfoil.records.billing.consolidating_queries import billing_numbered

        found = [billing_numbered(number).pk for number in billings]
        voided = void_billings(found, reason=reason, by=person(by), now=clock.now())
    answer({"voided": voided}, text=f"{voided} voided.", as_json=as_json)


@consolidate.command()
def roll(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT...]", help="Whose to roll.")
    ] = None,
    all_due: Annotated[bool, typer.Option("--all", help="All that are due.")] = False,  # noqa: FBT002
    cutoff: Annotated[
        date | None, day_option("--cutoff", help_text="Due up to this day; else today.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List the customers whose next date is due to be rolled, or roll those named by one cycle each."""
    with with_database():
        from counterfoil.flows.consolidating import rolling
        from counterfoil.records.organisation.queries import the_organisation

        day = cutoff or clock.today(the_organisation().timezone)
        due = rolling.rolls_of(list(rolling.due_to_roll(cutoff=day)))
        chosen = due if all_due else [one for one in due if one.account in (accounts or [])]
        for account in set(accounts or []) - {one.account for one in due}:
            raise NotDueToRoll(account=account, cutoff=day)
        rolled = len(rolling.roll({one.customer_id: one.next_date for one in chosen}))
    rows = [answers.roll_row(one) for one in (chosen if rolled or chosen else due)]
    words = f"{rolled} rolled." if chosen else ("Due to roll:" if due else rolling.NOBODY_IS_DUE)
    answer(
        {"rolled": rolled, "customers": rows},
        text="\n".join(filter(None, [words, answers.rolls_text(rows)])),
        as_json=as_json,
    )


@consolidate.command()
def pdf(
    billings: Annotated[list[str] | None, typer.Argument(metavar="[BILLING...]", help="By number.")] = None,
    batch: Annotated[str | None, typer.Option(help="All live billings of this batch.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; else NUMBER.pdf here.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write billings as PDF: of each its list, and a copy of each invoice; in files of a hundred documents."""
    if not billings and not batch:
        raise NothingToPrint
    with with_database():
        from counterfoil.flows.consolidating.deliver import pdf_of
        from counterfoil.flows.printing import cut_billings
        from counterfoil.records.billing import consolidating_queries as queries

        found = [queries.billing_numbered(number) for number in billings or []]
        if batch:
            found += list(queries.live_of_batch(queries.batch_numbered(batch)))
        if not found:
            raise NoneIsLive(batch=batch)
        by_id = {one.pk: one for one in found}
        parts = cut_billings({pk: one.member_count for pk, one in by_id.items()})
        path = out or Path(f"batch-{batch}.pdf" if batch else f"{found[0].number}.pdf")
        written = []
        for number, part in enumerate(parts, start=1):
            file = path if len(parts) == 1 else path.with_stem(f"{path.stem}-{number:03}")
            written.append({"file": str(file), "bytes": file.write_bytes(pdf_of([by_id[pk] for pk in part]))})
    text = "\n".join(f"Written to {one['file']}." for one in written)
    answer({"files": written}, text=text, as_json=as_json)


@consolidate.command()
def email(billings: Billings, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Queue billings to be sent by e-mail, first or again; `consolidate send`, or a worker, sends them."""
    with with_database():
        from counterfoil.flows.consolidating.deliver import queue_mails
        from counterfoil.records.billing.consolidating_queries import billing_numbered

        queued = queue_mails([billing_numbered(number).pk for number in billings], now=clock.now())
    answer({"queued": queued}, text=f"{queued} queued.", as_json=as_json)


@consolidate.command()
def send(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Send the e-mails of billings that are queued."""
    with with_database():
        from counterfoil.flows.consolidating.deliver import send_billings

        states = send_billings(now=clock.now)
    text = ", ".join(f"{count} {state}" for state, count in states.items()) or "Nothing to send."
    answer({"email": states}, text=text, as_json=as_json)
