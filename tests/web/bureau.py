"""A small invented bureau for the web tests: an organisation, two branches, customers and drafts of invoices."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from counterfoil.records.billing.models import DocumentNumber, DocumentSeries, Invoice, Run, RunStatus
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties.models import BillingCustomer

PASSWORD = "a-long-enough-word"
FIRST_NAMES = ["Alder", "Birch", "Cedar", "Dale", "Elm", "Fern", "Grove", "Hazel", "Ivy", "Juniper"]
LAST_NAMES = ["Dental Practice", "Motor Works", "Primary School", "Bakery", "Storage", "Clinic", "Hotel"]
MOMENT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


def organisation(**changes: Any) -> Organisation:
    """Store the organisation."""
    facts = {"id": 1, "name": "Northgate Monitoring", "country": "IE", "timezone": "Europe/Dublin"}
    return Organisation.objects.create(**{**facts, **changes})


def shown_in(answer: Any) -> dict[str, Any]:
    """Return what the form on a page would send as it is shown."""
    values = {field.html_name: field.value() for field in answer.context["form"]}
    return {name: value for name, value in values.items() if value not in (None, False)}


def branches() -> list[Branch]:
    """Store two branches."""
    return [
        Branch.objects.create(code="DUB", name="Dublin"),
        Branch.objects.create(code="CRK", name="Cork"),
    ]


def person(role: Role = Role.BILLER, *, username: str = "mara", **changes: Any) -> User:
    """Store somebody who signs in with `PASSWORD`."""
    facts = {"first_name": "Mara", "last_name": "Quill", "email": f"{username}@example.com"}
    return User.objects.create_user(username, password=PASSWORD, role=role, **{**facts, **changes})


def customers(count: int, *, branches: list[Branch]) -> list[BillingCustomer]:
    """Store *count* customers, in turn at each of *branches*."""
    rows = [
        BillingCustomer(
            account=f"C{number:05}",
            name=f"{FIRST_NAMES[number % 10]} {LAST_NAMES[number % 7]}",
            email=f"accounts{number}@example.com",
            currency="EUR" if number % 9 else "GBP",
            branch=branches[number % len(branches)],
        )
        for number in range(1, count + 1)
    ]
    return BillingCustomer.objects.bulk_create(rows)


def invoices(customers: list[BillingCustomer], *, numbered: int = 0) -> list[Invoice]:
    """Store one invoice a customer, the first *numbered* of them issued."""
    run = Run.objects.create(
        title="Service via dealer",
        selection={},
        cutoff=date(2026, 6, 1),
        invoice_date=date(2026, 6, 1),
        status=RunStatus.IN_REVIEW,
        started_at=MOMENT,
    )
    rows = Invoice.objects.bulk_create(
        [_invoice(place, customer, run) for place, customer in enumerate(customers, start=1)]
    )
    series = DocumentSeries.objects.create(branch=customers[0].branch, document_type="contract", year=2026)
    DocumentNumber.objects.bulk_create(
        [
            DocumentNumber(
                invoice=invoice,
                series=series,
                seq=place,
                number=f"INV-2026-{place:06}",
                due_on=invoice.invoice_date + timedelta(days=14),
                issued_at=MOMENT,
            )
            for place, invoice in enumerate(rows[:numbered], start=1)
        ]
    )
    return rows


def _invoice(place: int, customer: BillingCustomer, run: Run) -> Invoice:
    net = 4_990 * (place % 23 + 1)
    tax = (net * 19 + 50) // 100
    return Invoice(
        id=place,
        run=run,
        shard=0,
        customer=customer,
        branch=customer.branch,
        document_type="contract",
        currency=customer.currency,
        invoice_date=date(2026, 6, 1) + timedelta(days=place % 5),
        line_count=place % 4 + 1,
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
    )
