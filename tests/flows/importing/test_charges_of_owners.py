"""Files of charges that name a billing customer or a dealer itself, and files of clients beside them."""

from __future__ import annotations

import io

import pytest

from counterfoil.flows.importing.export import export_csv, export_rows
from counterfoil.flows.importing.run import import_file
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.models import Client
from tests.flows.importing.files import counted, imported, told

HEADER = "charge,client,of_customer,of_dealer,code,starts_on"


@pytest.fixture(autouse=True)
def catalogue(bureau: None) -> None:
    """Store customers C1 and C2, site S1, dealer D1 that C2 pays for, D2 that nobody does, and MON: 30.00 a month."""
    imported("customers", "account,name", "C1,Brightwater", "C2,Harbour Ltd")
    imported("dealers", "dealer,name,customer", "D1,Harbour Alarms,C2", "D2,Dunes,")
    imported("clients", "client,name,customer", "S1,Site 1,C1")
    header = "code,name,kind,unit_price,usable_on"
    imported(
        "master-charges",
        header,
        "MON,Monitoring,service,30,",
        "FEE,Licence,service,9,dealer",
        "SITE,S,service,1,client",
    )


def test_a_row_names_a_client_or_who_is_charged_itself() -> None:
    rows = (
        "K1,S1,,,MON,2026-06-01",
        "K2,,C1,,MON,2026-06-01",
        "K3,,,D1,FEE,2026-06-01",
        "K4,,,D1,MON,2026-06-01",
    )
    assert counted(imported("charges", HEADER, *rows))["charges"] == (4, 0, 0)
    stored = Charge.objects.order_by("key")
    assert [(one.client.code, one.paid_by, one.while_commissioned) for one in stored] == [
        ("S1", "", None),
        ("C1", "direct", False),
        ("D1", "dealer", False),
        ("D1", "dealer", False),
    ]
    assert [one.who_pays.payer.account for one in stored] == ["C1", "C1", "C2", "C2"]
    assert counted(imported("charges", HEADER, *rows))["charges"] == (0, 0, 4)
    assert Client.objects.count() == 3


def test_a_dry_run_and_a_wrong_row_leave_no_own_client_behind() -> None:
    imported("charges", HEADER, "K1,,C1,,MON,2026-06-01", dry_run=True)
    imported("charges", HEADER, "K1,,C1,,MON,2026-06-01", "K2,,,D1,SITE,2026-06-01")
    assert (Client.objects.count(), Charge.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("K,S1,C1,,MON,2026-06-01", "client", "The row does not say once who is charged."),
        ("K,,,,MON,2026-06-01", "client", "The row does not say once who is charged."),
        ("K,,C9,,MON,2026-06-01", "of_customer", "There is no billing customer 'C9'."),
        ("K,,,D9,MON,2026-06-01", "of_dealer", "There is no dealer 'D9'."),
        (
            "K,,,D2,MON,2026-06-01",
            "of_dealer",
            "The dealer 'D2' has no billing customer, so nobody would pay.",
        ),
        ("K,S1,,,FEE,2026-06-01", "code", "The master charge is not for this, or not active on that day."),
        ("K,,C1,,FEE,2026-06-01", "code", "The master charge is not for this, or not active on that day."),
        ("K,,,D1,SITE,2026-06-01", "code", "The master charge is not for this, or not active on that day."),
    ],
)
def test_what_is_wrong_with_a_row_is_told(row: str, column: str, message: str) -> None:
    assert told(imported("charges", HEADER, row)) == [(2, column, message)]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("customer", "C2", "What a customer or a dealer is charged itself, it pays itself."),
        ("paid_by", "dealer", "What a customer or a dealer is charged itself, it pays itself."),
        (
            "while_commissioned",
            "yes",
            "A customer or a dealer itself is not commissioned, so it would never be billed.",
        ),
    ],
)
def test_what_follows_from_its_owner_is_not_said_otherwise(column: str, cell: str, message: str) -> None:
    report = imported("charges", f"{HEADER},{column}", f"K,,C1,,MON,2026-06-01,{cell}")
    assert told(report) == [(2, column, message)]


@pytest.mark.parametrize(
    "moved", ["K1,,C1,,MON,2026-06-01", "K2,S1,,,MON,2026-06-01", "K2,,,D1,MON,2026-06-01"]
)
def test_a_charge_stays_with_whom_it_charges(moved: str) -> None:
    imported("charges", HEADER, "K1,S1,,,MON,2026-06-01", "K2,,C1,,MON,2026-06-01")
    columns = [(row, column) for row, column, _ in told(imported("charges", HEADER, moved))]
    assert (2, "client") in columns
    assert Charge.objects.get(key="K2").client.own_of_customer is not None


def test_what_is_exported_is_imported_unchanged_and_brings_the_own_clients() -> None:
    imported("charges", HEADER, "K1,S1,,,MON,2026-06-01", "K2,,C1,,MON,2026-06-01", "K3,,,D1,FEE,2026-06-01")
    cells = {
        row["charge"]: (row["client"], row["of_customer"], row["of_dealer"]) for row in export_rows("charges")
    }
    assert cells == {"K1": ("S1", "", ""), "K2": ("", "C1", ""), "K3": ("", "", "D1")}
    assert [row["client"] for row in export_rows("clients")] == ["S1"]
    file = io.BytesIO()
    export_csv(kind="charges", file=file)
    file.seek(0)
    assert counted(import_file(kind="charges", file=file, name="charges.csv", dry_run=False, by=None))[
        "charges"
    ] == (0, 0, 3)
    Charge.objects.all().delete()
    Client.objects.exclude(code="S1").delete()
    file.seek(0)
    import_file(kind="charges", file=file, name="charges.csv", dry_run=False, by=None)
    assert {
        row["charge"]: (row["client"], row["of_customer"], row["of_dealer"]) for row in export_rows("charges")
    } == cells


def test_files_do_not_change_what_stands_for_an_owner() -> None:
    imported("charges", HEADER, "K2,,C1,,MON,2026-06-01")
    assert told(imported("clients", "client,name", "C1,Mine")) == [
        (2, "client", "This client stands for a billing customer or a dealer itself, and follows it.")
    ]
    report = imported("commissionings", "client,starts_on,ends_before", "C1,2026-01-01,2026-02-01")
    assert [column for _, column, _ in told(report)] == ["client"]


def test_a_file_of_customers_and_of_dealers_takes_their_own_clients_along() -> None:
    imported("charges", HEADER, "K2,,C1,,MON,2026-06-01", "K3,,,D1,FEE,2026-06-01")
    imported("customers", "account,name,city", "C1,Brightwater & Sons,Cork")
    imported("dealers", "dealer,name,customer", "D1,Harbour,C1")
    assert list(Client.objects.order_by("code").values_list("code", "name", "city", "customer__account")) == [
        ("C1", "Brightwater & Sons", "Cork", "C1"),
        ("D1", "Harbour", "", "C1"),
        ("S1", "Site 1", "", "C1"),
    ]
