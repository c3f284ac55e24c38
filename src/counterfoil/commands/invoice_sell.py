"""`counterfoil invoice sell`: a sales invoice by hand, a draft to be authorised."""

from __future__ import annotations

import shlex
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import chosen_customer, chosen_invoice, person
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Username
from counterfoil.commands.session import with_database
from counterfoil.core.money import STEPS, format_minor, parse_steps

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from counterfoil.flows.selling import SaleLine
    from counterfoil.records.billing.models import Invoice

selling = typer.Typer()

WORDS = ("code", "text", "quantity", "price", "tax", "ledger")
Line = Annotated[
    list[str],
    typer.Option(
        "--line",
        metavar="LINE",
        help="Such as 'code=CAM quantity=3', or 'text=\"Cable, cut\" price=7.05 tax=standard ledger=4900'; repeat it.",
    ),
]
Day = Annotated[date | None, day_option("--date", help_text="Its date; else today.")]


class LineNotUnderstood(CommandFailed):
    """The line {line} is not understood. Write code=CAM quantity=3, or text="Cable, cut" price=7.05 tax=standard."""


class NoneCalledSo(CommandFailed):
    """There is no {what} {key}. Give the code of one."""


class NotMadeByHand(CommandFailed):
    """{draft} is no sales invoice made by hand or imported, so no other takes its place."""


@selling.command()
def sell(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The customer's account.")],
    lines: Line,
    day: Day = None,
    po: Annotated[str, typer.Option(help="Purchase order.", metavar="TEXT")] = "",
    client: Annotated[str | None, typer.Option(help="One of its clients, by code; else itself.")] = None,
    key: Annotated[str, typer.Option(help="Identifier, by which imports find it.", metavar="TEXT")] = "",
    queue: Annotated[
        bool | None, typer.Option("--queue/--no-queue", help="Wait for a consolidated billing, or not.")
    ] = None,
    instead_of: Annotated[
        str | None, typer.Option(metavar="DRAFT", help="Take the place of this draft, or of a void one.")
    ] = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Make a sales invoice, a draft in a run of its own; `run authorise` issues it."""
    with with_database():
        from counterfoil.flows import selling as flow
        from counterfoil.records.organisation.queries import the_organisation
        from counterfoil.records.parties.models import Client

        sale = flow.Sale(
            customer=chosen_customer(account),
            invoice_date=day or clock.today(the_organisation().timezone),
            lines=[_line(one) for one in lines],
            client=None if client is None else _named(Client.objects.all(), client, what="client"),
            key=key,
            po_number=po,
            queues=queue,
        )
        if instead_of is None:
            draft = flow.make_sale(sale, by=person(by), now=clock.now())
        else:
            former = flow.sale_of(chosen_invoice(instead_of))
            if former is None:
                raise NotMadeByHand(draft=instead_of)
            draft = flow.revise_sale(former.pk, sale, by=person(by), now=clock.now())
        row = _row(draft)
    text = (
        f"Draft {row['id']} of run {row['run']}: {row['gross']} {row['currency']}. `run authorise` issues it."
    )
    answer(row, text=text, as_json=as_json)


def _line(text: str) -> SaleLine:
    from counterfoil.flows.selling import SaleLine
    from counterfoil.records.catalog.models import MasterCharge, TaxCategory

    try:
        words = dict(word.split("=", 1) for word in shlex.split(text))
    except ValueError as error:
        raise LineNotUnderstood(line=text) from error
    if not words or set(words) - set(WORDS):
        raise LineNotUnderstood(line=text)
    masters, taxes = MasterCharge.objects.filter(is_active=True), TaxCategory.objects.all()
    code, tax = words.get("code"), words.get("tax")
    return SaleLine(
        master_charge=None if code is None else _named(masters, code, what="master charge"),
        description=words.get("text", ""),
        quantity=_decimal(words.get("quantity")),
        unit_price=_decimal(words.get("price")),
        tax_category=None if tax is None else _named(taxes, tax, what="tax category"),
        ledger_code=words.get("ledger", ""),
    )


def _named(rows: QuerySet[Any], code: str, *, what: str) -> Any:
    found: Model | None = rows.filter(code=code).first()
    if found is None:
        raise NoneCalledSo(what=what, key=code)
    return found


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(parse_steps(text)) / STEPS


def _row(draft: Invoice) -> dict[str, Any]:
    amounts = ("net", "tax", "gross")
    return {
        "id": draft.pk,
        "run": draft.run_id,
        "customer": draft.customer.account,
        "invoice_date": draft.invoice_date,
        "currency": draft.currency,
        **{name: format_minor(getattr(draft, f"{name}_minor"), draft.currency) for name in amounts},
    }
