"""`counterfoil link …`: links to the other system's pages of customers and invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.choosing import chosen_customer, chosen_invoice
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import BillingLink

link = typer.Typer(help="Links to the other system's pages of customers and invoices.", no_args_is_help=True)

CustomerPage = Annotated[
    str | None, typer.Option(help="Such as https://erp.example/customers/{account}; also {customer}.")
]
InvoicePage = Annotated[
    str | None,
    typer.Option(help="Also {number}, {external_number}, {reference} and {id}. Empty takes it away."),
]


class OneOfBoth(CommandFailed):
    """Name a customer or an invoice: --customer ACCOUNT or --invoice NUMBER."""


@link.command("list")
def list_links(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """List them."""
    with with_database():
        from counterfoil.records.organisation.models import BillingLink

        rows = [_document(one) for one in BillingLink.objects.all()]
    shown = [
        (row["name"], "yes" if row["is_usual"] else "", row["customer_page"], row["invoice_page"])
        for row in rows
    ]
    text = table(["Name", "Usual", "Customer page", "Invoice page"], shown)
    answer({"links": rows}, text=text or "There are no billing links.", as_json=as_json)


@link.command("set")
def set_link(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    customer_page: CustomerPage = None,
    invoice_page: InvoicePage = None,
    usual: Annotated[
        bool | None,
        typer.Option("--usual/--not-usual", help="Of customers without one of their own, or not."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show where it leads.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add a billing link, or change the one of this name; show where it leads."""
    with with_database():
        from counterfoil.flows.linking import samples, store_link
        from counterfoil.records.organisation.models import BillingLink

        record = BillingLink.objects.filter(name=name).first() or BillingLink(name=name)
        if dry_run:
            record.customer_page = record.customer_page if customer_page is None else customer_page
            record.invoice_page = record.invoice_page if invoice_page is None else invoice_page
        else:
            store_link(record, customer_page=customer_page, invoice_page=invoice_page, is_usual=usual)
        found = samples(customer_page=record.customer_page, invoice_page=record.invoice_page)
        document = _document(record)
    leads = {"customer_page": found.customer_page, "invoice_page": found.invoice_page}
    text = paragraphs(
        f"A customer: {found.customer_page or 'no link'}", f"An invoice: {found.invoice_page or 'no link'}"
    )
    answer({**document, "samples": leads, "stored": not dry_run}, text=text, as_json=as_json)


@link.command()
def show(
    customer: Annotated[str | None, typer.Option(help="The account number.")] = None,
    invoice: Annotated[str | None, typer.Option(help="The document's number.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show where the other system shows a customer or an invoice."""
    if (customer is None) == (invoice is None):
        raise OneOfBoth
    with with_database():
        from counterfoil.flows import linking as flow
        from counterfoil.records.organisation.queries import the_organisation

        usual = the_organisation().billing_link
        if invoice is not None:
            address = flow.link_of_invoice(chosen_invoice(invoice), usual=usual)
        else:
            address = flow.link_of_customer(chosen_customer(customer), usual=usual)
    answer({"address": address or None}, text=address or "There is no link.", as_json=as_json)


def _document(one: BillingLink) -> dict[str, Any]:
    from counterfoil.records.organisation.queries import the_organisation

    return {
        "name": one.name,
        "customer_page": one.customer_page,
        "invoice_page": one.invoice_page,
        "is_usual": one.pk is not None and the_organisation().billing_link_id == one.pk,
    }
