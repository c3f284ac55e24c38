"""`counterfoil email …`: who got what by e-mail when, and sending a document, or again."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import chosen_customer, chosen_invoice, person
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.run_words import Username
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.money import format_minor

if TYPE_CHECKING:
    from counterfoil.records.deliveries.models import Mail


class NoSuchRound(CommandFailed):
    """There is no sending of statements {round}. `counterfoil email statements` begins one, and names it."""


email = typer.Typer(help="The log of e-mails; send a document by e-mail.", no_args_is_help=True)


@email.command("list")
def list_mails(
    invoice: Annotated[str | None, typer.Option(help="Only those of this document's number.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only those to this account.")] = None,
    state: Annotated[
        str | None, typer.Option(help="queued, sending, sent, failed, uncertain or cancelled.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List e-mails, the newest first: to whom, what, and what became of it."""
    with with_database():
        from counterfoil.records.deliveries.queries import mails

        found = mails(number=invoice, account=customer, state=state)
        rows = [_row(one) for one in found.order_by("-pk")[:limit]]
    headings = ["Id>", "When", "Document", "Account", "To", "State", "What was said"]
    names = ("id", "begun_at", "document", "account", "recipients", "state", "detail")
    text = table(
        headings, [[row[name] if name != "document" else _what(row) for name in names] for row in rows]
    )
    answer({"emails": rows}, text=text or "There are no e-mails.", as_json=as_json)


@email.command()
def recipients(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The customer's account number.")],
    to: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help='Set them, such as "a@x.example; b@x.example (statements)".'),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show, or with --to set, to whom a customer's documents are mailed and what each address gets."""
    with with_database():
        from counterfoil.core.recipients import MailKind, listed_in
        from counterfoil.flows.editing import store_sent

        customer = chosen_customer(account)
        if to is not None:
            customer.email = to
            store_sent(customer, fields=["email"])
        found = listed_in(customer.email)
    rows = [
        {"address": one.address, "gets": [kind for kind in MailKind if kind in one.kinds]} for one in found
    ]
    text = table(["Address", "Gets"], [[row["address"], ", ".join(row["gets"])] for row in rows])
    answer({"account": account, "recipients": rows}, text=text, as_json=as_json)


@email.command()
def statements(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT...]", help="None: every active customer.")
    ] = None,
    day: Annotated[date | None, day_option(help_text="As of this day; else today.")] = None,
    since: Annotated[date | None, day_option(help_text="List documents from this day on; else all.")] = None,
    also_settled: Annotated[  # noqa: FBT002
        bool, typer.Option("--also-settled", help="Also to customers to whom nothing is open.")
    ] = False,
    again: Annotated[  # noqa: FBT002
        bool, typer.Option("--again", help="Although one of that day was sent; give a reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why they are sent again.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say to whom, and send nothing.")] = False,  # noqa: FBT002
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """E-mail customers their statements of account, each at most once a day it is as of."""
    with with_database():
        from counterfoil.flows import stating_by_mail as flow
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import BillingCustomer

        rows = BillingCustomer.objects.filter(is_active=True)
        if accounts:
            rows = BillingCustomer.objects.filter(pk__in=[chosen_customer(one).pk for one in accounts])
        wanted = flow.Wanted(
            day=day or clock.today(the_organisation().timezone),
            since=since,
            only_open=not also_settled,
            again=again,
            reason=reason,
        )
        who = person(by)
        found = flow.planned(rows, wanted=wanted, by=who)
        states: dict[str, int] = {}
        round_id: int | None = None
        if not dry_run:
            opened = flow.mail_statements(rows, wanted=wanted, by=who, now=clock.now())
            with progress_bar("Sending statements") as progress:
                flow.send_statements(now=clock.now, progress=progress)
            states, round_id = dict(Counter(opened.deliveries.values_list("state", flat=True))), opened.pk
    document: dict[str, Any] = {
        "round": round_id,
        "day": wanted.day,
        "to": len(found.recipients),
        "open": {one: format_minor(minor, one) for one, minor in sorted(found.open_minor.items())},
        "left_out": dict(found.left_out),
        "states": states,
    }
    amounts = ", ".join(f"{amount} {currency}" for currency, amount in document["open"].items())
    text = paragraphs(
        f"{document['to']} statements as of {wanted.day}, {amounts or 'nothing'} open.",
        *(f"Left out: {count} {why}." for why, count in found.left_out.items()),
        ", ".join(f"{count} {state}" for state, count in states.items()),
    )
    answer(document, text=text, as_json=as_json)


@email.command("cancel-statements")
def cancel_statements(
    round_id: Annotated[
        int | None, typer.Argument(metavar="[ROUND]", help="As `email statements` named it; else the newest.")
    ] = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Cancel the statements of one sending that are not on their way yet; what was sent stays."""
    with with_database():
        from counterfoil.flows import stating_by_mail as flow
        from counterfoil.records.deliveries.models import StatementRound
        from counterfoil.records.parties.models import BillingCustomer

        rounds = StatementRound.objects.order_by("-pk")
        found = (rounds if round_id is None else rounds.filter(pk=round_id)).first()
        if found is None:
            raise NoSuchRound(round=round_id or "yet")
        person(by)
        count = flow.cancel_round(found.pk, customers=BillingCustomer.objects.all(), now=clock.now())
        states = dict(Counter(found.deliveries.values_list("state", flat=True)))
    document = {"round": found.pk, "day": found.day, "cancelled": count, "states": states}
    text = f"{count} statements as of {found.day} were cancelled."
    answer(document, text=text, as_json=as_json)


@email.command()
def send(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The document's number.")],
    again: Annotated[  # noqa: FBT002
        bool, typer.Option("--again", help="Although it was sent, or may have been; give a reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is sent again.")] = "",
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Send a document to its customer's present addresses; what was sent is sent again only with --again."""
    with with_database():
        from counterfoil.flows.billing.deliver import deliver
        from counterfoil.flows.billing.mailing import send_by_mail

        found = chosen_invoice(number)
        delivery = send_by_mail(found, again=again, reason=reason, by=person(by), now=clock.now())
        deliver(found.run_id, now=clock.now)
        row = _row(
            delivery.mails.select_related("delivery__invoice__number", "customer", "asked_by").latest("pk")
        )
    text = f"{_what(row)} to {row['recipients']}: {row['state']}. {row['detail']}".strip()
    answer(row, text=text, as_json=as_json)


def _what(row: dict[str, Any]) -> str:
    return str(row["document"] or row["billing"] or f"Statement, {row['statement_day']}")


def _row(one: Mail) -> dict[str, Any]:
    of_invoice = one.delivery
    return {
        "id": one.pk,
        "begun_at": one.begun_at,
        "settled_at": one.settled_at,
        "document": of_invoice.invoice.number.number if of_invoice else None,
        "billing": one.billing.billing.number if one.billing else None,
        "statement_day": one.statement.round.day if one.statement else None,
        "account": one.customer.account,
        "recipients": one.recipients,
        "subject": one.subject,
        "message_id": one.message_id,
        "state": one.state,
        "detail": one.detail,
        "asked_by": str(one.asked_by) if one.asked_by else None,
        "reason": one.reason,
    }
