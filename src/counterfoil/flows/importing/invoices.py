"""The file of sales invoices: a row is a line, rows with one key are the lines of one invoice.

Each new invoice becomes a draft, in a run in review for each date. What the file brings is a sale with its charges, as
the other files of events do; so the file is read as these two kinds of object.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from counterfoil.core.money import STEPS
from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing.catalogue import MASTER_CHARGE, PRICE, QUANTITY, tax_category
from counterfoil.flows.importing.columns import (
    Column,
    Gathered,
    Installation,
    Kind,
    Prepared,
    Reference,
    StoredCheck,
)
from counterfoil.flows.importing.events import (
    EVENT_KEY,
    LINE_NO,
    USE_ON_EVENT,
    USES_ANEW,
    changes_of_charge,
    changes_of_event,
    lock_events,
    seen_from_charge,
    stays_as_billed,
)
from counterfoil.flows.importing.parties import CLIENT, CUSTOMER, KEY
from counterfoil.flows.importing.report import MOST_PROBLEMS_KEPT, KindCount, RowProblem
from counterfoil.flows.importing.values import DAY, YES_NO, text
from counterfoil.flows.own_clients import locked_own_clients, stored
from counterfoil.flows.selling import draft_sales
from counterfoil.records.audit import moment_of_trail
from counterfoil.records.charges import event_actions
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer

INVOICES_NAME = "invoices"
SALE = Reference(words="invoice", table="charges_billableevent", key="key", kind="invoice-sales")

# A site of the customer that is called as its account stands for it; else its own client does.
_CALLED_SO = """
UPDATE {rows} AS row SET client = site.code
FROM parties_client AS site JOIN parties_billingcustomer AS customer ON customer.id = site.customer_id
WHERE row.client IS NULL AND customer.account = row.customer AND site.code = row.customer
"""
_WITHOUT_CLIENT = """
SELECT DISTINCT customer.id FROM {rows} AS row
JOIN parties_billingcustomer AS customer ON customer.account = row.customer
WHERE row.client IS NULL
   OR (row.client = row.customer AND NOT EXISTS (SELECT FROM parties_client AS client WHERE client.code = row.client))
"""
_THEMSELVES = """
UPDATE {rows} AS row SET client = own.code
FROM parties_client AS own JOIN parties_billingcustomer AS customer ON customer.id = own.own_of_customer_id
WHERE own.own_of_customer_id = ANY (%s) AND customer.account = row.customer
  AND (row.client IS NULL OR row.client = row.customer)
"""


def prepare_sales(rows: str, given: Sequence[str], installation: Installation) -> Prepared:
    """Wait for who changes these sales, and let each customer itself be the client where the file names none."""
    lock_events("invoice")(rows, given, installation)
    with connection.cursor() as cursor:
        cursor.execute(_CALLED_SO.format(rows=rows))
        cursor.execute(_WITHOUT_CLIENT.format(rows=rows))
        ids = [pk for (pk,) in cursor.fetchall()]
        stored(locked_own_clients(list(BillingCustomer.objects.filter(pk__in=ids).order_by("pk"))))
        cursor.execute(_THEMSELVES.format(rows=rows), [ids])
    return [], 0, []


_HALF_NUMBERED = """
SELECT row.row_no, row.invoice, count(*) OVER () FROM {rows} AS row
WHERE row.line = 0
ORDER BY row.row_no LIMIT {most}
"""
_NUMBER = """
UPDATE {rows} AS row SET line = numbered.line
FROM (
    SELECT row_no, max(line) OVER (PARTITION BY invoice) AS largest,
           row_number() OVER (PARTITION BY invoice ORDER BY row_no) AS line
    FROM {rows}
) AS numbered
WHERE numbered.row_no = row.row_no AND numbered.largest = 0
"""
# What is stored already keeps what it was stored with, whatever is usual by now.
_USUAL_LEDGER_CODE = """
UPDATE {rows} AS row SET ledger_code = COALESCE((
    SELECT charge.ledger_code FROM charges_eventcharge AS charge
    JOIN charges_billableevent AS event ON event.id = charge.event_id
    WHERE event.key = row.invoice AND charge.line_no = row.line AND charge.master_charge_id IS NULL
), organisation.text_ledger_code)
FROM organisation_organisation AS organisation
WHERE row.code IS NULL AND row.ledger_code = ''
"""
_ONE_PIECE = f"UPDATE {{rows}} SET quantity = {STEPS} WHERE code IS NULL AND quantity IS NULL"  # noqa: S608


def number_lines(rows: str) -> None:
    """Number the lines of each invoice in their order, where the file numbers none of them."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER.format(rows=rows))


def prepare_lines(rows: str, _given: Sequence[str], _installation: Installation) -> Prepared:
    """Find invoices with lines with and without a number, and let free text be one piece, of the usual ledger code.

    Where a line says how many, or has a ledger code of its own, it keeps them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HALF_NUMBERED.format(rows=rows, most=MOST_PROBLEMS_KEPT))
        found = cursor.fetchall()
        cursor.execute(_ONE_PIECE.format(rows=rows))
        cursor.execute(_USUAL_LEDGER_CODE.format(rows=rows))
    problems = [
        RowProblem(
            kind=INVOICES_NAME,
            row=row,
            column="line",
            value=invoice,
            message=f"The invoice {invoice!r} has lines with and without a number.",
            remedy="Number all of its lines, or none.",
        )
        for row, invoice, _ in found
    ]
    return problems, found[0][2] if found else 0, []


# The invoices of the file that are in no run, but for those that were abandoned.
_TO_DRAFT = """
SELECT event.occurred_on, array_agg(event.id ORDER BY event.id)
FROM charges_billableevent AS event
WHERE event.key IN (SELECT invoice FROM {rows}) AND event.is_chargeable AND NOT EXISTS (
    SELECT FROM charges_eventcharge AS charge
    JOIN billing_invoiceline AS line ON line.event_charge_id = charge.id
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    WHERE charge.event_id = event.id AND run.status <> 'abandoned'
)
GROUP BY event.occurred_on ORDER BY event.occurred_on
"""
_NOT_BILLED = """
SELECT row.row_no, row.invoice, row.line, event.customer_id
FROM {rows} AS row
JOIN charges_billableevent AS event ON event.key = row.invoice
JOIN charges_eventcharge AS charge ON charge.event_id = event.id AND charge.line_no = row.line
WHERE event.id = ANY(%(events)s)
  AND NOT EXISTS (SELECT FROM charges_chargedevent AS charged WHERE charged.event_charge_id = charge.id)
ORDER BY row.row_no
"""

_FIRST_OF_DAY = """
SELECT min(row.row_no) FROM {rows} AS row JOIN charges_billableevent AS event ON event.key = row.invoice
WHERE event.occurred_on = %(day)s
"""


def draft_new(rows: str, _ready: str, by: User | None) -> Prepared:
    """Store drafts of the invoices that are in no run yet, one for each date; name the rows that cannot be billed."""
    problems: list[RowProblem] = []
    drafts = 0
    for day, events in _select(_TO_DRAFT.format(rows=rows)):
        title = f"Imported sales invoices of {day}"
        try:
            drafted = draft_sales(events, invoice_date=day, title=title, by=by, now=moment_of_trail())
        except Refusal as refusal:
            problems.append(_dated_wrong(rows, day=day, refusal=refusal))
            continue
        drafts += len(events)
        for row, invoice, line, customer in _select(_NOT_BILLED.format(rows=rows), events=events):
            message, remedy = _why(drafted.findings, f"Sale {invoice}, line {line}: ", customer_id=customer)
            problems.append(
                RowProblem(kind=INVOICES_NAME, row=row, value=invoice, message=message, remedy=remedy)
            )
    counts = [KindCount(kind="drafts", rows=drafts, created=drafts, changed=0)] if drafts else []
    return problems, len(problems), counts


def _why(findings: pl.DataFrame, prefix: str, *, customer_id: int) -> tuple[str, str]:
    """Return what is said of a line: of itself, else of the whole invoice of its customer."""
    said = [(str(row["message"]), str(row["remedy"]), row) for row in findings.iter_rows(named=True)]
    of_line = [
        (message.removeprefix(prefix), remedy) for message, remedy, _ in said if message.startswith(prefix)
    ]
    of_customer = [(message, remedy) for message, remedy, row in said if row["customer_id"] == customer_id]
    return (of_line or of_customer)[0]


def _dated_wrong(rows: str, *, day: date, refusal: Refusal) -> RowProblem:
    [(row,)] = _select(_FIRST_OF_DAY.format(rows=rows), day=day)
    message, _, remedy = str(refusal).partition(". ")
    return RowProblem(
        kind=INVOICES_NAME, row=row, column="invoice_date", message=f"{message}.", remedy=remedy
    )


def _select(query: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _always(name: str, holds: Any, value: Any) -> Gathered:
    """Return a field that has the same *value* in every invoice."""
    return Gathered(
        name=name, staged=f"its_{name}", columns=("invoice",), holds=holds, gather=lambda _key: value
    )


_SALE = Kind(
    name="invoice-sales",
    words="invoice",
    model=BillableEvent,
    key=("invoice",),
    store=event_actions.store_events,
    columns=(
        Column(name="invoice", holds=EVENT_KEY, field="key", required=True),
        Column(
            name="customer",
            holds=KEY,
            field="customer_id",
            required=True,
            refers_to=CUSTOMER,
            paths=("customer__account",),
        ),
        Column(name="invoice_date", holds=DAY, field="occurred_on", required=True),
        Column(name="client", holds=KEY, field="client_id", refers_to=CLIENT, paths=("client__code",)),
        Column(name="po_number", holds=text(60), field="po_number", default=""),
    ),
    gathered=(
        Gathered(
            name="to_be_billed_on",
            staged="billed_on",
            columns=("invoice_date",),
            holds=DAY,
            gather=lambda day: day,
        ),
        _always("kind", text(10), EventKind.SALE.value),
        _always("is_invoice", YES_NO, value=True),
        _always("is_chargeable", YES_NO, value=True),
        _always("description", text(300), ""),
    ),
    prepare=prepare_sales,
    extra={
        "changes_charged": changes_of_event("row.id"),
        "is_other": "row.id IS NOT NULL AND NOT was.is_invoice",
    },
    stored_checks=(
        StoredCheck(
            column="invoice",
            fails="row.is_other",
            problem="The key belongs to an event that is no invoice.",
            remedy="Give it a key of its own: invoices and all events share their keys.",
        ),
        StoredCheck(
            column="client",
            fails="""EXISTS (
                SELECT FROM parties_client AS client
                WHERE client.id = row.client_id AND client.customer_id IS DISTINCT FROM row.customer_id)""",
            problem="The client is not one of the customer's.",
            remedy="Name a client of the customer, or leave the cell empty: then the customer itself is meant.",
        ),
        stays_as_billed("invoice", words="invoice"),
    ),
)


def _needs(column: str, *, lacks: str, words: str) -> StoredCheck:
    """Return the check that free text has a value in *column*."""
    return StoredCheck(
        column=column,
        fails=f"row.master_charge_id IS NULL AND {lacks}",
        problem=f"The line has no code, so it is free text and needs {words}.",
        remedy=f"Fill in {column}, or give the code of a master charge.",
    )


_LINE = Kind(
    name=INVOICES_NAME,
    words="line of the invoice",
    model=EventCharge,
    key=("invoice", "line"),
    store=event_actions.store_event_charges,
    columns=(
        Column(
            name="invoice",
            holds=EVENT_KEY,
            field="event_id",
            required=True,
            refers_to=SALE,
            paths=("event__key",),
        ),
        Column(name="line", holds=LINE_NO, field="line_no", default=0),
        Column(
            name="code",
            holds=KEY,
            field="master_charge_id",
            refers_to=MASTER_CHARGE,
            paths=("master_charge__code",),
        ),
        Column(name="description", holds=text(300), field="description", default=""),
        Column(name="quantity", holds=QUANTITY, field="quantity"),
        Column(name="unit_price", holds=PRICE, field="unit_price"),
        tax_category(),
        Column(name="ledger_code", holds=text(64), field="ledger_code", default=""),
    ),
    complete=number_lines,
    prepare=prepare_lines,
    extra={
        "changes_charged": changes_of_charge("row.event_id", also="ledger_code"),
        "uses_anew": USES_ANEW,
    },
    stored_checks=(
        _needs("description", lacks="row.description = ''", words="a description"),
        _needs("unit_price", lacks="row.unit_price IS NULL", words="a price"),
        _needs("tax_category", lacks="row.tax_category_id IS NULL", words="a tax category"),
        _needs(
            "ledger_code",
            lacks="row.id IS NULL AND row.ledger_code = ''",
            words="a ledger code, as the organisation has none for free text",
        ),
        StoredCheck(
            column="ledger_code",
            fails="row.master_charge_id IS NOT NULL AND row.ledger_code <> ''",
            problem="The line has a code, and the revenue of a master charge goes where that says.",
            remedy="Empty the ledger code, or the code.",
        ),
        StoredCheck(
            column="code",
            fails="""EXISTS (SELECT FROM catalog_mastercharge AS master
                             WHERE master.id = row.master_charge_id AND master.kind <> 'sale')""",
            problem="The master charge is not of the kind sale.",
            remedy="Name one that is, or leave the code empty and write the line as free text.",
        ),
        stays_as_billed("invoice", words="invoice"),
        USE_ON_EVENT,
    ),
    finish=draft_new,
)


INVOICES = Kind(
    name=INVOICES_NAME,
    words="line of the invoice",
    model=EventCharge,
    key=("invoice", "line"),
    columns=(
        _LINE.columns[0],
        *(seen_from_charge(column) for column in _SALE.columns[1:]),
        *_LINE.columns[1:],
    ),
    store=event_actions.store_event_charges,
    parts=(_SALE, _LINE),
    only={"event__is_invoice": True, "event__is_chargeable": True},
)
