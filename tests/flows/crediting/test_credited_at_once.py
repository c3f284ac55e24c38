"""Credits of one invoice, given and taken back at the same time (billing-rules 6.6)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connections, transaction

from counterfoil.flows.billing.review import exclude
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.billing.models import Invoice, Run
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import FEBRUARY, assert_sound, billed, issued, quarter

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS_TO_GET_STUCK = 2


@pytest.mark.parametrize("take_back", [exclude, void_invoices])
def test_6_6_tax_is_not_counted_with_a_note_that_is_being_taken_back(take_back: Callable[..., int]) -> None:
    """23 % of 0.02 is 0.00, of 0.04 it is 0.01: with the first note gone the second has no tax."""
    build.organisation()
    quarter()
    asked = CreditAsked(invoice_id=billed().invoice_set.get().pk, invoice_date=FEBRUARY, amount=2)

    def credit() -> Run:
        return credit_invoice(asked, reason="agreed", by=None, now=NOW)

    def credit_elsewhere() -> None:
        credit()
        connections.close_all()

    first = credit()
    if take_back is void_invoices:
        issued(first)
    second = Thread(target=credit_elsewhere)
    with transaction.atomic():
        take_back([first.invoice_set.get().pk], reason="a slip", by=None, now=NOW)
        second.start()
        second.join(SECONDS_TO_GET_STUCK)
        assert second.is_alive()
    second.join()
    newest = Invoice.objects.latest("pk")
    assert (newest.net_minor, newest.tax_minor) == (-2, 0)
    assert_sound()
