"""Files in legacy form: clients and dealers with their accounts in the same row."""

from __future__ import annotations

import pytest

from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from tests.flows.importing.files import counted, imported

pytestmark = pytest.mark.usefixtures("bureau")


@pytest.fixture(autouse=True)
def _legacy(bureau: None) -> None:
    """Store a bureau in legacy customer mode."""
    Organisation.objects.update(customer_mode="legacy")


def test_a_row_brings_its_client_or_dealer_and_its_account() -> None:
    dealers = imported(
        "dealers",
        "dealer,name,account,email,terms",
        "D1,Harbour Alarms,A-D1,d@example.com,30 days",
        "D2,Dunes,,,",
    )
    assert counted(dealers) == {"customers": (1, 0, 0), "dealers": (2, 0, 0)}
    header = "client,name,dealer,Account,currency,city,commissioned_on"
    rows = ("S1,Mill Lane,D1,A-S1,GBP,Cork,2026-01-01", "S2,Quay,D1,,,Kinsale,2026-01-01")
    assert counted(imported("clients", header, *rows)) == {"customers": (1, 0, 0), "clients": (2, 0, 0)}
    account = BillingCustomer.objects.get(account="A-S1")
    assert (account.name, account.currency, account.city) == ("Mill Lane", "GBP", "Cork")
    assert BillingCustomer.objects.get(account="A-D1").payment_terms == "30 days"
    assert list(Client.objects.values_list("code", "customer__account")) == [("S1", "A-S1"), ("S2", None)]
    assert list(Dealer.objects.values_list("code", "customer__account")) == [("D1", "A-D1"), ("D2", None)]
    assert counted(imported("clients", header, *rows)) == {"customers": (0, 0, 1), "clients": (0, 0, 2)}


def test_an_account_is_of_one_client_or_dealer_alone() -> None:
    counted(imported("clients", "client,name,account", "S1,Mill Lane,A-1", "S2,Quay,A-2"))
    for kind, header, row in (
        ("clients", "client,name,customer", "S3,Pier,A-1"),
        ("dealers", "dealer,name,customer", "D1,Harbour Alarms,A-1"),
    ):
        [problem] = imported(kind, header, row).problems
        assert problem.message.startswith("The account is that of another client or dealer.")
    [problem] = imported("clients", "client,name,account", "S3,Pier,A-3", "S4,Dock,A-3").problems
    assert (problem.kind, problem.row, problem.message) == (
        "customers",
        3,
        "The billing customer 'A-3' stands in row 2 already, and again in row 3.",
    )
    assert counted(imported("clients", "client,name,customer", "S1,Mill Lane,A-2", "S2,Quay,A-1")) == {
        "clients": (0, 2, 0)
    }


def test_charges_are_marked_and_name_no_customer() -> None:
    counted(imported("clients", "client,name,account", "S1,Mill Lane,A-1"))
    masters = "code,name,kind,unit_price,paid_by"
    counted(
        imported("master-charges", masters, "MON,Monitoring,service,30.00,", "MON-D,Dealer,service,20,Dealer")
    )
    header = "charge,client,code,starts_on,paid_by"
    counted(imported("charges", header, "K1,S1,MON,2026-06-01,dealer", "K2,S1,MON-D,2026-06-01,"))
    assert list(Charge.objects.values_list("key", "paid_by", "master_charge__paid_by")) == [
        ("K1", "dealer", "direct"),
        ("K2", "", "dealer"),
    ]
    [problem] = imported(
        "charges", "charge,client,code,starts_on,customer", "K3,S1,MON,2026-06-01,A-1"
    ).problems
    assert (problem.column, problem.remedy) == (
        "customer",
        "Empty the cell, and write direct or dealer in paid_by.",
    )
    [problem] = imported("overrides", "code,customer,unit_price", "MON,A-1,10.00").problems
    assert problem.message == "In legacy customer mode there are no prices of a customer."
    jobs = "sale,line,client,occurred_on,code,customer"
    [problem] = imported("sales", jobs, "V1,1,S1,2026-06-01,MON,A-1").problems
    assert problem.message == "In legacy customer mode the master charges of an event say who pays."


def test_columns_that_do_not_fit_are_named() -> None:
    problems = imported("clients", "client,name,account,customer", "S1,Mill Lane,A-1,A-1").problems
    assert [problem.message for problem in problems] == ["The column customer is there twice."]
    problems = imported("clients", "client,name,account,colour", "S1,Mill Lane,A-1,red").problems
    assert [problem.column for problem in problems] == ["colour"]
