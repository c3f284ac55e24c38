"""Explanations, variances and forecasts through the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.clock import today
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.requesting import request_by_definition
from counterfoil.flows.billing.run import generate
from counterfoil.records.billing.models import BatchDefinition, Invoice, Run
from counterfoil.records.organisation.models import Branch, Organisation
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)

JUNE, JULY = build.JUNE, date(2026, 7, 1)


@pytest.fixture
def definition(transactional_db: None) -> BatchDefinition:
    """Store the organisation and a definition of everything."""
    build.organisation()
    return BatchDefinition.objects.create(name="all", title="All services", kinds=["service"])


def ran(definition: BatchDefinition, *, cutoff: date) -> Run:
    """Generate the run of *definition*."""
    request = request_by_definition(definition, cutoff=cutoff, invoice_date=cutoff)
    return generate(request, by=None, now=build.now)


def test_a_run_and_its_preview_against_last_time(definition: BatchDefinition, program: MakeProgram) -> None:
    """30.00 → 32.50, and a charge that is new at 30.00: 30.00 + 2.50 + 30.00 = 62.50."""
    charge = build.charge()
    june = issue.authorise(ran(definition, cutoff=JUNE).pk, by=None, now=build.NOW)
    charge.unit_price = Decimal("32.50")
    charge.save()
    new = build.charge(starts_on=JULY)
    erp = program()
    ahead = erp.post("/runs/preview/variance", {"definition": "all", "cutoff": "2026-07-01"}).json()
    run = ran(definition, cutoff=JULY)
    shown = erp.get(f"/runs/{run.pk}/variance").json()
    assert shown == ahead
    (total,) = shown["totals"]
    assert (shown["against"], total["before"], total["now"]) == (june.pk, "30.00", "62.50")
    assert {part: amount for part, amount in total["parts"].items() if amount != "0.00"} == {
        "price": "2.50",
        "new": "30.00",
    }
    (other, customer) = erp.get(f"/runs/{run.pk}/customers").json()["items"]
    assert (customer["account"], customer["state"]) == (new.client.customer.account, "in")
    assert other["amounts"] == [{"currency": "EUR", "documents": 1, "net": "32.50", "held": 0, "excluded": 0}]
    account = charge.client.customer.account
    assert erp.get(f"/runs/{run.pk}/customers", account=account).json()["items"] == [other]
    (told,) = erp.get(f"/invoices/{Invoice.objects.get(run=june).pk}/history").json()["items"]
    assert (told["what"], told["changes"]) == ("Generated", [])
    lines = erp.get(f"/runs/{run.pk}/variance/lines", reason="new").json()["items"]
    assert [(line["charge"], line["why"]) for line in lines] == [(new.key, "starts 1 July 2026")]
    assert erp.get(f"/runs/{june.pk}/variance").json() == {
        "against": None,
        "is_compared": True,
        "totals": [],
    }


def test_a_line_and_its_invoice_are_explained(definition: BatchDefinition, program: MakeProgram) -> None:
    build.charge(starts_on=date(2026, 7, 15))
    invoice = Invoice.objects.get(run=ran(definition, cutoff=date(2026, 7, 15)))
    erp = program()
    line = erp.get(f"/invoices/{invoice.pk}/lines/1/explanation").json()
    steps: dict[str, Any] = {step["topic"]: step for step in line["steps"]}
    assert steps["amount"]["value"] == "30.00 × 1 × 17/31 = 16.4516… → 16.45"
    assert steps["amount"]["rule"] == "3.1"
    assert erp.get(f"/invoices/{invoice.pk}/explanation").json() == {"lines": [line]}
    assert erp.get(f"/invoices/{invoice.pk}/lines/2/explanation").status_code == 404
    elsewhere = Branch.objects.create(organisation=Organisation.objects.get(), code="west", name="West")
    assert program(branches=[elsewhere]).get(f"/invoices/{invoice.pk}/explanation").status_code == 404


def test_charges_and_clients_are_forecast(definition: BatchDefinition, program: MakeProgram) -> None:
    first = today("UTC").replace(day=1)
    charge = build.charge(starts_on=first)
    erp = program()
    one = erp.get(f"/charges/{charge.pk}/forecast").json()
    assert (one["next_bill_date"], one["next_net"], one["total"]) == (str(first), "30.00", "360.00")
    assert len(one["months"]) == len(one["lines"]) == 12
    assert erp.get(f"/clients/{charge.client_id}/forecast").json() == {"charges": [one]}
