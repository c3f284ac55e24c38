"""Voiding documents and whole runs: what was billable before is so again, or every blocker is named (7.5, 12.4)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import deliver, voiding
from counterfoil.flows.billing.voiding import NotVoidable, Voiding, void_invoices, void_run, voiding_of_run
from counterfoil.flows.closing import close_books
from counterfoil.records.billing.models import DocumentNumber, Invoice, Run, RunStatus
from counterfoil.records.billing.queries import state_of
from counterfoil.records.charges.models import ChargeSpan
from counterfoil.records.deliveries.models import Delivery
from tests import build
from tests.build import JUNE, NOW
from tests.flows.crediting.quarters import assert_sound, credited, ends, issued, nets, quarter, span_of

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def void(invoice: Invoice) -> int:
    """Void one document."""
    return void_invoices([invoice.pk], reason="wrong customer", by=None, now=NOW)


def test_7_5_a_voided_invoice_keeps_its_number_and_frees_its_days() -> None:
    """June is billed again by the next run, under a number of its own; what was queued is cancelled."""
    charge = build.charge()
    run = issued(build.run())
    invoice = run.invoice_set.get()
    assert void(invoice) == 1
    again = Invoice.objects.get(pk=invoice.pk)
    assert state_of(again, run=again.run) == "voided"
    assert again.number.number == "INV-2026-000001"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    assert ChargeSpan.objects.get(charge=charge).billed_to is None
    issued(build.run())
    assert list(DocumentNumber.objects.values_list("seq", flat=True)) == [1, 2]
    assert_sound()
    with pytest.raises(voiding.NotIssued, match="INV-2026-000001 is voided"):
        void(invoice)


def test_12_4_voiding_a_run_restores_what_was_billable_before_it() -> None:
    charge = build.charge(starts_on=date(2026, 5, 12), opening_billed_to=date(2026, 5, 20))
    build.charge()
    before = list(ChargeSpan.objects.order_by("pk").values())
    run = issued(build.run())
    shown = voiding_of_run(run.pk, most=1)
    assert isinstance(shown, Voiding)
    assert (shown.documents, shown.charges, shown.deliveries) == (2, 2, 4)
    assert void_run(run.pk, reason="wrong month", by=None, now=NOW).status == RunStatus.VOIDED
    assert list(ChargeSpan.objects.order_by("pk").values()) == before
    assert_sound()
    assert build.run().totals.get().net_minor == 1161 + 3000 + 3000  # 30.00 × 12/31, and June twice
    assert charge.pk
    with pytest.raises(voiding.AlreadyTakenBack):
        void_run(run.pk, reason="x", by=None, now=NOW)


def test_12_4_every_blocker_is_named_and_nothing_is_voided() -> None:
    """Delivered, billed further, credited, in closed books."""
    charges = [quarter(starts_on=JUNE) for _ in range(1)]
    run = issued(build.run())
    invoice = run.invoice_set.get()
    ends(charges[0], "2026-06-11")
    note = credited(cutoff=JULY)
    deliver.deliver(run.pk, now=build.now)
    close_books(before=JULY)
    with pytest.raises(NotVoidable) as refused:
        void_run(run.pk, reason="x", by=None, now=NOW)
    said = str(refused.value)
    for part in (
        "INV-2026-000001 left the house by csv (sent)",
        f"INV-2026-000001 is credited by draft {note.invoice_set.get().pk}",
        "INV-2026-000001 is dated 2026-06-01, and the books are closed before 2026-07-01",
        f"draft {note.invoice_set.get().pk} holds newer lines of 1 of its charges",
    ):
        assert part in said
    assert Run.objects.get(pk=run.pk).status == RunStatus.ISSUED
    assert not hasattr(Invoice.objects.get(pk=invoice.pk), "void")


def test_2_5_only_the_newest_lines_of_a_charge_are_voided() -> None:
    build.charge()
    june = issued(build.run())
    july = issued(build.run(cutoff=JULY))
    with pytest.raises(NotVoidable, match="INV-2026-000002 holds newer lines of 1 of its charges"):
        void(june.invoice_set.get())
    void(july.invoice_set.get())
    void(june.invoice_set.get())
    assert ChargeSpan.objects.get().billed_to is None
    assert_sound()


def test_voiding_a_credit_note_restores_the_span_before_it() -> None:
    charge = quarter(starts_on=JUNE)
    issued(build.run())
    was = span_of(charge)
    ends(charge, "2026-06-11")
    run = issued(credited(cutoff=JULY))
    assert span_of(charge) == ("2026-06-01", "2026-06-11")
    void(run.invoice_set.get())
    assert span_of(charge) == was
    assert_sound()
    assert credited(cutoff=JULY).invoice_set.count() == 1
    assert len(nets()) == 2


def test_a_run_in_review_is_abandoned_and_a_draft_is_not_voided() -> None:
    build.charge()
    run = build.run()
    with pytest.raises(voiding.NotIssued, match="exclude a draft"):
        void(run.invoice_set.get())
    assert void_run(run.pk, reason="x", by=None, now=NOW).status == RunStatus.ABANDONED
