"""What rating anew brings on top of the drafts that were chosen, and how it is taken back (rules 12.4, 12.8)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import issue, review
from counterfoil.flows.billing.rerating import rerate
from counterfoil.flows.billing.voiding import void_run
from counterfoil.records.billing.models import DocumentNumber, Invoice
from counterfoil.records.charges.models import Charge, ChargeSpan
from counterfoil.records.organisation.models import Organisation, Role, User
from tests import build
from tests.build import JUNE, NOW
from tests.flows.crediting.quarters import assert_sound

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("service", "activation")


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


@pytest.mark.parametrize("is_issued", [False, True])
def test_12_4_days_added_by_rating_another_draft_anew_are_given_back_with_the_run(is_issued: bool) -> None:
    """June is billed; the start is corrected to 15 May, and those 17 days come with the activation rated anew."""
    client = build.client()
    charge = build.charge(client=client)
    build.event(client=client)
    run = build.run(kinds=KINDS)
    Charge.objects.filter(pk=charge.pk).update(starts_on=date(2026, 5, 15))
    rerate([run.invoice_set.get(document_type="service").pk], reason="x", by=None, now=NOW)
    span = ChargeSpan.objects.get()
    assert (span.billed_from, span.billed_to) == (date(2026, 5, 15), date(2026, 7, 1))
    if is_issued:
        issue.authorise(run.pk, by=None, now=NOW)
        issue.issue(run.pk, today=JUNE, now=build.now)
    void_run(run.pk, reason="x", by=None, now=NOW)
    span = ChargeSpan.objects.get()
    assert (span.billed_from, span.billed_to) == (None, None)
    assert_sound()


def test_12_8_what_is_added_after_authorising_is_released_by_somebody_else() -> None:
    """The authoriser never saw the activation, which came in while the draft was rated anew."""
    Organisation.objects.update(four_eyes=True)
    reviser = User.objects.create(username="reviser", role=Role.APPROVER)
    other = User.objects.create(username="other", role=Role.APPROVER)
    client = build.client()
    build.charge(client=client)
    run = build.run(kinds=KINDS)
    issue.authorise(run.pk, by=other, now=NOW)
    build.event(client=client)
    new = rerate([run.invoice_set.get().pk], reason="x", by=reviser, now=NOW).drafts
    assert len(new) == 2
    issue.issue(run.pk, today=JUNE, now=build.now)
    assert not DocumentNumber.objects.exists()
    for draft in new:
        with pytest.raises(review.ReviserMayNotRelease):
            review.release([draft], by=reviser)
    assert review.release(new, by=other) == 2


def test_12_7_what_is_added_to_an_issued_run_waits_to_be_released() -> None:
    """Nothing would issue it otherwise; once released it gets its number."""
    client = build.client()
    build.charge(client=client)
    run = build.run(kinds=KINDS)
    held = run.invoice_set.get()
    review.hold([held.pk], reason="disputed", by=None, now=NOW)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    build.event(client=client)
    new = rerate([held.pk], reason="x", by=None, now=NOW).drafts
    reasons = (
        Invoice.objects.filter(pk__in=new).order_by("document_type").values_list("hold__reason", flat=True)
    )
    assert list(reasons) == ["disputed", "Added after its run was issued: release it to have it issued"]
    review.release(new)
    issue.issue(run.pk, today=JUNE, now=build.now)
    assert DocumentNumber.objects.count() == 2
