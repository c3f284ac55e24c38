"""Statements of account, in every face and in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing import issue
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.flows.stating import printed_statements, statements_of
from counterfoil.records.billing.models import Invoice, InvoiceVoid
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.api.conftest import MakeProgram, program  # noqa: F401  a fixture
from tests.build import JUNE, NOW
from tests.web import month
from tests.web.conftest import signed_in  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)


@pytest.fixture
def customer(transactional_db: None) -> BillingCustomer:
    """Store a German customer with invoices of June and July over 36.90, 12.30 of July's credited, and a void one."""
    build.organisation(iban="DE00123456781234567890")
    payer = build.customer(account="C7", country="DE", language="de", payment_terms="30 days")
    build.charge(client=build.client(customer=payer))
    for day in (JUNE, JULY):
        _issue(build.run(cutoff=day).pk, day)
    build.charge(client=build.client(customer=payer))
    void = build.run(cutoff=JULY)
    _issue(void.pk, JULY)
    InvoiceVoid.objects.create(invoice=void.invoice_set.get(), reason="x", voided_at=NOW)
    july = Invoice.objects.get(run_id=void.pk - 1)
    note = credit_invoice(
        CreditAsked(invoice_id=july.pk, invoice_date=JULY, amounts={1: 1000}), reason="x", by=None, now=NOW
    )
    _issue(note.pk, JULY)
    return payer


def _issue(run_id: int, day: date) -> None:
    issue.authorise(run_id, by=None, now=NOW)
    issue.issue(run_id, today=day, now=build.now)


def test_a_statement_says_what_is_open_by_due_date(
    customer: BillingCustomer,
    program: MakeProgram,  # noqa: F811
    signed_in: Callable[..., Client],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """36.90 + (36.90 − 12.30) = 61.50; on 15 July June's is 14 days late (due 1 July), July's not yet due."""
    (found,) = statements_of(customer, day=date(2026, 7, 15))
    assert [(one.gross_minor, one.open_minor) for one in found.entries] == [
        (3690, 3690),
        (3690, 2460),
        (-1230, 0),
    ]
    assert dict(found.ages) == {
        "age_not_due": 2460,
        "age_30": 3690,
        "age_60": 0,
        "age_90": 0,
        "age_more": 0,
    }
    (later,) = statements_of(customer, day=date(2026, 7, 15), since=JULY)
    assert (later.before_minor, len(later.entries), later.gross_minor) == (3690, 2, 6150)
    with pytest.raises(Refusal, match="Let it begin earlier"):
        statements_of(customer, day=JUNE, since=JULY)
    text = PdfReader(BytesIO(printed_statements([found]))).pages[0].extract_text()
    for words in (
        "Kontoauszug",
        "15.07.2026",
        "Noch nicht fällig",
        "24,60",
        "61,50 EUR",
        "Zahlungen sind nicht",
    ):
        assert words in text
    erp = program()
    (shown,) = erp.get(f"/customers/{customer.pk}/statement", day="2026-07-15").json()["items"]
    assert (shown["open"], shown["ages"]["up_to_30"]) == ("61.50", "36.90")
    assert erp.get(f"/customers/{customer.pk}/statement/pdf").content.startswith(b"%PDF")
    month.use_own_pages(monkeypatch)
    client = signed_in(Role.VIEWER)
    page = client.get(reverse("customer-statement", args=[customer.pk]) + "?day=2026-07-15").content.decode()
    assert "61.50" in page
    assert (
        "Let it begin earlier"
        in client.get(
            reverse("customer-statement", args=[customer.pk]) + "?day=2026-06-15&since=2026-07-01"
        ).content.decode()
    )
    address = reverse("customer-statement-pdf", args=[customer.pk])
    assert client.get(address).content.startswith(b"%PDF")
    assert client.get(address + "?day=nonsense").status_code == 400


def test_a_customer_without_documents_owes_nothing() -> None:
    build.organisation()
    (found,) = statements_of(build.customer(), day=JUNE)
    assert (found.entries, found.gross_minor) == ((), 0)
    assert "Total open" in PdfReader(BytesIO(printed_statements([found]))).pages[0].extract_text()
