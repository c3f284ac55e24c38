"""A count in steps comes to what a preview comes to."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.findings import FindingCode
from counterfoil.flows.billing.counting import Counted, begin_counting, count_on
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.closing import BooksClosed, close_books
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_count_in_steps_is_that_of_the_preview() -> None:
    """Three customers at 30.00 and 23 % tax, two of them with two charges, and a charge without a price."""
    build.organisation()
    first, second, third = (build.customer() for _ in range(3))
    for customer in (first, first, second, second, third):
        build.charge(customer=customer)
    build.charge(customer=third, master_charge=build.master(unit_price=None))
    request = build.request()
    counted, steps = begin_counting(request, at_once=1), 0
    assert (counted.total, counted.done, counted.is_whole) == (6, 0, False)
    while not counted.is_whole:
        counted = count_on(Counted.from_json(counted.to_json()), request=request)
        steps += 1
    found = preview(request)
    assert steps == 4  # each customer, and that nobody behind them pays anything
    assert (counted.customers, counted.invoices, counted.lines, counted.exceptions) == (3, 3, 5, 1)
    assert (found.invoices.height, found.lines.height) == (3, 5)
    assert found.findings.get_column("code").to_list() == [FindingCode.NO_PRICE]
    assert counted.gross == {"EUR": 18450}  # 5 × 30.00 × 1.23
    assert [total.gross_minor for total in found.totals()] == [18450]
    assert count_on(counted, request=request) == counted


def test_who_pays_for_events_alone_is_counted_too() -> None:
    """A customer with three charges, one who pays nothing, and one with an activation, each over 30.00."""
    build.organisation()
    payer = build.customer()
    for _ in range(3):
        build.charge(client=build.client(customer=payer))
    build.customer()
    build.event()
    request = build.request(kinds=("service", "activation"))
    counted = begin_counting(request, at_once=1)
    while not counted.is_whole:
        counted = count_on(counted, request=request)
    assert (counted.customers, counted.invoices) == (2, preview(request).invoices.height)
    assert counted.gross == {"EUR": 14760}  # 4 × 30.00 × 1.23


def test_neither_counts_what_could_not_be_dated_so() -> None:
    build.organisation()
    close_books(before=date(2026, 7, 1))
    with pytest.raises(BooksClosed):
        begin_counting(build.request())
    with pytest.raises(BooksClosed):
        preview(build.request())


def test_a_customer_is_counted_once_however_many_parts_what_it_is_credited_takes() -> None:
    """Three charges of one customer end in June, counted one at a time: one credit note."""
    build.organisation()
    customer = build.customer()
    charges = [build.charge(client=build.client(customer=customer)) for _ in range(3)]
    run = build.run()
    authorise(run.pk, by=None, now=build.NOW)
    issue(run.pk, today=build.JUNE, now=build.now)
    for charge in charges:
        charge.ends_before = date(2026, 6, 16)
        charge.save()
    request = build.request(cutoff=date(2026, 7, 1), credit_basis="daily")
    counted = begin_counting(request, at_once=1)
    while not counted.is_whole:
        counted = count_on(counted, request=request)
    assert (counted.customers, counted.invoices, counted.lines) == (1, 1, 3)
