"""`counterfoil invoice …`: look at invoices and print them, by number or by the id of a draft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.choosing import chosen_invoice
from counterfoil.commands.invoice_credit import crediting
from counterfoil.commands.invoice_sell import selling
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import paragraphs, table
from counterfoil.core.document import Document
from counterfoil.core.money import format_minor, format_steps, format_unit_price

if TYPE_CHECKING:
    from counterfoil.records.billing.models import Invoice

invoice = typer.Typer(
    help="Look at invoices, print them, credit or void them, sell by hand.", no_args_is_help=True
)
invoice.add_typer(crediting)
invoice.add_typer(selling)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Its number, or the id of a draft.")]


@invoice.command("list")
def list_invoices(
    run: Annotated[int | None, typer.Option(help="Only those of this run.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only those of this account.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """List invoices, the newest first."""
    with with_database():
        from counterfoil.records.billing import queries

        found = queries.with_state(queries.visible_invoices()).select_related("customer", "run")
        if run is not None:
            found = found.filter(run_id=run)
        if customer is not None:
            found = found.filter(customer__account=customer)
        rows = [_row(one) for one in found.order_by("-id")[:limit]]
    headings = ["Id>", "Number", "State", "Run>", "Customer", "Name", "Date", "Gross>", "Currency"]
    columns = ("id", "number", "state", "run", "customer", "name", "invoice_date", "gross", "currency")
    text = table(headings, [[row[column] for column in columns] for row in rows])
    answer({"invoices": rows}, text=text or "There are no invoices.", as_json=as_json)


@invoice.command()
def show(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show an invoice with its lines."""
    with with_database():
        from counterfoil.flows.billing.documents import documents_of

        found = chosen_invoice(number)
        document = {**_row(found), **_content(documents_of([found])[0])}
    headings = [
        "Line>",
        "Charge",
        "Client",
        "Description",
        "From",
        "Before",
        "Share",
        "Quantity>",
        "Price>",
        "Net>",
    ]
    columns = ("line", "code", "client", "description", "period_start", "period_end", "fraction", "quantity")
    lines = [
        [*(line[column] for column in columns), line["unit_price"], line["net"]] for line in document["lines"]
    ]
    currency = document["currency"]
    text = paragraphs(
        f"Invoice {document['number'] or document['id']}, {document['state']}, {document['invoice_date']},"
        f" due {document['due_date']}: {document['customer']} {document['name']}",
        table(headings, lines),
        f"Net {document['net']}, tax {document['tax']}, gross {document['gross']} {currency}",
    )
    answer(document, text=text, as_json=as_json)


@invoice.command()
def explain(
    number: Number,
    line: Annotated[int | None, typer.Option(min=1, max=2**31 - 1, help="Only this line.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Explain each line: who set its values, its days and share, the rounding, the tax, what became of it."""
    with with_database():
        from counterfoil.commands import variance_answer as answers
        from counterfoil.flows.explaining import explain_lines

        found = explain_lines(chosen_invoice(number), line_no=line)
        answer(answers.explanations_document(found), text=answers.explanations_text(found), as_json=as_json)


@invoice.command()
def pdf(
    number: Number,
    out: Annotated[Path | None, typer.Option(help="The file to write; else NUMBER.pdf here.")] = None,
    summary: Annotated[  # noqa: FBT002
        bool, typer.Option("--summary", help="Its charge summary instead: every single line.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write an invoice, or its charge summary, as PDF."""
    with with_database():
        from counterfoil.documents.render import render_pdf, render_summary
        from counterfoil.flows.billing.documents import documents_with_looks

        [(document, look)] = documents_with_looks([chosen_invoice(number)])
        render = render_summary if summary else render_pdf
        content = render(document, look=look)
    called = f"{document.number or f'draft-{number}'}{'-summary' if summary else ''}"
    path = out or Path(f"{called.replace('/', '-')}.pdf")
    path.write_bytes(content)
    answer({"file": str(path), "bytes": len(content)}, text=f"Written to {path}.", as_json=as_json)


def _row(one: Invoice) -> dict[str, Any]:
    from counterfoil.records.billing import queries

    return {
        "id": one.pk,
        "number": one.number.number if hasattr(one, "number") else None,
        "state": queries.state_of(one, run=one.run),
        "run": one.run_id,
        "customer": one.customer.account,
        "name": one.customer.name,
        "invoice_date": one.invoice_date,
        "currency": one.currency,
        "net": format_minor(one.net_minor, one.currency),
        "tax": format_minor(one.tax_minor, one.currency),
        "gross": format_minor(one.gross_minor, one.currency),
    }


def _content(document: Document) -> dict[str, Any]:
    currency = document.currency
    return {
        "due_date": document.due_date,
        "reference": document.reference,
        "purchase_order": document.purchase_order,
        "tax_point": document.tax_point or document.invoice_date,
        "amalgamated": bool(document.breakdown),
        "tax_groups": [
            {
                "category": group.tax_category,
                "rate": format_steps(group.tax_rate_steps),
                "net": format_minor(group.net_minor, currency),
                "tax": format_minor(group.tax_minor, currency),
                "includes_tax": group.includes_tax,
            }
            for group in document.tax_groups
        ],
        "lines": [
            {
                "line": line.line_no,
                "code": line.charge_code,
                "client": line.client,
                "description": line.description,
                "period_start": line.period.start,
                "period_end": line.period.end,
                "fraction": str(line.fraction),
                "quantity": format_steps(line.quantity_steps),
                "unit_price": format_unit_price(line.unit_price_steps, currency),
                "includes_tax": line.includes_tax,
                "discounts": [
                    {"name": one.name, "amount": format_minor(one.minor, currency)} for one in line.discounts
                ],
                "net": format_minor(line.net_minor, currency),
                "tax": format_minor(line.tax_minor, currency),
            }
            for line in document.itemised
        ],
    }
