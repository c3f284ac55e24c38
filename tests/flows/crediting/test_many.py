"""Credit many invoices in full as one run, and void those of many that have not left the house (6.4, 7.5)."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.flows.billing.mailing import mailable_among, send_many
from counterfoil.flows.billing.voidable import voidable_among
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.flows.crediting.many import (
    NothingToCredit,
    WentDifferentWays,
    credit_in_full,
    show_credit_of_many,
)
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import (
    APRIL,
    JANUARY,
    assert_sound,
    billed,
    issued,
    quarter,
    quarters,
    span_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def three() -> list[int]:
    """Bill three customers 90.00 each and tax; return their invoices."""
    period = quarters()
    for _ in range(3):
        quarter(period=period, client=build.client(customer=build.customer()))
    return sorted(billed().invoice_set.values_list("pk", flat=True))


def credited(ids: list[int], **asked: Any) -> Any:
    return credit_in_full(
        ids, **{"invoice_date": APRIL, "reason": "wrong price", "by": None, "now": NOW, **asked}
    )


def test_6_4_all_that_is_left_of_many_is_credited_in_one_run() -> None:
    """90.00 each, 30.00 of the second credited before: −90.00, −60.00; the third is credited already."""
    first, second, third = three()
    for pk, amount in ((second, 3000), (third, None)):
        asked = CreditAsked(invoice_id=pk, invoice_date=JANUARY, amount=amount)
        issued(credit_invoice(asked, reason="x", by=None, now=NOW))
    draft = build.run(cutoff=APRIL).invoice_set.first()
    shown = show_credit_of_many([first, second, third, draft.pk], invoice_date=APRIL)
    assert (shown.invoices, shown.left_out) == ([first, second], {"credited": 1, "draft": 1})
    assert shown.totals() == {"EUR": (2, -18450)}  # −(90.00 + 60.00) × 1.23
    run = credited([first, second, third, draft.pk])
    notes = run.invoice_set.order_by("pk").values_list("credits_id", "net_minor", "tax_minor")
    assert list(notes) == [(first, -9000, -2070), (second, -6000, -1380)]
    assert set(InvoiceLine.objects.filter(invoice__run=run).values_list("reason__reason", flat=True)) == {
        "wrong price"
    }
    issued(run)
    assert_sound()
    with pytest.raises(NothingToCredit):
        credited([first, second, third])


def test_credits_go_where_their_invoices_went() -> None:
    [first, *_others] = three()
    other = issued(build.run(cutoff=APRIL, send_email=False)).invoice_set.first()
    with pytest.raises(WentDifferentWays):
        credited([first, other.pk])
    assert credited([other.pk]).selection["send_email"] is False


def test_7_5_those_that_have_not_left_the_house_are_voided_and_the_others_named() -> None:
    """The first was sent; of the second the next quarter is billed; the third goes."""
    first, second, third = three()
    Delivery.objects.filter(invoice=first).update(state=DeliveryState.SENT)
    payer = Invoice.objects.get(pk=second).customer_id
    later = billed(cutoff=APRIL)
    others = later.invoice_set.exclude(customer=payer)
    void_invoices(list(others.values_list("pk", flat=True)), reason="x", by=None, now=NOW)
    found = voidable_among([first, second, third, *others.values_list("pk", flat=True)])
    assert found.invoices == [third]
    assert {one.kind: (one.documents, one.named[0][0]) for one in found.against} == {
        "not_issued": (2, others.order_by("pk").first().pk),
        "delivered": (1, first),
        "billed_further": (1, second),
    }
    void_invoices(list(found.invoices), reason="x", by=None, now=NOW)
    charge = InvoiceLine.objects.get(invoice=third).charge
    assert span_of(charge) == ("None", "None")


def test_d2_many_are_mailed_once_each_and_those_sent_before_once_more() -> None:
    first, second, third = three()
    for pk, email in ((first, "a@example.com"), (second, "b@example.com"), (third, "")):
        BillingCustomer.objects.filter(invoices=pk).update(email=email)
    Delivery.objects.filter(channel="email").delete()
    rows = Invoice.objects.select_related("run", "customer", "number", "void").order_by("pk")
    shown = mailable_among(list(rows))
    assert (shown.first, shown.again, shown.left_out) == ([first, second], [], {"nobody": [third]})
    send_many(list(rows.filter(pk__in=shown.first)), reason="asked for", by=None, now=NOW)
    Delivery.objects.filter(invoice=first, channel="email").update(state=DeliveryState.SENT)
    shown = mailable_among(list(rows))
    assert (shown.first, shown.again, shown.left_out) == (
        [],
        [first],
        {"on_its_way": [second], "nobody": [third]},
    )
    assert Delivery.objects.filter(channel="email").count() == 2
