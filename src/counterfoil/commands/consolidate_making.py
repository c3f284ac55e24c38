"""`counterfoil consolidate …`, how billings come to be: what waits, in a batch, by hand, edited."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from counterfoil import clock
from counterfoil.commands import consolidate_answer as answers
from counterfoil.commands.choosing import chosen_invoice, person
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Username
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs
from counterfoil.core.nouns import counted

if TYPE_CHECKING:
    from counterfoil.flows.consolidating.choosing import Selection

making = typer.Typer()

Cutoff = Annotated[date, day_option("--cutoff", help_text="Invoices dated up to this day.")]
Check = Annotated[
    Literal["beforehand", "all", "none"],
    typer.Option(help="What is checked to begin with: as the customers' settings say, all, or none."),
]
With = Annotated[
    list[str] | None, typer.Option("--invoice", metavar="NUMBER", help="Checked besides; may be repeated.")
]
Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="NUMBER", help="Unchecked; may be repeated.")
]
Description = Annotated[str | None, typer.Option(help="Printed on the billing.", metavar="TEXT")]
Date = Annotated[date | None, day_option("--date", help_text="The date of the billing.")]
Due = Annotated[date | None, day_option("--due", help_text="Payment is due; else by the customer's terms.")]
Order = Annotated[str | None, typer.Option("--po", help="Purchase order.", metavar="TEXT")]
Branch = Annotated[str | None, typer.Option(help="Its branch, by code; else the customer's.")]
Mail = Annotated[bool, typer.Option("--email/--no-email", help="By e-mail to customers who want theirs so.")]


@making.command()
def eligible(
    cutoff: Cutoff,
    check: Check = "beforehand",
    invoices: With = None,
    without: Without = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what a batch would make: by customer what is listed, checked and short of the minimum."""
    with with_database():
        from counterfoil.flows.consolidating.choosing import groups_of

        selection = _selection(cutoff, check, invoices, without)
        rows = [answers.group_row(one) for one in groups_of(selection)]
    text = answers.groups_text(rows) or "Nothing waits for a consolidated billing."
    answer({"cutoff": cutoff, "billings": rows}, text=text, as_json=as_json)


@making.command()
def batch(
    cutoff: Cutoff,
    billing_date: Annotated[
        date | None, day_option("--date", help_text="Of each billing; else the cut-off.")
    ] = None,
    use_next_date: Annotated[  # noqa: FBT002
        bool, typer.Option("--use-next-date", help="The customer's next date instead, where it has one.")
    ] = False,
    number: Annotated[str, typer.Option(help="Of the batch; else the next one.")] = "",
    description: Description = None,
    check: Check = "beforehand",
    invoices: With = None,
    without: Without = None,
    mail: Mail = True,  # noqa: FBT002
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make a billing for each customer, currency and branch of what is checked; tell who is due to roll."""
    with with_database():
        from counterfoil.flows.consolidating import rolling
        from counterfoil.flows.consolidating.batch import Batch, create_batch
        from counterfoil.records.billing.consolidating_queries import with_state

        wanted = Batch(
            selection=_selection(cutoff, check, invoices, without),
            billing_date=billing_date or cutoff,
            uses_next_date=use_next_date,
            number=number,
            description=description or "",
            sends_email=mail,
        )
        made = create_batch(wanted, by=person(by), now=clock.now())
        rows = [answers.billing_row(one) for one in with_state(made.billings.order_by("seq"))]
        due = [answers.roll_row(one) for one in rolling.rolls_of(list(rolling.due_to_roll(cutoff=cutoff)))]
    text = paragraphs(
        f"Batch {made.number}: {counted(len(rows), 'billing', 'billings')}.",
        answers.billings_text(rows),
        f"Due to roll: {counted(len(due), 'customer', 'customers')}: `counterfoil consolidate roll --cutoff {cutoff}`."
        if due
        else "",
    )
    answer({"batch": made.number, "billings": rows, "due_to_roll": due}, text=text, as_json=as_json)


@making.command()
def create(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The customer's account.")],
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER...]", help="Its invoices; else all up to the date.")
    ] = None,
    day: Date = None,
    due: Due = None,
    number: Annotated[str, typer.Option(help="Of the billing, such as B10050; else the next one.")] = "",
    po: Order = None,
    description: Description = None,
    branch: Branch = None,
    mail: Mail = False,  # noqa: FBT002
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Make one billing by hand; it is dated the customer's next date, else today. The minimum only warns."""
    with with_database():
        from counterfoil.flows.consolidating import by_hand
        from counterfoil.flows.crediting.payers import customer_of_account
        from counterfoil.records.organisation.queries import the_organisation

        customer = customer_of_account(account)
        today = clock.today(the_organisation().timezone)
        dated = day or by_hand.date_to_begin_with(customer, today=today)
        listed = by_hand.to_choose(customer.pk, cutoff=dated)
        chosen = [chosen_invoice(one).pk for one in numbers] if numbers else [one.pk for one in listed]
        made = by_hand.create_billing(
            by_hand.ByHand(
                customer_id=customer.pk,
                invoices=chosen,
                billing_date=dated,
                due_on=due,
                number=number,
                po_number=po or "",
                description=description or "",
                branch_id=_branch(branch),
                sends_email=mail,
            ),
            by=person(by),
            now=clock.now(),
        )
        warning = by_hand.warning_of(customer.pk, total_minor=made.gross_minor, currency=made.currency)
        row = {**answers.billing_row(made), "warning": warning or None}
    text = paragraphs(answers.billings_text([row]), f"It is {warning.partition(':')[0]}." if warning else "")
    answer(row, text=text, as_json=as_json)


@making.command()
def edit(
    billing: Annotated[str, typer.Argument(metavar="BILLING", help="Its number, such as B10001-0.")],
    add: Annotated[list[str] | None, typer.Option(metavar="NUMBER", help="An invoice to add.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="An invoice to leave out.")
    ] = None,
    day: Date = None,
    due: Due = None,
    po: Order = None,
    description: Description = None,
    branch: Branch = None,
    mail: Mail = False,  # noqa: FBT002
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Change a billing: it becomes void, and the next revision takes its place. What is not given stays."""
    with with_database():
        from counterfoil.flows.consolidating import by_hand
        from counterfoil.records.billing.consolidating_queries import billing_numbered

        old = billing_numbered(billing)
        added = {chosen_invoice(number).pk for number in add or []}
        removed = {chosen_invoice(number).pk for number in remove or []}
        members = set(old.members.values_list("invoice_id", flat=True))
        made = by_hand.edit_billing(
            by_hand.Edit(
                billing_id=old.pk,
                invoices=sorted((members | added) - removed),
                billing_date=day or old.billing_date,
                due_on=due or (None if day else old.due_on),
                po_number=old.po_number if po is None else po,
                description=old.description if description is None else description,
                branch_id=_branch(branch) or old.branch_id,
                sends_email=mail,
            ),
            by=person(by),
            now=clock.now(),
        )
        row = answers.billing_row(made)
    answer(row, text=answers.billings_text([row]), as_json=as_json)


def _selection(
    cutoff: date,
    check: Literal["beforehand", "all", "none"],
    invoices: list[str] | None,
    without: list[str] | None,
) -> Selection:
    from counterfoil.flows.consolidating.choosing import Selection

    return Selection(
        cutoff=cutoff,
        begins_with=check,
        checked=tuple(chosen_invoice(number).pk for number in invoices or []),
        unchecked=tuple(chosen_invoice(number).pk for number in without or []),
    )


def _branch(code: str | None) -> int | None:
    from counterfoil.records.organisation.queries import branches_called

    return None if code is None else branches_called([code])[0].pk
