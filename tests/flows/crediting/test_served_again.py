"""Days that a credit gave up within what is billed, and that are served again, are owed again (rules 2.5, 2.6, 6.5)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from counterfoil.flows.billing import review
from counterfoil.flows.billing.load import ShardRange
from counterfoil.flows.billing.persist import store_billed
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.run import bill_shard, open_run, resume, terms_of_request
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.charges.actions import SpanMovedMeanwhile
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import Client, PastCommissioning
from tests import build
from tests.flows.crediting.quarters import (
    APRIL,
    JANUARY,
    assert_sound,
    billed,
    credited,
    issued,
    nets,
    quarter,
    quarters,
    span_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
FROM, TO = date(2026, 2, 10), date(2026, 2, 20)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def commissioned_quarter(**values: object) -> Charge:
    """Store a charge of 90.00 a quarter, billed only while its client is commissioned: since long ago."""
    client = build.client(commissioned_on=date(2025, 1, 1))
    return quarter(client=client, while_commissioned=True, **values)


def paused(charge: Charge) -> None:
    """Say that the client was not commissioned from 10 to 19 February."""
    PastCommissioning.objects.create(client=charge.client, starts_on=date(2025, 1, 1), ends_before=FROM)
    Client.objects.filter(pk=charge.client_id).update(commissioned_on=TO)


def unpaused(charge: Charge) -> None:
    """Take that back."""
    PastCommissioning.objects.all().delete()
    Client.objects.filter(pk=charge.client_id).update(commissioned_on=date(2025, 1, 1))


def paused_and_credited() -> Charge:
    """Return a charge billed for a quarter of which ten days were credited, and that was served all the time."""
    charge = commissioned_quarter()
    billed()
    paused(charge)
    issued(credited())
    assert nets() == [9000, -1000]  # 90.00 × 10/90
    unpaused(charge)
    return charge


def test_2_5_the_days_of_a_pause_taken_back_are_billed_again_once() -> None:
    """A pause of ten days, 10.00, is credited and withdrawn: 90.00 in all, the span where it was."""
    charge = paused_and_credited()
    shown = preview(build.request(cutoff=JANUARY))
    run = build.run(cutoff=JANUARY)
    line = InvoiceLine.objects.get(invoice__run=run)
    assert (line.period_start, line.period_end, line.net_minor) == (FROM, TO, 1000)
    assert (line.fraction_num, line.fraction_den) == (1, 9)
    assert (line.span_from, line.span_to) == (JANUARY, APRIL)
    assert shown.lines.get_column("net_minor").to_list() == [1000]
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    assert build.run(cutoff=JANUARY).invoice_set.count() == 0
    assert_sound()


@pytest.mark.parametrize("part_charging", ["daily", "whole", "monthly", "none"])
@pytest.mark.parametrize("basis", ["daily", "monthly"])
def test_6_5_paused_credited_and_served_after_all_costs_what_it_would_have_from_the_outset(
    part_charging: str, basis: str
) -> None:
    """A quarter is 90.00, however one comes to it; a pause of March is long enough for monthly off."""
    charge = commissioned_quarter(period=quarters(part_charging=part_charging))
    billed()
    PastCommissioning.objects.create(
        client=charge.client, starts_on=date(2025, 1, 1), ends_before=date(2026, 1, 20)
    )
    Client.objects.filter(pk=charge.client_id).update(commissioned_on=date(2026, 3, 10))
    given = credited(basis=basis)
    if given.invoice_set.exists():
        issued(given)
    unpaused(charge)
    build.run(cutoff=APRIL, kinds=("service",))
    assert sum(net for net in nets()) == 9000 + 9000  # and the second quarter
    assert_sound()


def test_an_ended_charge_that_is_billed_from_start_to_end_owes_them_too() -> None:
    charge = paused_and_credited()
    Charge.objects.filter(pk=charge.pk).update(ends_before=APRIL)
    build.run(cutoff=APRIL)
    assert nets() == [9000, -1000, 1000]
    assert_sound()


def test_paused_again_they_are_credited_again() -> None:
    """The newest line that bills them gives them back."""
    charge = paused_and_credited()
    issued(build.run(cutoff=JANUARY))
    paused(charge)
    issued(credited())
    assert nets() == [9000, -1000, 1000, -1000]
    unpaused(charge)
    build.run(cutoff=JANUARY)
    assert sum(nets()) == 9000
    assert_sound()


def test_2_6_the_credit_note_stays_while_a_newer_line_bills_its_days() -> None:
    """Taken back, the days would be billed twice: first goes what bills them again."""
    charge = commissioned_quarter()
    billed()
    paused(charge)
    note = credited()
    unpaused(charge)
    again = build.run(cutoff=JANUARY)
    with pytest.raises(review.BilledFurther):
        review.abandon(note.pk, reason="after all", now=build.NOW)
    review.abandon(again.pk, reason="not yet", now=build.NOW)
    assert_sound()
    review.abandon(note.pk, reason="after all", now=build.NOW)
    assert build.run(cutoff=JANUARY).invoice_set.count() == 0
    assert nets() == [9000]
    assert_sound()


def test_2_6_of_two_runs_over_the_same_days_the_second_stores_nothing() -> None:
    """No span moves with such a line, so the days themselves are looked at under a lock."""
    charge = paused_and_credited()
    asked = build.request(cutoff=JANUARY)
    late = open_run(asked, by=None, now=build.NOW)
    payer = charge.client.customer_id
    assert payer is not None
    shard = ShardRange(number=1, first_customer=payer, last_customer=payer, charges=1)
    rated = bill_shard(shard, terms=terms_of_request(asked), selection=asked.selection)
    assert rated.lines.height == 1
    build.run(cutoff=JANUARY)
    with pytest.raises(SpanMovedMeanwhile), transaction.atomic():
        store_billed(rated, run=late, shard=1)
    assert resume(late, now=build.now).invoice_set.count() == 0
    assert Invoice.objects.count() == 3
    assert_sound()


def test_1_5_days_of_another_grid_are_an_exception_and_the_rest_is_billed() -> None:
    """Nobody knows what they cost by months now, so a person says."""
    charge = paused_and_credited()
    Charge.objects.filter(pk=charge.pk).update(charge_period=build.monthly())
    billed(cutoff=APRIL)
    run = build.run(cutoff=APRIL)
    assert nets() == [9000, -1000, 9000]  # April
    [found] = run.exceptions.all()
    assert found.code == "credited_and_served_again"
    assert found.message.startswith("The days from 2026-02-10 to before 2026-02-20 were credited")
    assert_sound()
