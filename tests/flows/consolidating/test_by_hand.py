"""Billings made, edited and void by hand: dates, numbers, members, revisions (8.5, 8.7 to 8.9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from counterfoil.core.consolidation import NotABillingNumber
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.billing.review import ReasonMissing
from counterfoil.flows.billing.voiding import NotVoidable, void_invoices
from counterfoil.flows.consolidating import by_hand
from counterfoil.flows.consolidating.by_hand import ByHand, Edit, create_billing, edit_billing, void_billings
from counterfoil.flows.consolidating.choosing import Selection, groups_of
from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.flows.editing import store
from counterfoil.flows.stating import statements_of
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import (
    BillingMember,
    ConsolidatedBilling,
    Invoice,
    QueuedInvoice,
)
from counterfoil.records.organisation.models import Branch
from tests import build
from tests.build import JUNE, NOW
from tests.flows.consolidating.waiting import consolidating, waits

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def made(customer: object, *invoices: Invoice, **values: object) -> ConsolidatedBilling:
    """Make a billing by hand, dated 1 July unless *values* say otherwise."""
    wanted = {"billing_date": JULY, "invoices": [one.pk for one in invoices], **values}
    return create_billing(ByHand(customer_id=customer.pk, **wanted), by=None, now=NOW)


def members(billing: ConsolidatedBilling) -> list[int]:
    return list(billing.members.values_list("invoice_id", flat=True))


def test_8_7_lists_all_that_waits_up_to_its_date_and_the_next_date_does_not_gate() -> None:
    customer = consolidating(next_date=date(2026, 12, 31))
    early, late = waits(customer, 1_000), waits(customer, 2_000, invoice_date=JULY)
    waits(consolidating(), 4_000)
    listed = by_hand.to_choose(customer.pk, cutoff=date(2026, 6, 30))
    assert [one.invoice_id for one in listed] == [early.pk]
    assert by_hand.to_choose(customer.pk, cutoff=JULY).count() == 2
    assert by_hand.date_to_begin_with(customer, today=JUNE) == date(2026, 12, 31)
    assert by_hand.date_to_begin_with(consolidating(), today=JUNE) == JUNE
    with pytest.raises(by_hand.NotToBeChosen, match=f"sales-{late.pk} cannot be chosen"):
        made(customer, early, late, billing_date=JUNE)
    assert QueuedInvoice.objects.count() == 3  # nothing half-written


def test_8_7_the_minimum_only_warns() -> None:
    customer = consolidating(minimum_minor=5_000)
    one = waits(customer, 1_000)
    warning = by_hand.warning_of(customer.pk, total_minor=1_000, currency="EUR")
    assert warning == "EUR 40.00 short of the minimum of EUR 50.00: carried to the next cycle"
    assert made(customer, one).gross_minor == 1_000


def test_8_7_numbers_given_or_next_and_typed_ones_unique() -> None:
    customer = consolidating()
    ones = [waits(customer, 100) for _ in range(5)]
    assert by_hand.next_number() == "B10001-0"
    assert made(customer, ones[0], number="10002").number == "B10002-0"
    assert made(customer, ones[1]).number == "B10001-0"
    assert by_hand.next_number() == "B10003-0"  # what was typed is passed over
    assert made(customer, ones[2]).number == "B10003-0"
    with pytest.raises(by_hand.BillingNumberTaken, match="B10002-0 already"):
        made(customer, ones[3], number="B10002")
    with pytest.raises(NotABillingNumber):
        made(customer, ones[3], number="X1")
    assert not BillingMember.objects.filter(invoice=ones[3]).exists()


def test_8_7_only_customers_using_consolidation_and_one_currency() -> None:
    plain, customer = build.customer(), consolidating()
    assert list(by_hand.customers_to_bill()) == [customer]
    with pytest.raises(by_hand.NotConsolidating, match=plain.account):
        made(plain)
    with pytest.raises(by_hand.NothingChosen):
        made(customer)
    with pytest.raises(by_hand.CurrenciesMixed, match="EUR and USD"):
        made(customer, waits(customer, 100), waits(customer, 100, currency="USD"))


def test_8_5_due_by_terms_or_given_and_it_becomes_the_due_date_of_each_member() -> None:
    customer = consolidating(payment_terms="10 days")
    one, two = waits(customer, 100), waits(customer, 100)
    assert made(customer, one).due_on == date(2026, 7, 11)
    with pytest.raises(by_hand.DueBeforeBilling):
        made(customer, two, due_on=date(2026, 6, 30))
    billing = made(customer, two, due_on=date(2026, 8, 1))
    assert queries.due_dates_of([one, two]) == {one.pk: date(2026, 7, 11), two.pk: date(2026, 8, 1)}
    assert two.number.due_on == date(2026, 6, 15)  # the document stays as issued
    [statement] = statements_of(customer, day=JULY)
    assert [one.due_on for one in statement.entries] == [date(2026, 7, 11), date(2026, 8, 1)]
    void_billings([billing.pk], reason="wrong month", by=None, now=NOW)
    assert queries.due_dates_of([two]) == {two.pk: date(2026, 6, 15)}


def test_8_8_an_edit_voids_and_saves_the_next_revision() -> None:
    customer = consolidating()
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    one, two, late = (
        waits(customer, 100),
        waits(customer, 200),
        waits(customer, 400, invoice_date=date(2026, 9, 1)),
    )
    billing = made(customer, one, two)
    assert [row.invoice_id for row in by_hand.to_add(billing)] == [late.pk]  # whatever its date
    wanted = Edit(
        billing_id=billing.pk,
        invoices=[one.pk, late.pk],
        billing_date=date(2026, 7, 2),
        due_on=date(2026, 7, 9),
        description="Corrected",
        po_number="PO-7",
        branch_id=north.pk,
    )
    edited = edit_billing(wanted, by=None, now=NOW)
    assert (edited.number, edited.gross_minor, members(edited)) == ("B10001-1", 500, [one.pk, late.pk])
    assert (edited.billing_date, edited.due_on) == (date(2026, 7, 2), date(2026, 7, 9))
    assert (edited.description, edited.po_number, edited.branch) == ("Corrected", "PO-7", north)
    assert billing.void.replaced_by == edited
    assert members(billing) == [one.pk, two.pk]  # the old revision keeps what it held
    assert list(QueuedInvoice.objects.values_list("invoice_id", flat=True)) == [two.pk]  # eligible again
    with pytest.raises(by_hand.EditedMeanwhile, match="B10001-0 was edited meanwhile; B10001-1"):
        edit_billing(wanted, by=None, now=NOW)
    again = edit_billing(replace(wanted, billing_id=edited.pk, invoices=[late.pk]), by=None, now=NOW)
    assert again.number == "B10001-2"


def test_8_8_at_least_one_member_and_none_of_others() -> None:
    customer = consolidating()
    billing = made(customer, waits(customer, 100))
    dollars, strange = waits(customer, 100, currency="USD"), waits(consolidating(), 100)
    wanted = Edit(billing_id=billing.pk, invoices=[], billing_date=JULY)
    with pytest.raises(by_hand.NothingChosen):
        edit_billing(wanted, by=None, now=NOW)
    for one in (dollars, strange):
        with pytest.raises(by_hand.NotToBeAdded, match=f"sales-{one.pk} cannot be added"):
            edit_billing(replace(wanted, invoices=[one.pk]), by=None, now=NOW)
    assert not queries.is_void(ConsolidatedBilling.objects.get())


def test_8_9_void_makes_members_eligible_again_and_the_number_is_never_reused() -> None:
    customer = consolidating(limit_minor=10_000)
    one = waits(customer, 100)
    billing = made(customer, one)
    with pytest.raises(ReasonMissing):
        void_billings([billing.pk], reason=" ", by=None, now=NOW)
    assert void_billings([billing.pk], reason="wrong customer", by=None, now=NOW) == 1
    with pytest.raises(by_hand.BillingIsVoid, match="B10001-0 is void"):
        void_billings([billing.pk], reason="again", by=None, now=NOW)
    with pytest.raises(by_hand.BillingIsVoid):
        edit_billing(Edit(billing_id=billing.pk, invoices=[one.pk], billing_date=JULY), by=None, now=NOW)
    assert QueuedInvoice.objects.get().is_locked  # as it was
    assert groups_of(Selection(cutoff=JULY))[0].invoices == 1
    assert made(customer, one).number == "B10002-0"
    assert billing.void.reason == "wrong customer"


def test_8_9_a_member_is_not_voided_while_in_a_live_billing() -> None:
    customer = consolidating()
    one = waits(customer, 100)
    billing = made(customer, one)
    with pytest.raises(NotVoidable, match=f"sales-{one.pk} is in the consolidated billing B10001-0"):
        void_invoices([one.pk], reason="x", by=None, now=NOW)
    void_billings([billing.pk], reason="first", by=None, now=NOW)
    assert void_invoices([one.pk], reason="x", by=None, now=NOW) == 1
    assert not QueuedInvoice.objects.exists()  # and it waits for nothing any more


def test_the_database_refuses_a_second_live_billing_and_every_change() -> None:
    customer = consolidating()
    one = waits(customer, 100)
    billing = made(customer, one)
    member = billing.members.get()
    with pytest.raises(IntegrityError, match="member_of_one_live_billing"), transaction.atomic():
        BillingMember.objects.create(billing=billing, invoice=one, position=2, kind="sales", was_locked=False)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        ConsolidatedBilling.objects.filter(pk=billing.pk).update(gross_minor=1)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        BillingMember.objects.filter(pk=member.pk).update(position=2)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        BillingMember.objects.filter(pk=member.pk).delete()
    void_billings([billing.pk], reason="x", by=None, now=NOW)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        BillingMember.objects.filter(pk=member.pk).update(is_live=True)


def test_8_9_nothing_is_left_waiting_for_nothing_once_a_customer_stopped_consolidating() -> None:
    customer = consolidating()
    one, two = waits(customer, 1_000), waits(customer, 2_000)
    billing = made(customer, one, two)
    store_settings(customer, Typed(is_used=False))
    with pytest.raises(by_hand.WouldWaitForNothing, match="no longer uses consolidated billing"):
        void_billings([billing.pk], reason="wrong", by=None, now=NOW)
    typed = {"billing_id": billing.pk, "billing_date": JULY}
    with pytest.raises(by_hand.WouldWaitForNothing, match="taken out of B10001-0"):
        edit_billing(Edit(invoices=[one.pk], **typed), by=None, now=NOW)
    edited = edit_billing(Edit(invoices=[one.pk, two.pk], po_number="P-1", **typed), by=None, now=NOW)
    store_settings(customer, Typed())
    void_billings([edited.pk], reason="wrong", by=None, now=NOW)
    assert QueuedInvoice.objects.count() == 2


def test_8_4_a_customers_currency_stays_while_amounts_are_in_it() -> None:
    customer = consolidating(minimum_minor=5_000)
    customer.currency = "KWD"
    with pytest.raises(ValuesAreWrong, match="amounts in the currency before"):
        store(customer, fields=["currency"])
    customer.refresh_from_db()
    store_settings(customer, Typed())
    customer.currency = "KWD"
    store(customer, fields=["currency"])
    assert customer.__class__.objects.get(pk=customer.pk).currency == "KWD"
