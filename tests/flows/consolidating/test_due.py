"""What is due, and when: with its billing while that is live, else as the document says (billing-rules 8.5)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Sum

from counterfoil.flows.checking import check
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.by_hand import ByHand, Edit, create_billing, edit_billing, void_billings
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.records.billing.consolidating_queries import due
from counterfoil.records.billing.models import Invoice, IssuedDue
from tests import build
from tests.build import NOW
from tests.flows.consolidating.waiting import billed, consolidating

pytestmark = pytest.mark.django_db(transaction=True)
OWN = date(2026, 6, 15)  # 14 days from 1 June


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def dues() -> dict[date, tuple[int, int]]:
    """Return gross and documents by the day on which they are due, and see that `check` finds the same."""
    rows = (
        IssuedDue.objects.order_by().values_list("due_on").annotate(g=Sum("gross_minor"), d=Sum("documents"))
    )
    assert [one for one in check().violations if one.invariant == "issued_sums_are_true"] == []
    return {day: (gross, documents) for day, gross, documents in rows if (gross, documents) != (0, 0)}


def test_8_5_a_billing_moves_what_is_due_an_edit_moves_it_again_and_a_void_back() -> None:
    customer = consolidating()
    one, two = billed(customer, "10.00", "20.00")
    assert dues() == {OWN: (3_690, 2)}  # 12.30 + 24.60
    july = date(2026, 7, 20)
    typed = {"billing_date": date(2026, 7, 1), "due_on": july}
    made = create_billing(
        ByHand(customer_id=customer.pk, invoices=[one.pk, two.pk], **typed), by=None, now=NOW
    )
    assert dues() == {july: (3_690, 2)}
    late = Invoice.objects.filter(pk=one.pk)
    assert due(late, since=date(2026, 7, 1)).exists()
    assert not due(late, until=OWN).exists()
    edited = edit_billing(Edit(billing_id=made.pk, invoices=[one.pk], **typed), by=None, now=NOW)
    assert dues() == {OWN: (2_460, 1), july: (1_230, 1)}
    void_billings([edited.pk], reason="wrong", by=None, now=NOW)
    assert dues() == {OWN: (3_690, 2)}
    assert due(late, until=OWN).exists()


def test_8_5_a_batch_moves_what_is_due_to_the_terms_of_each_customer() -> None:
    for terms in ("14 days", "30 days"):
        billed(consolidating(payment_terms=terms), "10.00")
    assert dues() == {OWN: (1_230, 1), date(2026, 7, 1): (1_230, 1)}
    end = date(2026, 6, 30)
    create_batch(Batch(selection=Selection(cutoff=end), billing_date=end), by=None, now=NOW)
    assert dues() == {date(2026, 7, 14): (1_230, 1), date(2026, 7, 30): (1_230, 1)}
