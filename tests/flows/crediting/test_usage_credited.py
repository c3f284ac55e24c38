"""Usage that is credited, and what its grid period costs when more of it is billed (rules 3.4, 4.4, 6.2)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.charges.models import Charge
from tests import build
from tests.build import JUNE, NOW
from tests.flows.crediting.quarters import assert_sound, billed, credited, ends, issued, nets, span_of

pytestmark = pytest.mark.django_db(transaction=True)
TENTH, TWENTIETH, JULY = date(2026, 6, 11), date(2026, 6, 21), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def metered(*, part_charging: str = "daily", **values: object) -> Charge:
    """Store a charge for 3 units a day of June: 0.50 each for the first 60 of a month, 0.10 for the others."""
    tariff = build.tariff((0, "0.50"), (60, "0.10"))
    period = build.monthly(part_charging=part_charging)
    of = build.master(tariff=tariff, unit_price=None, name="Electricity", charge_period=period)
    charge = build.charge(master_charge=of, **values)
    build.meter(charge, {date(2026, 5, 1): 0, JUNE: 0, TENTH: 30, TWENTIETH: 60, JULY: 90})
    return charge


def test_3_4_units_credited_as_their_days_fell_away_are_not_counted() -> None:
    """30 units of a third of June, 30 billed and credited; all of June is 60 × 0.50 + 30 × 0.10 = 33.00."""
    charge = metered(ends_before=TENTH)
    billed(cutoff=JULY)
    ends(charge, "2026-06-21")
    billed(cutoff=JULY)
    ends(charge, "2026-06-11")
    issued(credited(cutoff=JULY))
    ends(charge, None)
    billed(cutoff=JULY)
    assert sum(nets()) == 3300
    assert_sound()


def test_3_4_units_billed_again_are_counted_once() -> None:
    """Two thirds of June, credited and billed again as they were; all of June is 33.00."""
    charge = metered(ends_before=TWENTIETH)
    invoice = billed(cutoff=JULY).invoice_set.get()
    asked = CreditAsked(invoice_id=invoice.pk, invoice_date=JULY, bills_again=True)
    issued(credit_invoice(asked, reason="x", by=None, now=NOW))
    ends(charge, None)
    billed(cutoff=JULY)
    assert sum(nets()) == 3300
    assert_sound()


def test_2_5_a_piece_of_usage_without_a_share_gives_its_days_up_when_it_is_credited() -> None:
    """Under `whole` the second piece adds units and no share; both pieces are credited, one after the other."""
    charge = metered(part_charging="whole", starts_on=date(2026, 5, 1), ends_before=TENTH)
    billed(cutoff=JULY)
    ends(charge, "2026-06-21")
    billed(cutoff=JULY)
    ends(charge, "2026-06-11")
    issued(credited(cutoff=JULY))
    assert span_of(charge) == ("2026-05-01", "2026-06-11")
    ends(charge, "2026-06-01")
    issued(credited(cutoff=JULY))
    assert span_of(charge) == ("2026-05-01", "2026-06-01")
    assert sum(nets()) == 0
    assert_sound()
