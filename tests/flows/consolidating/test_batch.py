"""Batches of consolidated billings: what is listed, what is made, and what is left for the next cycle (8.3 to 8.5)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.consolidating.batch import (
    Batch,
    BatchNumberTaken,
    NothingToBill,
    create_batch,
    next_batch_number,
)
from counterfoil.flows.consolidating.choosing import Selection, eligible, groups_of
from counterfoil.records.billing.models import BillingMember, ConsolidatedBilling, QueuedInvoice
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import billed, consolidating

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def made(cutoff: date = JUNE, **values: object) -> list[ConsolidatedBilling]:
    """Make a batch of what is checked beforehand, and return its billings by customer."""
    chosen = {name: values.pop(name) for name in ("begins_with", "checked", "unchecked") if name in values}
    wanted = Batch(selection=Selection(cutoff=cutoff, **chosen), **{"billing_date": cutoff, **values})
    batch = create_batch(wanted, by=None, now=NOW)
    return list(batch.billings.order_by("seq"))


def test_8_4_one_billing_a_customer_of_all_that_waits() -> None:
    first, second = consolidating(), consolidating()
    invoices = [*billed(first, "10.00", "20.00"), *billed(second, "5.00")]
    assert QueuedInvoice.objects.count() == 3
    listed = groups_of(Selection(cutoff=JUNE))
    assert [(one.account, one.invoices, one.total_minor) for one in listed] == [
        (first.account, 2, 3690),  # 30.00 + 23 %
        (second.account, 1, 615),
    ]
    billings = made()
    assert [(one.number, one.customer, one.gross_minor, one.member_count) for one in billings] == [
        ("B10001-0", first, 3690, 2),
        ("B10002-0", second, 615, 1),
    ]
    assert billings[0].tax_minor == 690
    assert list(billings[0].members.values_list("invoice", flat=True)) == [one.pk for one in invoices[:2]]
    assert not QueuedInvoice.objects.exists()
    assert BillingMember.objects.filter(is_live=True).count() == 3


def test_8_4_short_of_the_minimum_all_stay_eligible_for_the_next_cycle() -> None:
    customer = consolidating(minimum_minor=5_000)
    billed(customer, "15.28")  # 18.79 with tax
    [listed] = groups_of(Selection(cutoff=JUNE))
    assert listed.short == "EUR 31.21 short of the minimum of EUR 50.00: carried to the next cycle"
    with pytest.raises(NothingToBill):
        made()
    july = date(2026, 7, 1)
    billed(customer, "25.37", on=july)  # 31.21 with tax: 50.00 together, and equal suffices
    [billing] = made(july)
    assert (billing.gross_minor, billing.member_count) == (5_000, 2)


def test_8_5_number_description_and_the_customers_own_date() -> None:
    july = date(2026, 7, 1)
    own = consolidating(next_date=JUNE, payment_terms="10 days")
    other = consolidating(payment_terms="10 days")
    billed(own, "10.00")
    billed(other, "10.00")
    assert next_batch_number() == "1"
    billings = made(july, number="2026-06", description="June", uses_next_date=True)
    assert [(one.customer, one.billing_date, one.due_on) for one in billings] == [
        (own, JUNE, date(2026, 6, 11)),
        (other, july, date(2026, 7, 11)),
    ]
    assert {one.description for one in billings} == {"June"}
    billed(other, "10.00")
    with pytest.raises(BatchNumberTaken, match="batch 2026-06 already"):
        made(july, number="2026-06")
    assert made(july)[0].batch.number == "1"
    assert next_batch_number() == "2"


def test_8_3_what_is_listed() -> None:
    customer = consolidating(next_date=date(2026, 5, 31))
    billed(customer, "10.00", on=date(2026, 5, 20))
    billed(customer, "10.00", on=JUNE)
    assert eligible(date(2026, 5, 30)).count() == 0  # N is after the cut-off
    assert eligible(JUNE).count() == 1  # the other is dated after N


def test_8_4_checks_by_hand() -> None:
    customer = consolidating()
    first, second, third = billed(customer, "10.00", "20.00", "30.00")
    [listed] = groups_of(Selection(cutoff=JUNE, unchecked=(second.pk,)))
    assert (listed.invoices, listed.invoices_checked, listed.total_minor) == (3, 2, 4920)
    with pytest.raises(NothingToBill):
        made(begins_with="none")
    [billing] = made(begins_with="none", checked=(first.pk, third.pk))
    assert billing.gross_minor == 4920
    [rest] = made(begins_with="all")
    assert rest.gross_minor == 2460
