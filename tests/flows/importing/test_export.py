"""Export: importing what was exported changes nothing, whatever is in it."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from counterfoil.flows.importing.export import export_csv, export_excel, export_rows
from counterfoil.flows.importing.kinds import KINDS, UnknownKind
from counterfoil.flows.importing.run import import_file
from counterfoil.records.charges.models import Charge, Meter
from counterfoil.records.parties.models import BillingCustomer
from tests.flows.importing.files import counted, imported

FORMULA = '=HYPERLINK("http://example.com";"x")'


@pytest.fixture(autouse=True)
def stored(bureau: None) -> None:
    """Store something of every kind, with everything that is hard to carry."""
    imported("tax-rates", "category,rate,valid_from,name,country", "reduced,13.5,2026-01-01,Reduced rate,DE")
    imported(
        "customers",
        "account,name,email,address",
        f'"=C1","{FORMULA.replace(chr(34), chr(34) * 2)}",a@example.com;b@example.com,"Line 1, ""Quay""\nLine 2"',
        '+353,"\'\'=doubly",,"\'t Hooft"',
        "0042,Zoë – Łódź,,-1",
    )
    imported("dealers", "dealer,name,customer,active", "D1,@dealer,0042,no")
    imported("clients", "client,name,customer,dealer,commissioned_on", "S1,Site,0042,D1,2026-02-28")
    imported(
        "contacts",
        "customer,client,dealer,name,function,phone,email",
        "0042,,,=Zoë,Accounts,+353 1 555,z@example.com",
        ",S1,,Nuala,,,",
        ",,D1,@home,-1,,",
    )
    imported(
        "master-charges",
        "code,name,kind,unit_price,quantity,tax_category,every,anchor,billing_day,offset,while_commissioned",
        "MON,Mon,service,29.85,0.000001,standard,3 months,2026-01-31,,-14,yes",
        "DAY,Day,service,,1,,1 year,,31,0,no",
        "NIL,Nil,service,1000000000000,1,,none,,,,",
        "ACT,Act,activation,-5,1,,,,,,",
    )
    imported(
        "overrides",
        "code,customer,dealer,unit_price,quantity,description,every,assignable,while_commissioned",
        "MON,0042,,19.99,2,-cheaper,,no,",
        "MON,,D1,,,,2 months,yes,yes",
    )
    imported(
        "tariffs",
        "tariff,from_units,unit_price,fee,counts,mode,unit,unit_step,allowance,minimum",
        "=POWER,0,0.305,2.5,meter,volume,kWh,0.1,12.5,5",
        "=POWER,100,0.295,,meter,volume,kWh,0.1,12.5,5",
        "Calls,0,25,,activations,graduated,,1,2,0",
    )
    imported(
        "master-charges",
        "code,name,kind,unit_price,tariff",
        "KWH,Power,service,,=POWER",
    )
    imported(
        "charges",
        "charge,client,code,starts_on,customer,last_day,quantity,unit_price,description,billed_to,every,anchor,"
        "billing_day,while_commissioned",
        "K1,S1,MON,2026-06-01,+353,2026-12-31,2,-19.99,-discount,2026-07-01,,,,no",
        "K2,S1,MON,2026-06-01,,,,,,,1 month,start,,",
        "K3,S1,DAY,2026-06-01,,,,,,,,,15,yes",
        "K4,S1,DAY,2026-06-01,,,,,,,,,,",
        "K5,S1,KWH,2026-06-01,,,,,,,,,,",
    )
    what_is_counted_and_done()
    what_changes_prices()


def what_is_counted_and_done() -> None:
    """Store meters, readings and events of every kind."""
    imported(
        "meters",
        "meter,charge,name,digits,tolerance_days,may_be_estimated",
        "-E1,K5,Cellar,5,3,yes",
        "E2,K5,,,,",
    )
    imported("readings", "meter,read_on,value,estimated", "-E1,2026-06-01,99990.5,", "-E1,2026-07-01,12,yes")
    imported(
        "activations",
        "activation,client,code,occurred_on,to_be_billed_on,customer,chargeable,description,unit_price",
        "A1,S1,ACT,2026-06-03,2026-06-05,+353,no,=alarm,12.5",
        "A2,S1,ACT,2026-06-03,,,,,",
    )
    lines = "line,client,code,occurred_on,to_be_billed_on,quantity,line_description,po_number,tax_category"
    imported(
        "work-orders",
        f"work_order,{lines}",
        "W1,1,S1,ACT,2026-06-03,,2,Labour,PO 7,reduced",
        "W1,2,S1,MON,2026-06-03,,,,PO 7,",
    )
    imported("dispatches", f"dispatch,{lines}", "X1,1,S1,ACT,2026-06-03,2026-06-30,,,,")
    imported("sales", f"sale,{lines}", "=Q1,1,S1,DAY,2026-06-03,2026-06-30,1.5,,,")
    imported(
        "invoices",
        "invoice,customer,invoice_date,client,description,unit_price,tax_category,po_number",
        "=I1,0042,2026-06-03,S1,=Cable,7.05,standard,PO 8",
    )


def what_changes_prices() -> None:
    """Store discounts, escalations, past commissionings and prices by date."""
    imported(
        "discounts",
        "discount,name,percent,amount,code,charge,customer,starts_on,last_day",
        "=D1,First year,10,,,K1,,2026-06-01,2027-05-31",
        "D2,@Spring,,2.50,MON,,0042,,",
    )
    imported("escalations", "escalation,rate,on_date,yearly", "=Yearly,-3.5,2027-01-01,yes")
    imported("commissionings", "client,starts_on,last_day", "S1,2020-01-01,2020-12-31")
    imported(
        "prices",
        "charge,code,customer,valid_from,unit_price",
        "K1,,,2026-07-01,-20.50",
        ",MON,,2026-07-01,",
        ",MON,0042,2026-07-01,12.34",
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("export", [export_csv, export_excel])
def test_what_was_exported_is_imported_unchanged(kind: str, export) -> None:  # type: ignore[no-untyped-def]
    file = io.BytesIO()
    count = export(kind=kind, file=file)
    assert count > 0
    report = import_file(kind=kind, file=file, name=kind, dry_run=True, by=None)
    assert counted(report)[kind] == (0, 0, count)
    assert {(one.state, one.changes) for one in report.outcomes} == {("same", ())}


def test_nothing_in_a_csv_is_a_formula() -> None:
    file = io.BytesIO()
    export_csv(kind="customers", file=file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert [(row["account"], row["name"]) for row in rows] == [
        ("'+353", "''=doubly"),
        ("0042", "Zoë – Łódź"),
        ("'=C1", f"'{FORMULA}"),
    ]
    assert BillingCustomer.objects.get(account="+353").name == "'=doubly"  # read from ''=doubly


def test_negative_numbers_stay_numbers() -> None:
    row = next(row for row in export_rows("charges") if row["charge"] == "K1")
    assert (row["unit_price"], row["description"], row["last_day"]) == ("-19.99", "'-discount", "2026-12-31")
    master = next(row for row in export_rows("master-charges") if row["code"] == "MON")
    assert (master["offset"], master["quantity"], master["every"]) == ("-14", "0.000001", "3 months")


def test_a_workbook_has_numbers_dates_and_texts_but_no_formula() -> None:
    file = io.BytesIO()
    export_excel(kind="customers", file=file)
    names = [cell.value for cell in load_workbook(file)["customers"]["B"]]
    assert names == ["name", "''=doubly", "Zoë – Łódź", f"'{FORMULA}"]
    file = io.BytesIO()
    export_excel(kind="charges", file=file)
    sheet = load_workbook(file)["charges"]
    types = {cell.value: sheet.cell(2, cell.column).data_type for cell in sheet[1]}
    assert (types["charge"], types["starts_on"], types["unit_price"]) == ("s", "d", "n")


def test_a_kind_of_which_there_is_nothing_is_a_header() -> None:
    Meter.objects.all().delete()
    Charge.objects.all().delete()
    file = io.BytesIO()
    assert export_csv(kind="charges", file=file) == 0
    assert file.getvalue().decode().startswith("charge,client,code,starts_on,customer,last_day,")


def test_other_kinds_are_refused() -> None:
    with pytest.raises(UnknownKind, match="'runs' is no kind of file"):
        export_csv(kind="runs", file=io.BytesIO())
