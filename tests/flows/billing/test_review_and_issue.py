"""Review and issue: holding, excluding, abandoning, four eyes, numbers without gap, due dates."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.numbering import DateBeforeLastIssued
from counterfoil.flows.billing import issue, review, revising
from counterfoil.flows.billing.run import bill_and_store_shard, open_run, resume
from counterfoil.records.billing.models import DocumentNumber, DocumentSeries, Invoice, Run, RunStatus
from counterfoil.records.charges.models import ChargeSpan
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def issued(run: Run) -> Run:
    """Authorise and issue *run* on its own day."""
    issue.authorise(run.pk, by=None, now=NOW)
    return issue.issue(run.pk, today=run.invoice_date, now=build.now)


def numbers() -> list[str]:
    """Return all numbers in the order of their invoices."""
    return list(DocumentNumber.objects.order_by("invoice_id").values_list("number", flat=True))


def test_numbers_follow_each_other_and_due_dates_follow_the_terms() -> None:
    """Rule 7.1; 14 days from 1 June is 15 June, end of month + 10 days is 10 July."""
    build.charge()
    build.charge(client=build.client(customer=build.customer(payment_terms="end of month + 10 days")))
    assert issued(build.run()).status == RunStatus.ISSUED
    assert numbers() == ["INV-2026-000001", "INV-2026-000002"]
    due = DocumentNumber.objects.order_by("invoice_id").values_list("due_on", flat=True)
    assert list(due) == [date(2026, 6, 15), date(2026, 7, 10)]
    assert DocumentSeries.objects.get().next_seq == 3


@pytest.mark.parametrize("stored", [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]])
def test_numbers_follow_the_customers_in_whichever_order_shards_were_stored(stored: list[int]) -> None:
    """Rules 7.1 and 12.2: two clean runs of the same data number alike; a draft adjusted comes behind the others."""
    accounts = [f"A{n}" for n in range(8)]
    for account in accounts:
        build.charge(client=build.client(customer=build.customer(account=account)))
    run = open_run(build.request(), by=None, now=NOW, shard_charges=2)
    for shard in stored:
        bill_and_store_shard(run.pk, shard, snapshot=None, now=build.now)
    resume(run, now=build.now)
    third = Invoice.objects.get(customer__account="A2")
    revising.waive([third.lines.get().pk], reason="as agreed", by=None, now=NOW)
    issued(run)
    documents = DocumentNumber.objects.order_by("seq").values_list("invoice__customer__account", flat=True)
    assert list(documents) == ["A0", "A1", *accounts[3:], "A2"]


def test_each_branch_has_a_series_of_its_own() -> None:
    """Rule 7.2."""
    north = Branch.objects.create(code="NORTH", name="North")
    build.charge()
    build.charge(client=build.client(customer=build.customer(branch=north)))
    issued(build.run())
    assert numbers() == ["INV-2026-000001", "NORTH-2026-000001"]


def test_an_earlier_date_than_the_last_issued_is_refused() -> None:
    """Rule 7.2: 1 July is issued, so a run dated 1 June is not authorised."""
    build.charge(starts_on=JULY)
    issued(build.run(cutoff=JULY))
    build.charge()
    late = build.run()
    with pytest.raises(DateBeforeLastIssued, match="2026-07-01"):
        issue.authorise(late.pk, by=None, now=NOW)


def test_a_future_run_is_authorised_now_and_issued_on_its_day() -> None:
    """Rule 7.2."""
    build.charge()
    run = build.run()
    issue.authorise(run.pk, by=None, now=NOW)
    with pytest.raises(issue.NotYetDated, match="2026-06-01"):
        issue.issue(run.pk, today=date(2026, 5, 31), now=build.now)
    assert issue.issue(run.pk, today=JUNE, now=build.now).status == RunStatus.ISSUED


def test_a_held_draft_gets_no_number_until_it_is_released() -> None:
    """Rule 12.7: the numbers of the others leave no gap for it."""
    for _ in range(3):
        build.charge()
    run = build.run()
    first = run.invoice_set.order_by("id").first()
    assert review.hold([first.pk], reason="disputed", by=None, now=NOW) == 1
    issued(run)
    assert numbers() == ["INV-2026-000001", "INV-2026-000002"]
    assert review.release([first.pk]) == 1
    issue.issue(run.pk, today=JUNE, now=build.now)
    assert first.number.number == "INV-2026-000003"


def test_an_excluded_draft_is_billed_again_by_the_next_run() -> None:
    """Rule 12.7: June excluded at 30.00, July bills 60.00."""
    build.charge()
    run = build.run()
    review.exclude([run.invoice_set.get().pk], reason="wait for the contract", by=None, now=NOW)
    assert ChargeSpan.objects.get().billed_to is None
    assert build.run(cutoff=JULY).totals.get().net_minor == 6000


def test_a_draft_is_not_excluded_once_a_later_period_is_billed() -> None:
    """Rule 12.7."""
    build.charge()
    run = build.run()
    build.run(cutoff=JULY)
    with pytest.raises(review.BilledFurther):
        review.exclude([run.invoice_set.get().pk], reason="too late", by=None, now=NOW)


def test_an_abandoned_run_leaves_everything_billable_as_before() -> None:
    """Rule 12.4, for a run that is not issued: parts at the edges of the span included."""
    charge = build.charge(starts_on=date(2026, 5, 12), opening_billed_to=date(2026, 5, 20))
    before = ChargeSpan.objects.values().get(charge=charge)
    run = build.run()
    assert review.abandon(run.pk, reason="wrong cut-off", now=NOW).status == RunStatus.ABANDONED
    assert ChargeSpan.objects.values().get(charge=charge) == before
    again = build.run()
    assert again.totals.get().net_minor == 1161 + 3000  # 30.00 × 12/31, 20 to 31 May, and June


def test_a_draft_that_is_not_there_is_named() -> None:
    build.charge()
    draft = build.run().invoice_set.get().pk
    with pytest.raises(review.NoSuchDraft, match=f"no draft {draft + 1}"):
        review.hold([draft, draft + 1], reason="x", by=None, now=NOW)


def test_issued_documents_are_neither_excluded_nor_abandoned() -> None:
    """Rule 7.5: what has a number is credited."""
    build.charge()
    run = issued(build.run())
    with pytest.raises(review.NotADraft, match="issued"):
        review.exclude([run.invoice_set.get().pk], reason="x", by=None, now=NOW)
    with pytest.raises(review.RunNotAbandonable):
        review.abandon(run.pk, reason="x", now=NOW)


def test_nobody_authorises_their_own_run_under_four_eyes() -> None:
    """C5."""
    Organisation.objects.update(four_eyes=True)
    biller = User.objects.create(username="biller", role=Role.BILLER)
    approver = User.objects.create(username="approver", role=Role.APPROVER)
    build.charge()
    run = build.run()
    Run.objects.filter(pk=run.pk).update(generated_by=biller)
    with pytest.raises(issue.FourEyes):
        issue.authorise(run.pk, by=biller, now=NOW)
    assert issue.authorise(run.pk, by=approver, now=NOW).authorised_by == approver
