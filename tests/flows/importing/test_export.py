"""Export: importing what was exported changes nothing, whatever is in it."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from counterfoil.flows.importing.export import export_csv, export_excel, export_rows
from counterfoil.flows.importing.kinds import KINDS, UnknownKind
from counterfoil.flows.importing.run import import_file
from counterfoil.records.charges.models import Charge
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
        "master-charges",
        "code,name,kind,unit_price,quantity,tax_category,every,anchor,billing_day,offset,while_commissioned",
        "MON,Mon,service,29.85,0.000001,standard,3 months,2026-01-31,,-14,yes",
        "DAY,Day,service,,1,,1 year,,31,0,no",
        "NIL,Nil,service,1000000000000,1,,none,,,,",
        "ACT,Act,activation,-5,1,,,,,,",
    )
    imported(
        "charges",
        "charge,client,code,starts_on,customer,last_day,quantity,unit_price,description,billed_to,every,anchor,"
        "billing_day,while_commissioned",
        "K1,S1,MON,2026-06-01,+353,2026-12-31,2,-19.99,-discount,2026-07-01,,,,no",
        "K2,S1,MON,2026-06-01,,,,,,,1 month,start,,",
        "K3,S1,DAY,2026-06-01,,,,,,,,,15,yes",
        "K4,S1,DAY,2026-06-01,,,,,,,,,,",
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("export", [export_csv, export_excel])
def test_what_was_exported_is_imported_unchanged(kind: str, export) -> None:  # type: ignore[no-untyped-def]
    file = io.BytesIO()
    count = export(kind=kind, file=file)
    assert count > 0
    report = import_file(kind=kind, file=file, name=kind, dry_run=False, by=None)
    assert counted(report)[kind] == (0, 0, count)


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
    Charge.objects.all().delete()
    file = io.BytesIO()
    assert export_csv(kind="charges", file=file) == 0
    assert file.getvalue().decode().startswith("charge,client,code,starts_on,customer,last_day,")


def test_other_kinds_are_refused() -> None:
    with pytest.raises(UnknownKind, match="'runs' is no kind of file"):
        export_csv(kind="runs", file=io.BytesIO())
