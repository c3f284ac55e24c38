"""Batches of consolidated billings at once, and killed in the middle: no invoice is in two live ones, none is lost."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from counterfoil.flows.stopping import VARIABLE
from counterfoil.records.billing.models import (
    BillingMember,
    BillingSequence,
    ConsolidatedBilling,
    ConsolidationBatch,
    QueuedInvoice,
)
from counterfoil.records.deliveries.models import BillingDelivery
from counterfoil.records.parties.models import ConsolidationSettings
from tests import build
from tests.faults import processes
from tests.flows.consolidating.waiting import consolidating, waits

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS, EACH = 6, 4


@pytest.fixture(autouse=True)
def _waiting(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    build.organisation()
    for _ in range(CUSTOMERS):
        customer = consolidating(cycle="1 month", next_date=build.JUNE)
        for _ in range(EACH):
            waits(customer, 100)


def _assert_all_once() -> None:
    """Every invoice is in exactly one live billing, and every billing has a number and an e-mail of its own."""
    live = BillingMember.objects.filter(is_live=True).values_list("invoice_id", flat=True)
    assert len(live) == len(set(live)) == CUSTOMERS * EACH
    assert not QueuedInvoice.objects.exists()
    numbers = sorted(ConsolidatedBilling.objects.values_list("number", flat=True))
    assert numbers == [f"B{10_001 + n}-0" for n in range(CUSTOMERS)]
    assert BillingDelivery.objects.count() == CUSTOMERS


def test_several_batches_at_once_take_each_invoice_once() -> None:
    started = [processes.start("consolidate") for _ in range(3)]
    codes = processes.ended(started)
    assert sorted(codes) == [0, 1, 1]  # the others found nothing left and said so
    assert ConsolidationBatch.objects.count() == 1
    _assert_all_once()


@pytest.mark.parametrize(
    "place", ["after-consolidate-take", "before-consolidate-commit", "after-consolidate"]
)
def test_a_batch_killed_in_the_middle_made_nothing_or_all(place: str) -> None:
    assert processes.ended([processes.start("consolidate", **{VARIABLE: place})]) == [-signal.SIGKILL]
    if place == "after-consolidate":
        _assert_all_once()
        return
    assert QueuedInvoice.objects.count() == CUSTOMERS * EACH
    assert not ConsolidationBatch.objects.exists()
    assert not BillingSequence.objects.filter(next_seq__gt=10_001).exists()
    assert processes.ended([processes.start("consolidate")]) == [0]
    _assert_all_once()


def test_two_who_roll_at_once_roll_once() -> None:
    processes.ended([processes.start("roll") for _ in range(3)])
    dates = set(ConsolidationSettings.objects.values_list("next_date", flat=True))
    assert {str(day) for day in dates} == {"2026-07-01"}
