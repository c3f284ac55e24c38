"""Review through the API: drafts revised, exceptions confirmed, runs reconciled, documents sent again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.flows.billing import deliver, issue
from counterfoil.records.billing.models import BillingException
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from tests import build
from tests.api.conftest import MakeProgram, Program, problem_of

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"reason": "As agreed"}


@pytest.fixture
def erp(program: MakeProgram, settings: Any, tmp_path: Path) -> Program:
    """Return a program at a bureau."""
    settings.HOME = tmp_path
    build.organisation()
    return program()


def test_a_draft_is_revised_step_by_step(erp: Program) -> None:
    """Rules 7.2, 12.7 and 12.8: 30.00 − 5.00, then at 0.00; the adjustment says what it is about, and why."""
    build.charge()
    draft = build.run().invoice_set.get().pk
    adjusted = erp.post(f"/invoices/{draft}/adjust", {"lines": [1], "amount": "-5.00", **WHY}).json()
    assert (adjusted["net"], adjusted["tax"], adjusted["state"]) == ("25.00", "5.75", "draft")
    assert erp.get(f"/invoices/{draft}").json()["state"] == "replaced"
    lines = erp.get(f"/invoices/{adjusted['id']}/lines").json()["items"]
    assert [(one["kind"], one["adjusts"], one["reason"]) for one in lines] == [
        ("charge", None, None),
        ("adjustment", 1, "As agreed"),
    ]
    late = erp.post(f"/invoices/{draft}/waive", {"lines": [1], **WHY})
    assert problem_of(late) == (409, "not-a-draft")
    shown = erp.post(f"/invoices/{adjusted['id']}/redate-preview", {"invoice_date": "2026-07-01"}).json()
    assert (shown["due_before"], shown["due_after"]) == ("2026-06-15", "2026-07-15")
    redated = erp.post(f"/invoices/{adjusted['id']}/redate", {"invoice_date": "2026-07-01", **WHY}).json()
    assert redated["invoice_date"] == "2026-07-01"
    rerated = erp.post(f"/invoices/{redated['id']}/rerate", WHY).json()
    assert [one["net"] for one in rerated["drafts"]] == ["30.00"]
    waived = erp.post(f"/invoices/{rerated['drafts'][0]['id']}/waive", {"lines": [1], **WHY}).json()
    assert waived["gross"] == "0.00"
    assert erp.post(f"/invoices/{waived['id']}/waive", {"lines": [7], **WHY}).status_code == 404


def test_only_who_reviews_revises(program: MakeProgram) -> None:
    """H4: a viewer sees, an accountant as well."""
    build.organisation()
    build.charge()
    draft = build.run().invoice_set.get().pk
    refused = program(Role.ACCOUNTANT).post(f"/invoices/{draft}/waive", {"lines": [1], **WHY})
    assert problem_of(refused)[0] == 403


def test_a_long_past_is_confirmed(erp: Program) -> None:
    """Rule 2.7."""
    charge = build.charge(starts_on=date(2026, 1, 1))
    build.run(past_periods_allowed=2)
    late = BillingException.objects.get()
    ahead = erp.get(f"/exceptions/{late.pk}").json()
    assert (ahead["would_bill_net"], ahead["would_bill_currency"]) == ("180.00", "EUR")  # 6 × 30.00
    done = erp.post(f"/exceptions/{late.pk}/confirm", WHY).json()
    assert done == {"charge": charge.key, "ends_before": "2026-06-01"}
    assert build.run(past_periods_allowed=2).totals.get().lines == 6


def test_a_run_reconciles_and_what_failed_is_sent_again(erp: Program) -> None:
    """Rules 12.5 and 12.6."""
    build.charge()
    run = build.run(send_email=False)
    issue.authorise(run.pk, by=None, now=build.NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    deliver.deliver(run.pk, now=build.now)
    [control] = erp.get(f"/runs/{run.pk}/reconciliation").json()["reconciliation"]
    assert (control["agrees"], control["theirs"]["gross"]) == (True, "36.90")
    Delivery.objects.update(state=DeliveryState.UNCERTAIN)
    [sent] = erp.get(f"/runs/{run.pk}/deliveries").json()["items"]
    assert (sent["channel"], sent["state"]) == ("csv", "uncertain")
    assert erp.post(f"/runs/{run.pk}/resend", {}).json() == {"queued": 0}
    assert erp.post(f"/runs/{run.pk}/resend", {"uncertain": True}).json() == {"queued": 1}


def test_numbering_is_seen(erp: Program) -> None:
    """Rule 7.2."""
    items = erp.get("/numbering").json()["items"]
    assert {one["document_type"]: one["pattern"] for one in items} == {
        "contract": "INV-{year}-{seq:06}",
        "service": "SRV-{year}-{seq:06}",
        "sales": "SAL-{year}-{seq:06}",
        "credit_note": "CN-{year}-{seq:06}",
    }


def test_a_document_is_mailed_again_only_when_that_is_said(erp: Program) -> None:
    """D2: a repetition with the same key is answered the same and queues nothing more."""
    build.charge()
    run = build.run(connector="")
    issue.authorise(run.pk, by=None, now=build.NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    deliver.deliver(run.pk, now=build.now)
    address = f"/invoices/{run.invoice_set.get().pk}/email"
    assert problem_of(erp.post(address, {})) == (409, "was-sent-already")
    for _ in range(2):
        queued = erp.post(address, {"again": True, "reason": "Lost"}, key="k")
        assert (queued.status_code, queued.json()["state"]) == (202, "queued")
    assert problem_of(erp.post(address, {"again": True, "reason": "Lost"})) == (409, "already-on-its-way")
    log = erp.get("/emails", number="INV-2026-000001").json()["items"]
    assert [(one["state"], one["reason"]) for one in log] == [("queued", "Lost"), ("sent", "")]
    assert erp.get("/emails", customer="nobody").json()["items"] == []
