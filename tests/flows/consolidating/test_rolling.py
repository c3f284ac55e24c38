"""Next dates: rolled by one cycle, only when asked, never twice for one; and the settings they lie in (8.1, 8.6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connections, transaction

from counterfoil.core.consolidation import MinimumNotBelowLimit
from counterfoil.core.periods import NotALength
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection, eligible
from counterfoil.flows.consolidating.rolling import due_to_roll, roll, rolls_of
from counterfoil.flows.consolidating.settings import (
    InvoicesWait,
    Typed,
    change_settings,
    settings_of,
    store_settings,
)
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import TAKES_BOTH, consolidating, waits
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def next_date(customer: BillingCustomer) -> date | None:
    return settings_of(customer).next_date


def test_8_6_one_cycle_a_roll_counted_from_the_date_typed_and_never_twice_for_one() -> None:
    customer = consolidating(cycle="1 month", next_date=JANUARY)
    [offered] = rolls_of(due_to_roll(cutoff=JANUARY))
    assert (offered.next_date, offered.rolled_to) == (JANUARY, FEBRUARY)
    assert len(roll({customer.pk: JANUARY})) == 1
    assert not roll({customer.pk: JANUARY})  # the second click
    assert next_date(customer) == FEBRUARY
    assert len(roll({customer.pk: FEBRUARY})) == 1
    assert next_date(customer) == MARCH  # from 31 January, not from 28 February


def test_8_6_a_date_typed_by_hand_begins_the_cycles_anew() -> None:
    customer = consolidating(cycle="1 month", next_date=JANUARY)
    roll({customer.pk: JANUARY})
    store_settings(
        customer, Typed(cycle="1 month", next_date=FEBRUARY, **TAKES_BOTH)
    )  # untouched: still from 31
    assert settings_of(customer).typed_date == JANUARY
    store_settings(customer, Typed(cycle="1 month", next_date=date(2026, 3, 15), **TAKES_BOTH))
    roll({customer.pk: date(2026, 3, 15)})
    assert next_date(customer) == date(2026, 4, 15)


def test_8_6_offered_to_those_with_a_date_and_a_cycle_billed_or_not() -> None:
    due = consolidating(cycle="1 month", next_date=JUNE)
    consolidating(next_date=JUNE)  # no cycle
    consolidating(cycle="1 month")  # no date
    consolidating(cycle="1 month", next_date=date(2026, 6, 2))  # not yet
    assert [one.customer for one in due_to_roll(cutoff=JUNE)] == [due]
    assert [one.customer_id for one in due_to_roll(cutoff=date(2026, 5, 31))] == []


def test_8_6_never_by_itself_and_more_may_be_eligible_after_it() -> None:
    customer = consolidating(cycle="1 month", next_date=JUNE)
    waits(customer, 100)
    waits(customer, 200, invoice_date=date(2026, 6, 20))
    july = date(2026, 7, 1)
    create_batch(Batch(selection=Selection(cutoff=july), billing_date=july), by=None, now=NOW)
    assert next_date(customer) == JUNE
    assert eligible(july).count() == 0  # the other is dated after N
    roll({customer.pk: JUNE})
    assert eligible(july).count() == 1


def test_8_4_settings_that_would_never_bill_are_refused_and_so_is_what_is_no_cycle() -> None:
    customer = build.customer()
    with pytest.raises(MinimumNotBelowLimit):
        store_settings(customer, Typed(minimum_minor=5_000, limit_minor=5_000))
    with pytest.raises(NotALength):
        store_settings(customer, Typed(cycle="monthly"))
    assert settings_of(customer) is None


def test_switching_off_is_refused_while_invoices_wait() -> None:
    customer = consolidating()
    waits(customer, 100)
    with pytest.raises(InvoicesWait, match="1 invoices of"):
        store_settings(customer, Typed(is_used=False))
    assert settings_of(customer).is_used


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_while_somebody_changes_the_minimum_stays_rolled() -> None:
    customer = consolidating(cycle="1 month", next_date=JANUARY)

    def change() -> None:
        try:
            change_settings(customer, {"minimum_minor": 5_000})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            roll({customer.pk: JANUARY})
            asked = other.submit(change)
            until_somebody_waits()
        asked.result()
    stored = settings_of(customer)
    assert (stored.next_date, stored.typed_date, stored.minimum_minor) == (FEBRUARY, JANUARY, 5_000)
