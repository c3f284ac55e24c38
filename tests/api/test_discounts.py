"""Discounts, the organisation's tax status, tax points and charge summaries through the API."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.records.billing.models import BatchDefinition, Invoice, InvoiceLine
from counterfoil.records.catalog.models import TaxCategory, TaxRate
from counterfoil.records.organisation.models import Branch, Organisation, Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def test_4_5_discounts_are_listed_by_what_they_are_off(program: MakeProgram) -> None:
    charge = build.charge()
    build.discount(key="D1", charge=charge, ends_before=date(2027, 6, 1))
    build.discount(key="D2", customer=charge.client.customer, amount="2.50")
    erp = program()
    found: list[dict[str, Any]] = erp.get("/discounts").json()["items"]
    assert [(one["key"], one["percent"], one["amount"]) for one in found] == [
        ("D1", "10", None),
        ("D2", None, "2.5"),
    ]
    (only,) = erp.get("/discounts", charge=charge.key).json()["items"]
    assert (only["key"], only["charge"], only["ends_before"]) == ("D1", charge.key, "2027-06-01")
    assert erp.get(f"/discounts/{only['id']}").json() == only
    (added,) = erp.get(f"/discounts/{only['id']}/history").json()["items"]
    assert added["what"] == "added"
    far = Branch.objects.create(code="far", name="Far")
    assert program(branches=[far]).get("/discounts").json()["items"] == []
    assert program(branches=[far]).get(f"/discounts/{only['id']}/history").status_code == 404


def test_4_5_a_line_says_its_discount_and_its_invoice_its_order(program: MakeProgram) -> None:
    """30.00 less 10 % is 27.00; 23 % of it is 6.21."""
    charge = build.charge(po_number="PO-7")
    build.discount(charge=charge)
    build.run()
    erp = program()
    invoice = Invoice.objects.get()
    (line,) = erp.get(f"/invoices/{invoice.pk}/lines").json()["items"]
    assert (line["discount"], line["net"], line["tax"], line["includes_tax"]) == (
        "3.00",
        "27.00",
        "6.21",
        False,
    )
    assert erp.get(f"/invoices/{invoice.pk}").json()["po_number"] == "PO-7"
    summary = erp.get(f"/invoices/{invoice.pk}/summary")
    assert summary.content.startswith(b"%PDF")


def test_5_1_an_administrators_token_changes_the_tax_status(program: MakeProgram) -> None:
    erp = program()
    assert erp.get("/organisation").json()["tax_status"] == "standard"
    assert erp.patch("/organisation", {"tax_status": "exempt"}).json()["tax_status"] == "exempt"
    assert Organisation.objects.get().tax_status == "exempt"
    assert erp.patch("/organisation", {"tax_status": "heavenly"}).status_code == 422
    changed = erp.patch("/organisation", {"four_eyes": True, "timezone": "Europe/Dublin"}).json()
    assert (changed["four_eyes"], changed["timezone"], changed["tax_status"]) == (
        True,
        "Europe/Dublin",
        "exempt",
    )
    nowhere = erp.patch("/organisation", {"timezone": "Dublin"})
    assert nowhere.status_code == 422
    assert "'Dublin' is not a time zone of the tz database" in nowhere.content.decode()
    refused = program(Role.BILLER).patch("/organisation", {"tax_status": "standard"})
    assert problem_of(refused)[0] == 403


def test_5_1_a_run_has_a_tax_point_of_its_own(program: MakeProgram) -> None:
    """19 % from June on; with the last day of May as tax point the rate is still 23 %: 30.00 + 6.90."""
    standard = TaxCategory.objects.get(code="standard")
    TaxRate.objects.create(category=standard, rate=19, valid_from=build.JUNE)
    build.charge()
    BatchDefinition.objects.create(
        name="all",
        title="All",
        kinds=["service"],
        amalgamated=True,
        keeps_zero=True,
        grouping="po",
        attaches_summary=True,
    )
    erp = program()
    asked = {"definition": "all", "cutoff": "2026-06-01", "invoice_date": "2026-06-01"}
    shown = erp.post("/runs/preview", {**asked, "tax_point": "2026-05-31"}).json()
    assert shown["totals"][0]["gross"] == "36.90"
    assert erp.post("/runs/preview", asked).json()["totals"][0]["gross"] == "35.70"  # 30.00 × 1.19
    definition = erp.get("/definitions/all").json()
    assert definition["attaches_summary"] is True
    assert (definition["amalgamated"], definition["keeps_zero"], definition["grouping"]) == (True, True, "po")
    assert not InvoiceLine.objects.exists()
