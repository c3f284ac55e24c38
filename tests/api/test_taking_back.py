"""Credits by hand and voids through the API."""

from __future__ import annotations

import pytest

from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.organisation.models import Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of
from tests.flows.crediting.quarters import billed, issued, quarter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def invoice() -> Invoice:
    """Store one issued invoice over 90.00 and its tax."""
    build.organisation()
    quarter()
    return billed().invoice_set.get()


def test_6_4_a_line_is_credited_once_for_one_key(program: MakeProgram, invoice: Invoice) -> None:
    erp = program(Role.BILLER)
    wanted = {"lines": [{"line_no": 1, "amount": "20.00"}], "reason": "agreed", "invoice_date": "2026-02-01"}
    made = erp.post(f"/invoices/{invoice.pk}/credit", wanted, key="c1").json()
    assert erp.post(f"/invoices/{invoice.pk}/credit", wanted, key="c1").json() == made
    [note] = made["documents"]
    assert (note["net"], note["tax"], note["credits"], note["state"]) == (
        "-20.00",
        "-4.60",
        "INV-2026-000001",
        "draft",
    )
    too_much = {**wanted, "lines": [{"line_no": 1, "amount": "70.01"}]}
    assert problem_of(erp.post(f"/invoices/{invoice.pk}/credit", too_much)) == (409, "more-than-is-left")


def test_6_4_a_whole_run_is_credited_by_one_run(program: MakeProgram, invoice: Invoice) -> None:
    erp, wanted = program(Role.BILLER), {"reason": "wrong price", "invoice_date": "2026-02-01"}
    made = erp.post(f"/runs/{invoice.run_id}/credit", wanted).json()
    note = Invoice.objects.get(run_id=made["id"])
    assert (made["status"], note.credits_id, note.net_minor) == ("in_review", invoice.pk, -9000)
    again = erp.post(f"/runs/{invoice.run_id}/credit", wanted)
    assert problem_of(again) == (409, "nothing-to-credit")


def test_2_5_the_days_are_billed_again_to_somebody_else(program: MakeProgram, invoice: Invoice) -> None:
    other = build.customer(account="OTHER")
    again = [{"line_no": 1, "unit_price": "75.00"}]
    wanted = {"bills_again": True, "again": again, "customer": "OTHER", "reason": "moved"}
    made = program().post(f"/invoices/{invoice.pk}/credit", {**wanted, "invoice_date": "2026-02-01"}).json()
    assert [(one["net"], one["customer"]) for one in made["documents"]] == [
        ("-90.00", invoice.customer.account),
        ("75.00", other.account),
    ]
    issued(Run.objects.get(pk=made["run"]))


def test_7_5_and_12_4_documents_and_runs_are_voided_by_approvers(
    program: MakeProgram, invoice: Invoice
) -> None:
    why = {"reason": "wrong customer"}
    assert problem_of(program(Role.BILLER).post(f"/invoices/{invoice.pk}/void", why)) == (403, "forbidden")
    erp = program(Role.APPROVER)
    assert erp.post(f"/invoices/{invoice.pk}/void", why).json()["state"] == "voided"
    assert problem_of(erp.post(f"/invoices/{invoice.pk}/void", why)) == (409, "not-issued")
    again = billed()
    answer = erp.post(f"/runs/{again.pk}/void", why).json()
    assert (answer["status"], answer["voided_because"]) == ("voided", "wrong customer")
