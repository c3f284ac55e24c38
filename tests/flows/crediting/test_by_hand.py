"""Credits given by hand, and days billed again: no span moves, never more than is left (rules 2.5, 6.4, 6.6)."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.core.money import STEPS
from counterfoil.engine.credit_by_hand import AgainBelowZero, AgainTooLarge, CreditAsksForMoney
from counterfoil.flows.billing.revising import adjust
from counterfoil.flows.billing.voiding import NotVoidable, void_invoices, void_run
from counterfoil.flows.checking import check
from counterfoil.flows.closing import BooksClosed, close_books
from counterfoil.flows.crediting import by_hand
from counterfoil.flows.crediting.by_hand import CreditAsked, LineAgain, credit_invoice, show_credit
from counterfoil.flows.crediting.payers import CustomerDiffers, NoRateForCustomer
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run
from counterfoil.records.catalog.models import TaxRate
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import (
    APRIL,
    FEBRUARY,
    assert_sound,
    billed,
    credited,
    ends,
    issued,
    nets,
    quarter,
    span_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def invoice_of(charge: Charge) -> Invoice:
    """Return the invoice that bills *charge*."""
    return Invoice.objects.filter(lines__charge=charge, lines__kind="charge").first()  # type: ignore[return-value]


def credit(invoice: Invoice, **asked: Any) -> Run:
    """Credit *invoice* by hand on 1 February."""
    return credit_invoice(
        CreditAsked(invoice_id=invoice.pk, invoice_date=FEBRUARY, **asked),
        reason="agreed on the telephone",
        by=None,
        now=NOW,
    )


def test_6_4_a_credit_by_hand_moves_no_span_and_never_exceeds_what_is_left() -> None:
    """Of 90.00 net 20.00 are credited: 70.00 are left. 23 % of 20.00 is 4.60."""
    charge = quarter()
    billed()
    invoice = invoice_of(charge)
    asked = CreditAsked(invoice_id=invoice.pk, invoice_date=FEBRUARY, amounts={1: 2000})
    assert show_credit(asked).note.invoices.get_column("gross_minor").to_list() == [-2460]
    run = issued(credit(invoice, amounts={1: 2000}))
    note = run.invoice_set.get()
    assert (note.net_minor, note.tax_minor, note.number.number) == (-2000, -460, "CN-2026-000001")
    line = note.lines.get()
    assert (line.quantity, line.unit_price, line.reason.reason) == (1, 20, "agreed on the telephone")
    with pytest.raises(by_hand.MoreThanIsLeft, match="Of line 1 of INV-2026-000001 70\\.00 EUR are left"):
        credit(invoice, amounts={1: 7001})
    issued(credit(invoice, amounts={1: None}))
    with pytest.raises(by_hand.NothingLeft, match="INV-2026-000001"):
        credit(invoice)
    assert nets() == [9000, -2000, -7000]
    assert sum(note.tax_minor for note in Invoice.objects.all()) == 0
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    assert_sound()


def test_6_4_earlier_credits_are_subtracted_first() -> None:
    """90.00, 20.00 by hand, 40 days stay: 90.00 − 20.00 − 40.00 = 30.00."""
    charge = quarter()
    billed()
    issued(credit(invoice_of(charge), amounts={1: 2000}))
    ends(charge, "2026-02-10")
    credited()
    assert nets() == [9000, -2000, -3000]
    assert_sound()


def test_an_amount_of_the_whole_invoice_is_spread_by_what_is_left() -> None:
    """Rule 9: 1.00 over 60.00 and 90.00 left is 0.40 and 0.60."""
    client = build.client()
    first = quarter(client=client)
    quarter(client=client, period=first.master_charge.charge_period)
    billed()
    invoice = invoice_of(first)
    issued(credit(invoice, amounts={1: 3000}))
    run = credit(invoice, amount=100)
    assert list(run.invoice_set.get().lines.values_list("net_minor", flat=True)) == [-40, -60]
    with pytest.raises(by_hand.NoSuchLineToCredit, match="Its lines are 1, 2"):
        credit(invoice, amounts={3: None})


def test_2_5_credit_and_bill_again_in_one_run_without_moving_the_span() -> None:
    """90.00 credited, the same quarter billed at 75.00 to somebody else; the next run bills from April as ever."""
    charge = quarter()
    billed()
    invoice = invoice_of(charge)
    other = build.customer()
    run = credit(invoice, bills_again=True, again={1: LineAgain(unit_price=75 * STEPS)}, customer=other)
    note, again = run.invoice_set.order_by("pk")
    assert (note.net_minor, again.net_minor, again.tax_minor) == (-9000, 7500, 1725)  # 23 % of 75.00
    assert (again.customer, again.document_type) == (other, "contract")
    assert again.lines.get().period_end == APRIL
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    issued(run)
    assert_sound()
    issued(build.run(cutoff=APRIL))
    assert nets() == [9000, -9000, 7500, 9000]
    ends(charge, "2026-03-01")
    credited()  # at the price of what stands: 75.00 × 31/90 = 25.83, and all of the second quarter
    assert sorted(nets()[4:]) == [-9000, -2583]
    assert_sound()


def test_credited_and_billed_again_is_voided_together_only() -> None:
    """12.4: the note alone would leave the days billed twice."""
    charge = quarter()
    billed()
    run = issued(credit(invoice_of(charge), bills_again=True, again={1: LineAgain(quantity=2 * STEPS)}))
    note, again = run.invoice_set.order_by("pk")
    assert again.net_minor == 18000
    with pytest.raises(NotVoidable, match="belongs together with"):
        void_invoices([note.pk], reason="x", by=None, now=NOW)
    void_run(run.pk, reason="the old price holds", by=None, now=NOW)
    assert nets() == [9000]
    assert span_of(charge) == ("2026-01-01", "2026-04-01")
    assert_sound()


def test_what_cannot_be_credited_by_hand() -> None:
    charge = quarter()
    draft = build.run(cutoff=FEBRUARY).invoice_set.get()
    with pytest.raises(by_hand.NotCreditable, match="draft"):
        credit(draft)
    issued(draft.run)
    dollars = BillingCustomer.objects.create(
        account="USD", name="Dollar", currency="USD", branch=draft.branch
    )
    with pytest.raises(CustomerDiffers):
        credit(draft, bills_again=True, customer=dollars)
    note = issued(credit(draft, amounts={1: 100})).invoice_set.get()
    with pytest.raises(by_hand.NotCreditable, match="a credit note"):
        credit(note)
    close_books(before=APRIL)
    with pytest.raises(BooksClosed):
        credit(draft)
    assert InvoiceLine.objects.filter(charge=charge, kind="credit").count() == 1


def test_2_6_days_that_a_credit_by_dates_gave_up_are_not_billed_again() -> None:
    """90.00, ended after 40 days, 50.00 credited: billing all 90 days again would bill 50 of them once too often."""
    charge = quarter()
    billed()
    invoice = invoice_of(charge)
    ends(charge, "2026-02-10")
    issued(credited())
    with pytest.raises(by_hand.DaysGivenUp, match="Line 1 of INV-2026-000001"):
        credit(invoice, bills_again=True)
    ends(charge, None)
    issued(build.run(cutoff=FEBRUARY))
    with pytest.raises(by_hand.DaysGivenUp):
        credit(invoice, bills_again=True)
    assert nets() == [9000, -5000, 5000]


def test_5_5_neither_a_credit_that_asks_for_money_nor_an_invoice_below_zero() -> None:
    """90.00 and a rebate of 10.00: the rebate alone would be 10.00 to pay; the charge at 0.00 leaves −12.30."""
    charge = quarter()
    period = charge.master_charge.charge_period
    rebate = build.master(unit_price=-10, charge_period=period)
    build.charge(client=charge.client, master_charge=rebate, starts_on=charge.starts_on)
    billed()
    invoice = invoice_of(charge)
    with pytest.raises(CreditAsksForMoney, match=r" 10\.00 EUR"):
        credit(invoice, amounts={2: None})
    with pytest.raises(AgainBelowZero, match=r"-12\.30 EUR"):
        credit(invoice, bills_again=True, again={1: LineAgain(unit_price=0)})
    with pytest.raises(AgainTooLarge, match="Line 1"):
        credit(invoice, bills_again=True, again={1: LineAgain(quantity=10**15, unit_price=10**17)})
    assert nets() == [8000]


def test_5_1_another_customer_is_not_billed_at_a_rate_that_is_not_theirs() -> None:
    """23 % is the rate of Ireland alone; for a customer in Germany there is none."""
    charge = quarter()
    billed()
    TaxRate.objects.update(country="IE")
    with pytest.raises(NoRateForCustomer, match="standard"):
        credit(invoice_of(charge), bills_again=True, customer=build.customer(country="DE"))


def test_2_6_a_day_that_two_credits_took_off_one_line_is_free_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """50 days are given up and billed by the next run; billed again by hand as well, they are billed twice."""
    charge = quarter()
    billed()
    ends(charge, "2026-02-10")
    issued(credited())
    ends(charge, None)
    issued(build.run(cutoff=FEBRUARY))
    assert_sound()
    monkeypatch.setattr(by_hand, "_check_days_stand", lambda *_args, **_named: None)
    credit(invoice_of(charge), bills_again=True)
    assert {one.invariant for one in check().violations} == {"no_day_billed_twice"}


def test_6_4_no_more_than_the_invoice_came_to_is_credited_by_hand() -> None:
    """90.00 adjusted by −50.00 is an invoice over 40.00: its first line alone would give 90.00 back."""
    quarter()
    run = build.run(cutoff=FEBRUARY)
    [new] = adjust([run.invoice_set.get().lines.get().pk], amount="-50.00", reason="x", by=None, now=NOW)
    issued(run)
    invoice = Invoice.objects.get(pk=new)
    with pytest.raises(by_hand.MoreThanIsLeft, match=r"40\.00 EUR are left to be credited, so 90\.00"):
        credit(invoice, amounts={1: None})
    credit(invoice)
    assert nets() == [4000, -4000]
