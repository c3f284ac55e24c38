"""Credits of lines whose price includes tax, or that had a discount: at what the line came to (billing-rules 6.1)."""

from __future__ import annotations

import pytest

from counterfoil.flows.billing.revising import adjust
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.billing.models import Invoice
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Discount
from tests import build
from tests.build import NOW
from tests.flows.crediting.quarters import (
    APRIL,
    FEBRUARY,
    JULY,
    assert_sound,
    billed,
    credited,
    ends,
    issued,
    nets,
    quarter,
    quarters,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def taxes() -> list[int]:
    """Return the tax of every document, oldest first."""
    return list(Invoice.objects.order_by("id").values_list("tax_minor", flat=True))


def test_6_2_a_price_with_tax_is_credited_to_what_the_days_served_would_have_cost() -> None:
    """100.00 with 23 % is 81.30 + 18.70. 40 of 90 days are 44.44: 36.13 + 8.31. Back come 45.17 + 10.39."""
    charge = quarter(unit_price=100)
    MasterCharge.objects.update(price_includes_tax=True)
    billed()
    assert (nets(), taxes()) == ([8130], [1870])
    ends(charge, "2026-02-10")
    credited()
    assert nets() == [8130, -4517]  # 81.30 − 36.13
    assert taxes() == [1870, -1039]  # round(45.17 × 23 %)
    assert_sound()


def test_6_2_a_line_with_a_discount_gives_back_its_share_of_the_net() -> None:
    """90.00 less 10 % is 81.00; 40 of 90 days are 40.00 less 4.00 = 36.00. Back come 45.00."""
    charge = quarter()
    Discount.objects.create(key="loyal", name="Loyalty", charge=charge, percent=10)
    billed()
    assert nets() == [8100]
    ends(charge, "2026-02-10")
    credited()
    assert nets() == [8100, -4500]
    assert_sound()


def test_6_3_by_months_too() -> None:
    """March comes back of 81.30 with tax in the price, and of 81.00 after a discount."""
    period = quarters()
    inclusive, discounted = quarter(unit_price=100, period=period), quarter(period=period)
    Discount.objects.create(key="loyal", name="Loyalty", charge=discounted, percent=10)
    MasterCharge.objects.filter(charges=inclusive).update(price_includes_tax=True)
    billed()
    assert nets() == [8130, 8100]
    for charge in (inclusive, discounted):
        ends(charge, "2026-02-10")
    credited(basis="monthly")
    assert nets()[2:] == [-2710, -2700]  # 81.30 − 66.67 ÷ 1.23, and 81.00 − (60.00 − 6.00)
    assert_sound()


def test_6_6_all_of_an_invoice_with_tax_in_its_prices_gives_back_all_its_tax() -> None:
    """81.30 + 18.70: 40.00 by hand, then the rest."""
    quarter(unit_price=100)
    MasterCharge.objects.update(price_includes_tax=True)
    billed()
    invoice = Invoice.objects.get()
    for asked in ({"amount": 4000}, {}):
        credit_invoice(
            CreditAsked(invoice_id=invoice.pk, invoice_date=FEBRUARY, **asked),
            reason="goodwill",
            by=None,
            now=NOW,
        )
    assert (sum(nets()), sum(taxes())) == (0, 0)
    assert_sound()


@pytest.mark.parametrize(
    ("amount", "ends_before", "notes", "tax"),
    [
        ("-50.00", "2026-04-01", [-4000], [-920]),  # nothing is left of 90.00 − 50.00
        ("-20.00", "2026-05-11", [-3044], [-700]),  # 40 of 91 days stay, 39.56: 90.00 − 20.00 − 39.56
        ("-90.00", "2026-04-01", [], []),
        ("10.00", "2026-04-01", [-9000], [-2070]),  # what a person added is theirs to credit
    ],
)
def test_6_4_what_a_person_took_off_by_adjusting_is_not_given_back_as_well(
    amount: str, ends_before: str, notes: list[int], tax: list[int]
) -> None:
    """The second quarter, 90.00, is adjusted while it is a draft; then the charge ends."""
    charge = quarter()
    billed()
    run = build.run(cutoff=APRIL)
    adjust([run.invoice_set.get().lines.get().pk], amount=amount, reason="agreed", by=None, now=NOW)
    issued(run)
    ends(charge, ends_before)
    credited(cutoff=JULY)
    made = Invoice.objects.filter(document_type="credit_note")
    assert list(made.values_list("net_minor", flat=True)) == notes
    assert list(made.values_list("tax_minor", flat=True)) == tax
    assert_sound()
