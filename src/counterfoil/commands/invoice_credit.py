"""`counterfoil invoice credit` and `void`: take issued documents back, in money or altogether."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import chosen_invoice, person
from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_issue import issue_run
from counterfoil.commands.run_words import Reason, Username
from counterfoil.commands.session import with_database
from counterfoil.core.money import format_minor, parse_minor, parse_steps

if TYPE_CHECKING:
    from counterfoil.flows.crediting.by_hand import CreditAsked
    from counterfoil.records.billing.models import Invoice, Run

crediting = typer.Typer()

Line = Annotated[
    list[int] | None, typer.Option("--line", min=1, help="Only this line; repeat it for several.")
]
Amount = Annotated[
    str | None, typer.Option(help="So much net, of the line or of the whole invoice; else all that is left.")
]
All = Annotated[bool, typer.Option("--all", help="All that is left, of the invoice or of the lines named.")]
Day = Annotated[date | None, day_option("--date", help_text="Date of the credit note; else today.")]
DraftOnly = Annotated[bool, typer.Option("--draft", help="Leave it in review; `run authorise` issues it.")]
BillAgain = Annotated[bool, typer.Option("--bill-again", help="Bill the same days again in the same run.")]
Price = Annotated[str | None, typer.Option("--unit-price", help="With --bill-again: at this unit price.")]
Quantity = Annotated[str | None, typer.Option(help="With --bill-again: in this quantity.")]
Customer = Annotated[str | None, typer.Option(help="With --bill-again: to the customer of this account.")]

WHAT_IS_CREDITED = "Say what is credited: --all, or --amount, or --line, with an amount or without."
CHANGES_NEED_BILL_AGAIN = "--unit-price, --quantity and --customer go with --bill-again."
ALL_OR_SOME = "Give --all or --amount, not both. To bill again, the whole invoice is credited."
WHICH_LINES = "The invoice has several lines. Say with --line which of them get the unit price or quantity."


@crediting.command()
def credit(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number of an issued invoice.")],
    reason: Reason,
    line: Line = None,
    amount: Amount = None,
    everything: All = False,  # noqa: FBT002  a switch on the command line
    day: Day = None,
    bills_again: BillAgain = False,  # noqa: FBT002
    unit_price: Price = None,
    quantity: Quantity = None,
    customer: Customer = None,
    draft: DraftOnly = False,  # noqa: FBT002
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Credit an invoice by hand; its days stay billed. Issued at once, unless the organisation wants four eyes."""
    _check_words(line, amount, everything, bills_again, changes=(unit_price, quantity, customer))
    with with_database():
        from counterfoil.flows.crediting.by_hand import credit_invoice
        from counterfoil.records.organisation.queries import the_organisation

        invoice = chosen_invoice(number)
        asked = _asked(invoice, line, amount, day=_day(day), bills_again=bills_again)
        if bills_again:
            asked = _again(asked, invoice, line, unit_price=unit_price, quantity=quantity, account=customer)
        run = credit_invoice(asked, reason=reason, by=person(by), now=clock.now())
        waits = draft or the_organisation().four_eyes
        if not waits:
            issue_run(run.pk, by=by)
        _answer(run, waits=waits, as_json=as_json)


@crediting.command()
def void(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="Issued documents, by number.")],
    reason: Reason,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Void issued documents, all or none: their days can be billed again. Refused once one left the house."""
    with with_database():
        from counterfoil.flows.billing.voiding import void_invoices

        chosen = [chosen_invoice(number) for number in numbers]
        void_invoices([one.pk for one in chosen], reason=reason, by=person(by), now=clock.now())
    names = [one.number.number for one in chosen]
    answer({"voided": names}, text=f"Voided: {', '.join(names)}.", as_json=as_json)


def _check_words(
    line: list[int] | None,
    amount: str | None,
    everything: bool,  # noqa: FBT001
    bills_again: bool,  # noqa: FBT001
    *,
    changes: tuple[str | None, ...],
) -> None:
    if not (line or amount or everything or bills_again):
        raise typer.BadParameter(WHAT_IS_CREDITED)
    if (everything and amount) or (bills_again and (amount or (line and not any(changes[:2])))):
        raise typer.BadParameter(ALL_OR_SOME)
    if any(changes) and not bills_again:
        raise typer.BadParameter(CHANGES_NEED_BILL_AGAIN)


def _day(day: date | None) -> date:
    from counterfoil.records.organisation.queries import the_organisation

    return day or clock.today(the_organisation().timezone)


def _asked(
    invoice: Invoice, line: list[int] | None, amount: str | None, *, day: date, bills_again: bool
) -> CreditAsked:
    from counterfoil.flows.crediting.by_hand import CreditAsked

    minor = None if amount is None else parse_minor(amount, invoice.currency)
    return CreditAsked(
        invoice_id=invoice.pk,
        invoice_date=day,
        amounts={} if bills_again else dict.fromkeys(line or [], minor),
        amount=None if line else minor,
        bills_again=bills_again,
    )


def _again(
    asked: CreditAsked,
    invoice: Invoice,
    line: list[int] | None,
    *,
    unit_price: str | None,
    quantity: str | None,
    account: str | None,
) -> CreditAsked:
    """Return *asked* with the same change to each *line* named, or the only one, and to whom it is billed again."""
    from dataclasses import replace

    from counterfoil.flows.crediting.by_hand import LineAgain, NoSuchLineToCredit
    from counterfoil.flows.crediting.payers import customer_of_account

    change = LineAgain(
        quantity=None if quantity is None else parse_steps(quantity),
        unit_price=None if unit_price is None else parse_steps(unit_price),
    )
    lines = list(invoice.lines.values_list("line_no", flat=True))
    if (unit_price or quantity) and not line and len(lines) > 1:
        raise typer.BadParameter(WHICH_LINES)
    for number in line or []:
        if number not in lines:
            raise NoSuchLineToCredit(
                name=invoice.number.number, line=number, lines=", ".join(map(str, sorted(lines)))
            )
    return replace(
        asked,
        again=dict.fromkeys(line or lines, change),
        customer=None if account is None else customer_of_account(account),
    )


def _answer(run: Run, *, waits: bool, as_json: bool) -> None:
    from counterfoil.records.billing import queries
    from counterfoil.records.billing.models import Invoice

    made = Invoice.objects.filter(run=run).select_related("number", "credits__number").order_by("pk")
    documents = [_document(one) for one in made]
    names = queries.names_of([one.pk for one in made])
    told = "; ".join(f"{names[one['id']]} over {one['gross']} {one['currency']}" for one in documents)
    then = f" `counterfoil run authorise {run.pk}` issues it." if waits else ""
    answer({"run": run.pk, "documents": documents}, text=f"{told}.{then}", as_json=as_json)


def _document(one: Invoice) -> dict[str, Any]:
    return {
        "id": one.pk,
        "number": one.number.number if hasattr(one, "number") else None,
        "document_type": one.document_type,
        "credits": one.credits.number.number if one.credits else None,
        "currency": one.currency,
        "net": format_minor(one.net_minor, one.currency),
        "tax": format_minor(one.tax_minor, one.currency),
        "gross": format_minor(one.gross_minor, one.currency),
    }
