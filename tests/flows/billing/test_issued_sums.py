"""What issued documents add up to is kept with them: by month, kind and dealer, and by the day it is due."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import issue, review
from counterfoil.flows.billing.voiding import void_invoices, void_run
from counterfoil.flows.checking import check
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.billing import sums
from counterfoil.records.billing.models import Invoice, IssuedDue, IssuedRevenue, Run
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import Dealer
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def june(transactional_db: None) -> Run:
    """Store June with two direct charges of 30.00 and one of a dealer's client; all issued but one, which is held."""
    build.organisation()
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch=Branch.objects.get())
    build.charge(client=build.client(dealer=dealer))
    build.charge()
    build.charge()
    run = build.run()
    review.hold([_drafts(run)[2].pk], reason="asked", by=None, now=NOW)
    return _issued(run)


def _drafts(run: Run) -> list[Invoice]:
    return list(Invoice.objects.filter(run=run).order_by("pk"))


def _issued(run: Run) -> Run:
    issue.authorise(run.pk, by=None, now=NOW)
    return issue.issue(run.pk, today=JUNE, now=build.now)


def _by_kind() -> dict[str, int]:
    return {row.key: row.net_minor for row in sums.by_kind(IssuedRevenue.objects.all(), since=JUNE)}


def _by_dealer() -> dict[str, int]:
    return {row.name: row.net_minor for row in sums.by_dealer(IssuedRevenue.objects.all(), since=JUNE)}


def test_what_is_issued_counts_and_what_is_held_does_not(june: Run) -> None:
    assert _by_kind() == {"service": 6000}  # 2 × 30.00; the third is held
    assert _by_dealer() == {"Direct": 3000, "Harbour Alarms": 3000}


def test_a_draft_that_is_released_is_added_and_one_that_is_void_is_taken_out(june: Run) -> None:
    first, _second, held = _drafts(june)
    review.release([held.pk])
    issue.issue(june.pk, today=JUNE, now=build.now)
    assert _by_kind() == {"service": 9000}
    void_invoices([first.pk], reason="wrong", by=None, now=NOW)
    assert _by_kind() == {"service": 6000}
    assert _by_dealer()["Harbour Alarms"] == 0
    assert check().violations == []
    void_run(june.pk, reason="all wrong", by=None, now=NOW)
    assert (_by_kind(), IssuedDue.objects.count()) == ({}, 0)


def test_a_credit_note_is_a_kind_of_its_own_and_comes_off_its_dealer(june: Run) -> None:
    asked = CreditAsked(invoice_id=_drafts(june)[0].pk, invoice_date=JUNE, amount=1000)
    _issued(credit_invoice(asked, reason="goodwill", by=None, now=NOW))
    assert _by_kind() == {"service": 6000, "credited": -1000}
    assert _by_dealer() == {"Direct": 3000, "Harbour Alarms": 2000}


def test_ages_cover_every_day_once(june: Run) -> None:
    due = IssuedDue.objects.get()
    assert (due.documents, due.gross_minor) == (2, 7380)  # 2 × 30.00 × 1.23
    for overdue, place in [
        (-1, 0),
        (0, 0),
        (1, 1),
        (30, 1),
        (31, 2),
        (60, 2),
        (61, 3),
        (90, 3),
        (91, 4),
        (400, 4),
    ]:
        today = date.fromordinal(due.due_on.toordinal() + overdue)
        found = sums.ages(IssuedDue.objects.all(), today=today)
        assert [age.gross_minor for age in found] == [7380 if at == place else 0 for at in range(5)], overdue


def test_the_months_are_whole_and_end_with_this_one() -> None:
    months = sums.first_of_months(date(2026, 1, 31), months=13)
    assert (months[0], months[-1], len(months)) == (date(2025, 1, 1), date(2026, 1, 1), 13)
