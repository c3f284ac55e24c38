"""The set-based choice of a batch agrees with the rules of core on random documents and settings (8.3, 8.4)."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from counterfoil.core import consolidation as rules
from counterfoil.flows.consolidating.batch import Batch, NothingToBill, create_batch
from counterfoil.flows.consolidating.choosing import Selection, checks_of, eligible, groups_of
from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.records.billing.models import BillingMember, ConsolidatedBilling, QueuedInvoice
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import waits

pytestmark = pytest.mark.django_db

CUSTOMERS, INVOICES, BATCHES = 8, 120, 4


def _company(random: Random) -> None:
    """Store customers with random settings, and random documents of theirs that wait."""
    build.organisation()
    branches = [Branch.objects.get(), Branch.objects.create(organisation_id=1, code="north", name="North")]
    for _ in range(CUSTOMERS):
        minimum = random.choice([None, 1, random.randint(1, 3_000)])
        limit = random.choice([None, (minimum or 0) + random.randint(1, 3_000)])
        store_settings(
            build.customer(branch=random.choice(branches)),
            Typed(
                next_date=random.choice([None, _day(random)]),
                minimum_minor=minimum,
                limit_minor=limit,
                takes_sales=random.random() < 0.7,
                takes_service=random.random() < 0.7,
            ),
        )
    customers = list(BillingCustomer.objects.order_by("pk"))
    for _ in range(INVOICES):
        waits(
            random.choice(customers),
            random.randint(-500, 1_500),
            branch=random.choice(branches),
            currency=random.choice(["EUR", "EUR", "EUR", "USD"]),
            document_type=random.choice(["sales", "service"]),
            invoice_date=_day(random),
        )
    unused = ConsolidationSettings.objects.order_by("pk")[0]
    ConsolidationSettings.objects.filter(pk=unused.pk).update(is_used=False)


def _day(random: Random) -> date:
    return JUNE + timedelta(days=random.randint(0, 40))


def _values() -> tuple[list[rules.Queued], dict[int, rules.Settings]]:
    """Return what waits and how it is consolidated as plain values."""
    queued = [
        rules.Queued(
            invoice=one.invoice_id,
            customer=one.customer_id,
            branch=one.branch_id,
            currency=one.currency,
            kind=rules.Kind(one.kind),
            invoice_date=one.invoice_date,
            gross_minor=one.gross_minor,
        )
        for one in QueuedInvoice.objects.order_by("pk")
    ]
    stored = ConsolidationSettings.objects.select_related("customer")
    return queued, {one.customer_id: one.rules() for one in stored}


def _by_core(selection: Selection) -> tuple[dict[int, bool], list[rules.Gathering]]:
    """Return what is listed and whether it is checked, and what would be gathered, by the rules alone."""
    queued, settings = _values()
    listed = [
        one
        for one in queued
        if rules.is_eligible(one, settings=settings[one.customer], cutoff=selection.cutoff)
    ]
    reasons: dict[int, str] = {}
    for customer, its in settings.items():
        of_it = [one for one in listed if one.customer == customer]
        reasons |= rules.checked_beforehand(of_it, settings=its, by_branch=True)
    begins = {"all": lambda _: True, "none": lambda _: False, "beforehand": lambda pk: not reasons[pk]}
    checked = {
        one.invoice: one.invoice in selection.checked
        or (one.invoice not in selection.unchecked and begins[selection.begins_with](one.invoice))
        for one in listed
    }
    chosen = [one for one in listed if checked[one.invoice]]
    return checked, rules.gathered(chosen, settings=settings, by_branch=True)


@pytest.mark.parametrize("seed", range(3))
def test_8_3_and_8_4_listed_checked_short_and_billed_as_core_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311  repeatable, not secret
    _company(random)
    for _ in range(BATCHES):
        rows = list(QueuedInvoice.objects.all())
        flipped = random.sample([one.invoice_id for one in rows], k=min(8, len(rows)))
        selection = Selection(
            cutoff=_day(random),
            begins_with=random.choice(["beforehand", "beforehand", "all", "none"]),
            checked=tuple(flipped[:4]),
            unchecked=tuple(flipped[4:]),
        )
        checked, gathered = _by_core(selection)
        listed = list(eligible(selection.cutoff))
        assert {one.invoice_id for one in listed} == set(checked)
        found = {pk: one.is_checked for pk, one in checks_of(selection, rows=listed).items()}
        assert found == checked
        shown = {
            rules.Group(one.customer_id, one.currency, one.branch_id): (
                one.invoices_checked,
                one.total_minor,
                one.is_billed,
            )
            for one in groups_of(selection)
            if one.invoices_checked
        }
        assert shown == {one.group: (len(one.invoices), one.total_minor, one.is_billed) for one in gathered}
        _assert_made_as(selection, [one for one in gathered if one.is_billed])


def _assert_made_as(selection: Selection, expected: list[rules.Gathering]) -> None:
    """Make the batch; its billings are those *expected*."""
    wanted = Batch(selection=selection, billing_date=selection.cutoff)
    if not expected:
        with pytest.raises(NothingToBill):
            create_batch(wanted, by=None, now=NOW)
        return
    batch = create_batch(wanted, by=None, now=NOW)
    made = {
        rules.Group(one.customer_id, one.currency, one.branch_id): (_members_of(one), one.gross_minor)
        for one in batch.billings.all()
    }
    assert made == {one.group: (set(one.invoices), one.total_minor) for one in expected}


def _members_of(billing: ConsolidatedBilling) -> set[int]:
    return set(
        BillingMember.objects.filter(billing=billing, is_live=True).values_list("invoice_id", flat=True)
    )
