"""A company small enough to break often: its month in stages, and everything the month leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from counterfoil.flows.billing import deliver, issue, run, voiding
from counterfoil.records.billing.models import Run, RunStatus
from tests import build

JUNE = date(2026, 6, 1)
CUSTOMERS = 12
SHARD_CHARGES = 4  # those of one customer

# What a month leaves behind, with the keys people use in place of ids.
STATE = {
    "runs": "SELECT status, cutoff, invoice_date FROM billing_run ORDER BY id",
    "invoices": """
        SELECT account, document_type, invoice.invoice_date, net_minor, tax_minor, gross_minor, line_count,
               EXISTS (SELECT FROM billing_live_invoice AS live WHERE live.id = invoice.id) AS is_live
        FROM billing_invoice AS invoice JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
        ORDER BY 3, 1, 4""",
    "lines": """
        SELECT account, charge.key, line_no, period_start, period_end, grid_start, grid_end, span_from, span_to,
               bill_date, fraction_num, fraction_den, line.quantity, line.unit_price, line.net_minor, line.tax_minor,
               line.description, line.kind, line.tax_rate, line.discount_minor, line.details
        FROM billing_invoiceline AS line JOIN charges_charge AS charge ON charge.id = line.charge_id
        JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
        JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id ORDER BY 2, 4, 1""",
    "spans": """
        SELECT key, billed_from, billed_to, starts_in_part, ends_in_part
        FROM charges_chargespan AS span JOIN charges_charge AS charge ON charge.id = span.charge_id ORDER BY 1""",
    "exceptions": """
        SELECT key, code, message, remedy FROM billing_billingexception AS exception
        LEFT JOIN charges_charge AS charge ON charge.id = exception.charge_id ORDER BY 1, 2""",
    "totals": """
        SELECT currency, documents, lines, net_minor, tax_minor, gross_minor
        FROM billing_runtotal ORDER BY run_id""",
    "numbers": """
        SELECT seq, number, account, due_on FROM billing_documentnumber AS number
        JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
        JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id ORDER BY seq""",
    "series": "SELECT document_type, year, next_seq, last_date FROM billing_documentseries ORDER BY 1, 2",
    "deliveries": """
        SELECT channel, account, state, recipient, external_number <> '' FROM deliveries_delivery AS delivery
        JOIN billing_invoice AS invoice ON invoice.id = delivery.invoice_id
        JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id
        ORDER BY 1, 2, invoice.invoice_date""",
}


def found() -> None:
    """Store the company: 12 customers, each with three charges and one without a price, in twelve shards."""
    build.organisation(email="billing@example.com")
    build.master()
    unpriced = build.master(unit_price=None)
    for n in range(CUSTOMERS):
        payer = build.customer(account=f"A{n:02}", email=f"a{n:02}@example.com")
        for m in range(3):
            build.charge(
                key=f"{n:02}-{m}", client=build.client(customer=payer), starts_on=date(2026, 5, 1 + 2 * n + m)
            )
        build.charge(key=f"{n:02}-bad", client=build.client(customer=payer), master_charge=unpriced)


def now() -> datetime:
    """Return the moment at which everything happens."""
    return datetime(2026, 6, 1, 8, tzinfo=UTC)


def the_run() -> Run:
    """Return the newest run."""
    return Run.objects.latest("pk")


def generate(cutoff: date = JUNE, shard_charges: int = SHARD_CHARGES) -> None:
    """Generate the run of what is due on *cutoff*, dated 1 June, or go on with the one that was interrupted."""
    unfinished = Run.objects.filter(status=RunStatus.GENERATING).first()
    if unfinished:
        run.resume(unfinished, now=now)
    elif not Run.objects.filter(cutoff=cutoff).exclude(status=RunStatus.VOIDED).exists():
        request = replace(build.request(cutoff=cutoff), invoice_date=JUNE)
        run.generate(request, by=None, now=now, shard_charges=shard_charges)


def authorise() -> None:
    """Authorise the run unless that is done, and give the numbers that are missing."""
    newest = the_run()
    if newest.status == RunStatus.IN_REVIEW:
        issue.authorise(newest.pk, by=None, now=now())
    issue.issue(newest.pk, today=newest.invoice_date, now=now)


def send() -> None:
    """Deliver what of the run is queued."""
    deliver.deliver(the_run().pk, now=now)


def void() -> None:
    """Void the whole run unless that is done."""
    newest = the_run()
    if newest.status != RunStatus.VOIDED:
        voiding.void_run(newest.pk, reason="everything is wrong", by=None, now=now())


STAGES: dict[str, Callable[[], None]] = {
    "generate": generate,
    "authorise": authorise,
    "deliver": send,
    "void": void,
}


def state() -> dict[str, list[Any]]:
    """Return everything the months left behind, in the database and in files, ids left out."""
    left: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for name, query in STATE.items():
            cursor.execute(query)
            left[name] = cursor.fetchall()
    files = sorted(Path(settings.HOME, "out").rglob("*.csv"))
    left["files"] = [(file.name, len(file.read_bytes().splitlines())) for file in files]
    left["mails"] = [len(list(Path(settings.HOME, "mail").glob("*.eml")))]
    return left
