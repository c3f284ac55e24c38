"""Why a stored line costs what it costs, from the database as it was then (product A8)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from counterfoil.core.explained import Step
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.explaining import NoSuchLine, explain_lines, explain_previewed
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import PriceChange
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation(transactional_db: None) -> None:
    build.organisation()


def generated(**request: Any) -> Run:
    """Generate a run at this very moment: the trail is written by the database's clock."""
    from counterfoil.flows.billing.run import generate

    def now() -> datetime:
        return datetime.now(tz=UTC)

    return generate(build.request(**request), by=None, now=now)


def steps_of(run: Run) -> dict[str, Step]:
    """Return the steps of the run's last line by topic, the last of each."""
    invoice = Invoice.objects.filter(run=run).order_by("-pk").first()
    assert invoice is not None
    explained = explain_lines(invoice)[-1]
    return {step.topic: step for step in explained.steps}


def test_every_value_names_the_level_that_set_it() -> None:
    """Rule 4.1: each value is looked up separately."""
    charge = build.charge(quantity=2, starts_on=date(2026, 6, 14))
    ChargeOverride.objects.create(
        master_charge=charge.master_charge, customer=charge.client.customer, unit_price=25
    )
    steps = steps_of(generated(cutoff=date(2026, 6, 14)))
    told = {
        topic: (steps[topic].value, steps[topic].why) for topic in ("unit_price", "quantity", "description")
    }
    assert told == {
        "unit_price": ("25.00", "from the customer's override"),
        "quantity": ("2", "from the charge itself"),
        "description": ("Monitoring", "from the master charge"),
    }
    assert steps["charge_period"].why == "from the master charge"
    assert steps["tax_category"].value == "Standard"


def test_the_share_the_product_and_the_rounding() -> None:
    """Rules 3 and 3.1."""
    build.charge(starts_on=date(2026, 7, 15))
    steps = steps_of(generated(cutoff=date(2026, 7, 15)))
    assert (steps["share"].value, steps["share"].why) == ("17/31", "17 of 31 days")
    assert steps["amount"].value == "30.00 × 1 × 17/31 = 16.4516… → 16.45"
    assert steps["period"].value == "15 July 2026 – 31 July 2026"
    assert steps["net"].value == "16.45"


def test_tax_is_that_of_the_group() -> None:
    """Rules 5.1 to 5.3: 23 % of 60.00 is 13.80, of which this line has 6.90."""
    one = build.charge()
    build.charge(client=one.client)
    steps = steps_of(generated())
    assert steps["rate"].value == "23 %"
    assert steps["rate"].why == (
        "Standard, the rate for every country valid from 1 January 2000, at the tax point 1 June 2026; "
        "seller and customer are taxed as standard"
    )
    assert steps["group"].value == "13.80"
    assert steps["group"].why == "2 lines of this category and rate: 60.00 × 23 % = 13.80 → 13.80"
    assert steps["tax"].value == "6.90"


def test_values_are_those_of_then_though_all_changed_since() -> None:
    charge = build.charge(quantity=2)
    run = generated()
    charge.quantity = None
    charge.save()
    MasterCharge.objects.update(quantity=5, unit_price=99)
    steps = steps_of(run)
    assert (steps["quantity"].value, steps["quantity"].why) == ("2", "from the charge itself")
    assert (steps["unit_price"].value, steps["unit_price"].why) == ("30.00", "from the master charge")


def test_where_the_trail_does_not_reach_back_it_says_so() -> None:
    """The builders' clock is before the trail began."""
    build.charge()
    steps = steps_of(build.run())
    assert steps["quantity"].why.startswith("which level set it is not known any more: the audit trail")
    assert steps["amount"].value == "30.00 × 1 × 1 = 30.00"


def test_earlier_parts_of_a_period_are_named() -> None:
    """Rule 3.4: 1.00 × 10/30 is 0.33; all 30 days are 1.00, so the other 20 add 0.67."""
    charge = build.charge(unit_price=1, ends_before=date(2026, 6, 11))
    generated()
    charge.ends_before = None
    charge.save()
    steps = steps_of(generated())
    assert steps["earlier"].value == "0.33"
    assert steps["pieces"].value == "0.67"
    assert "1.00 × 1 × 1 = 1.00, less the earlier ones 0.33" in steps["pieces"].why


def test_a_line_that_is_not_there_is_refused() -> None:
    build.charge()
    invoice = Invoice.objects.get(run=build.run())
    with pytest.raises(NoSuchLine, match="lines 1 to 1"):
        explain_lines(invoice, line_no=7)


def test_a_line_of_a_preview_is_explained_as_it_would_be() -> None:
    """Rule 12.1: the same words, but for the document there is none of."""
    charge = build.charge(starts_on=date(2026, 7, 15))
    build.charge(client=charge.client)
    request = build.request(cutoff=date(2026, 7, 15))
    now = datetime.now(tz=UTC)
    (ahead,) = explain_previewed(preview(request), request=request, charge_id=charge.pk, now=now)
    run = generated(cutoff=date(2026, 7, 15))
    invoice = Invoice.objects.get(run=run)
    stored = explain_lines(invoice)[0]
    assert [step for step in stored.steps if step.topic != "document"] == list(ahead.steps)


def test_a_dated_price_says_since_when() -> None:
    """Rule 4.2."""
    charge = build.charge(starts_on=JULY)
    PriceChange.objects.create(charge=charge, valid_from=date(2026, 6, 20), unit_price=35)
    steps = steps_of(generated(cutoff=JULY))
    assert steps["unit_price"].value == "35.00"
    assert steps["unit_price"].why == "from the charge itself, 35 since 20 June 2026"
