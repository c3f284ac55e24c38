"""Printed reports: what they say of a client and of an event, in which language (product C4)."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from counterfoil.core.report import Report
from counterfoil.documents.look import Look
from counterfoil.documents.report_sheet import report_sheet_of
from counterfoil.flows.billing.review import exclude
from counterfoil.flows.reporting import printed_report, report_on_client, report_on_event
from counterfoil.records.billing.models import Invoice
from counterfoil.records.parties.models import Contact
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 6, 15)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation(language="de")


def tables(report: Report) -> dict[str, list[list[str]]]:
    """Return the rows of each table as they are printed."""
    found: list[dict[str, Any]] = report_sheet_of(report, look=Look())["tables"]
    return {table["title"]: table["groups"][0]["lines"] for table in found}


def test_a_client_has_its_charges_meters_events_and_what_was_billed() -> None:
    charge = build.charge(quantity=2, starts_on=date(2026, 6, 1), description="Intruder alarm")
    site = charge.client
    usage = build.charge(client=site, master_charge=build.master(tariff=build.tariff((0, "1"))))
    build.meter(usage, {date(2026, 6, 1): 100}, key="E-1", name="Cellar")
    build.event(client=site, key="A1", description="Front door", occurred_on=date(2026, 6, 3))
    Contact.objects.create(client=site, name="Nuala Quay", function="Keyholder", phone="+353 1 555")
    build.run()
    report = report_on_client(site, day=DAY, language="en")
    assert report_sheet_of(report, look=Look())["title"] == f"Client {site.code}"
    assert ["As of", "15 Jun 2026"] in report_sheet_of(report, look=Look())["facts"]
    found = tables(report)
    assert list(found) == ["Charges", "Meters", "Events", "Billed", "Contacts"]
    assert found["Charges"][0] == [
        f"Intruder alarm\n{charge.key} · {charge.master_charge.code}",
        "from 1 Jun 2026",
        "2",
        "EUR 30.00",
        str(charge.master_charge.charge_period),
        site.customer.name,
    ]
    assert found["Charges"][1][2:4] == ["", "by tariff"]
    assert found["Meters"] == [["E-1 Cellar", "1 Jun 2026", "100 kWh"]]
    assert found["Events"] == [["A1\nFront door", "3 Jun 2026", "To be billed", ""]]
    assert found["Billed"] == [["Intruder alarm", "1–30 Jun 2026", "Draft", "EUR 60.00"]]
    assert found["Contacts"] == [["Nuala Quay\nKeyholder", "+353 1 555", ""]]
    text = PdfReader(io.BytesIO(printed_report(report))).pages[0].extract_text()
    assert "Intruder alarm" in text
    exclude([Invoice.objects.get().pk], reason="a mistake", by=None, now=build.NOW)
    assert "Billed" not in tables(report_on_client(site, day=DAY, language="en"))


def test_an_event_says_what_it_comes_to_before_and_after_it_is_charged() -> None:
    """2.5 × 40.00 is 100.00, whether a run has billed it or would."""
    event = build.event({"unit_price": "40.00", "quantity": "2.5"}, kind="work_order", key="W1")
    report = report_on_event(event, day=DAY)
    sheet = report_sheet_of(report, look=Look())
    assert sheet["title"] == "Auftrag W1"
    assert ["Zustand", "Abzurechnen"] in sheet["facts"]
    (line,) = tables(report)["Positionen"]
    assert line[1:] == ["2,5", "40,00 EUR", "100,00 EUR"]
    build.run(kinds=("work_order",))
    after = report_on_event(event, day=DAY)
    assert tables(after) == tables(report)
    assert ["Zustand", "Berechnet"] in report_sheet_of(after, look=Look())["facts"]
    assert ["Berechnet mit", "Entwurf"] in report_sheet_of(after, look=Look())["facts"]
    assert printed_report(after).startswith(b"%PDF")
