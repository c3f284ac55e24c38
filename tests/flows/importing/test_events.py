"""The files of events and of usage: activations, work-orders, tariffs, meters, readings."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.records.catalog.models import MasterCharge, Tariff
from counterfoil.records.charges.models import BillableEvent, EventCharge, Meter, Reading
from tests import build
from tests.flows.importing.files import counted, imported, told

JUNE = date(2026, 6, 1)
ORDER = "work_order,line,client,code,occurred_on,to_be_billed_on,quantity"


@pytest.fixture(autouse=True)
def stored(bureau: None) -> None:
    """Store a client, its customer, and what events are charged by."""
    imported("customers", "account,name", "C1,Harbour Stores")
    imported("clients", "client,name,customer", "S1,Site,C1")
    imported(
        "master-charges",
        "code,name,kind,unit_price,tax_category",
        "ALARM,Response,activation,40,standard",
        "HOUR,Hour,work_order,65,standard",
    )


def test_an_activation_brings_its_charge_and_is_billed_on_the_day_it_occurred() -> None:
    report = imported("activations", "activation,client,code,occurred_on", "A1,S1,ALARM,2026-05-28")
    assert counted(report)["activations"] == (1, 0, 0)
    event = BillableEvent.objects.get(key="A1")
    assert (event.kind, event.to_be_billed_on, event.is_chargeable) == ("activation", date(2026, 5, 28), True)
    assert event.charges.get().master_charge.code == "ALARM"


def test_a_work_order_has_a_row_a_line_and_is_not_billed_before_a_day_is_given() -> None:
    rows = [ORDER, "W1,1,S1,HOUR,2026-05-28,,2", "W1,2,S1,ALARM,2026-05-28,,"]
    assert counted(imported("work-orders", *rows)) == {
        "work-order-events": (1, 0, 0),
        "work-orders": (2, 0, 0),
    }
    event = BillableEvent.objects.get(key="W1")
    assert event.to_be_billed_on is None
    assert [str(charge.quantity) for charge in event.charges.all()] == ["2", "None"]
    assert counted(imported("work-orders", *rows)) == {
        "work-order-events": (0, 0, 1),
        "work-orders": (0, 0, 2),
    }


def test_rows_that_say_different_things_about_one_work_order_are_refused() -> None:
    report = imported("work-orders", ORDER, "W1,1,S1,HOUR,2026-05-28,,", "W1,2,S1,HOUR,2026-05-29,,")
    assert told(report) == [
        (3, "work_order", "The work order 'W1' stands in row 2 already, and again in row 3.")
    ]


def test_a_key_belongs_to_one_event() -> None:
    imported("activations", "activation,client,code,occurred_on", "A1,S1,ALARM,2026-05-28")
    report = imported("sales", "sale,line,client,code,occurred_on", "A1,1,S1,ALARM,2026-05-28")
    assert told(report) == [(2, "sale", "The key belongs to an event that is no sale.")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "row", ["A1,S1,ALARM,2026-05-27,", "A1,S1,HOUR,2026-05-28,", "A1,S1,ALARM,2026-05-28,39"]
)
def test_a_changed_event_that_is_charged_is_refused(row: str) -> None:
    header = "activation,client,code,occurred_on,unit_price"
    first = "A1,S1,ALARM,2026-05-28,"
    imported("activations", header, first)
    build.run(cutoff=JUNE, kinds=("activation",))
    assert counted(imported("activations", header, first))["activations"] == (0, 0, 1)
    report = imported("activations", header, row)
    assert {line[2] for line in told(report)} == {
        "The activation is charged already, so it stays as it was billed."
    }
    assert EventCharge.objects.get().unit_price is None


@pytest.mark.django_db(transaction=True)
def test_a_line_is_not_added_to_a_work_order_that_is_charged() -> None:
    imported("work-orders", ORDER, "W1,1,S1,HOUR,2026-05-28,2026-05-28,")
    build.run(cutoff=JUNE, kinds=("work_order",))
    report = imported("work-orders", ORDER, "W1,2,S1,HOUR,2026-05-28,2026-05-28,")
    assert told(report) == [
        (2, "work_order", "The work order is charged already, so it stays as it was billed.")
    ]


def test_a_dry_run_stores_nothing_and_says_what_is_wrong() -> None:
    header = "activation,client,code,occurred_on"
    assert counted(imported("activations", header, "A1,S1,ALARM,2026-05-28", dry_run=True))
    assert told(imported("activations", header, "A1,S9,ALARM,2026-05-28", "A2,S1,X,yesterday", dry_run=True))
    assert not BillableEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tariffs_meters_and_readings() -> None:
    tariffs = ("tariff,from_units,unit_price,unit,allowance", "Power,0,0.30,kWh,10", "Power,100,0.25,kWh,10")
    assert counted(imported("tariffs", *tariffs)) == {"tariff-terms": (1, 0, 0), "tariffs": (2, 0, 0)}
    assert counted(imported("tariffs", *tariffs)) == {"tariff-terms": (0, 0, 1), "tariffs": (0, 0, 2)}
    imported(
        "master-charges", "code,name,kind,unit_price,tariff,tax_category", "KWH,Power,service,,Power,standard"
    )
    imported("charges", "charge,client,code,starts_on", "K1,S1,KWH,2026-05-01")
    imported("meters", "meter,charge,tolerance_days", "E1,K1,2")
    imported("readings", "meter,read_on,value", "E1,2026-05-01,100", "E1,2026-06-02,230.5")
    assert MasterCharge.objects.get(code="KWH").tariff == Tariff.objects.get()
    assert Meter.objects.get().readings.count() == 2
    run = build.run(cutoff=JUNE)
    assert run.totals.get().net_minor == 3525  # 131 units, 10 free: 100 × 0.30 + 21 × 0.25
    imported("readings", "meter,read_on,value", "E1,2026-06-02,231")
    assert str(Reading.objects.get(read_on=date(2026, 6, 2)).value) == "231"


def test_a_sheet_that_is_filled_in_in_part_is_taken_in_in_part(bureau: None) -> None:
    charge = build.charge(master_charge=build.master(tariff=build.tariff((0, "1"))))
    meters = [build.meter(charge, {JUNE: 100}) for _ in range(2)]
    header = "meter,read_on,value,client,client_name,meter_name,unit,last_read_on,last_value"
    rows = [
        f"{meter.key},2026-07-01,{value},S1,Site,,kWh,2026-06-01,100"
        for meter, value in zip(meters, ("", "180"), strict=True)
    ]
    report = imported("readings", header, *rows)
    assert (counted(report), report.rows, report.left_out) == ({"readings": (1, 0, 0)}, 2, 1)
    assert str(Reading.objects.get(meter=meters[1], read_on="2026-07-01").value) == "180"


def test_readings_that_cannot_be_meant_are_refused() -> None:
    report = imported("readings", "meter,read_on,value", "E1,2026-05-01,-3")
    assert [line[1] for line in told(report)] == ["value", "meter"] or [line[1] for line in told(report)] == [
        "meter",
        "value",
    ]
