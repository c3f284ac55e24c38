"""Unbilled pasts that somebody confirms, and periods billed again after an exclusion, which say so."""

from __future__ import annotations

import json
from datetime import date

import pytest

from counterfoil.flows.billing import review
from counterfoil.flows.billing.confirming import NothingToConfirm, confirm
from counterfoil.flows.billing.preview import preview
from counterfoil.records.billing.models import BillingException, InvoiceLine
from counterfoil.records.charges.models import PastConfirmation
from counterfoil.records.organisation.models import User
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)
JANUARY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_a_confirmed_past_is_billed_by_the_next_run() -> None:
    """Rule 2.7: January to May are past on 1 June; five are set aside, confirmed, and billed with June."""
    person = User.objects.create(username="mara")
    charge = build.charge(starts_on=JANUARY)
    assert not build.run(past_periods_allowed=2).totals.exists()
    late = BillingException.objects.get(code="too_many_past_periods")
    [confirmed] = confirm([late.pk], reason="Taken over", by=person, now=NOW)
    assert (confirmed.charge, confirmed.ends_before) == (charge.key, JUNE)
    assert build.run(past_periods_allowed=2).totals.get().net_minor == 6 * 3000
    assert PastConfirmation.objects.get().confirmed_by == person


def test_what_is_beyond_the_confirmed_day_waits_as_before() -> None:
    """Rule 2.7: January and February are confirmed; March to May are three, one more than two."""
    build.charge(starts_on=JANUARY)
    build.run(past_periods_allowed=2)
    late = BillingException.objects.get()
    confirm([late.pk], reason="Two of them", by=None, now=NOW, ends_before=date(2026, 3, 1))
    again = build.run(past_periods_allowed=2)
    assert "3 past periods" in BillingException.objects.get(run=again).message
    confirm([late.pk], reason="And March", by=None, now=NOW, ends_before=date(2026, 4, 1))
    assert build.run(past_periods_allowed=2).totals.get().lines == 6


def test_a_hundred_years_are_billed_once_confirmed() -> None:
    """Rule 2.7: counted without listing while nobody has confirmed: 1,200 months before June 2026, and June."""
    build.charge(starts_on=date(1926, 6, 1))
    build.run(past_periods_allowed=2)
    late = BillingException.objects.get()
    confirm([late.pk], reason="Truly", by=None, now=NOW)
    assert build.run(past_periods_allowed=2).totals.get().lines == 1201


def test_only_an_unbilled_past_is_confirmed() -> None:
    """12.3: the other exceptions are mended."""
    build.charge(ends_before=JUNE)
    build.run()
    with pytest.raises(NothingToConfirm):
        confirm([BillingException.objects.get().pk], reason="x", by=None, now=NOW)


def test_what_was_excluded_is_billed_again_and_says_so() -> None:
    """Rule 12.7: June excluded at 50.00; July bills 100.00, and June's line names the draft it was on."""
    build.charge(master_charge=build.master(unit_price=50))
    run = build.run()
    draft = run.invoice_set.get()
    review.exclude([draft.pk], reason="Contract not signed", by=None, now=NOW)
    foretold = preview(build.request(cutoff=JULY)).lines.get_column("details").to_list()
    july = build.run(cutoff=JULY)
    assert july.totals.get().net_minor == 10_000
    june, alone = InvoiceLine.objects.filter(invoice__run=july).order_by("line_no")
    assert json.loads(june.details) == {"excluded_before": {"run": run.pk, "draft": draft.pk}}
    assert alone.details == ""
    assert foretold == [june.details, ""]  # 12.1


def test_an_abandoned_runs_exclusions_are_forgotten() -> None:
    """Rule 12.4."""
    build.charge()
    run = build.run()
    review.exclude([run.invoice_set.get().pk], reason="x", by=None, now=NOW)
    review.abandon(run.pk, reason="x", now=NOW)
    build.run()
    assert InvoiceLine.objects.order_by("-pk").first().details == ""
