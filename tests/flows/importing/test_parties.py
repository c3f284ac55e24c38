"""Files of customers, dealers and clients: created, changed, left alone."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import BillingCustomer, Client, CustomerGroup, Dealer
from tests.flows.importing.files import counted, imported, told

pytestmark = pytest.mark.usefixtures("bureau")

HEADER = "account,name,email,currency,country,tax_id,tax_status,terms,delivery,language"
ROW = "C1,Brightwater Stores,a@example.com;b@example.com,GBP,GB,GB980780684,zero,30 days,print,en"


def test_every_column_of_a_customer_is_stored() -> None:
    assert counted(imported("customers", HEADER, ROW)) == {"customers": (1, 0, 0)}
    stored = BillingCustomer.objects.get()
    assert (stored.account, stored.name, stored.email) == (
        "C1",
        "Brightwater Stores",
        "a@example.com;b@example.com",
    )
    assert (stored.currency, stored.country, stored.tax_id, stored.tax_status) == (
        "GBP",
        "GB",
        "GB980780684",
        "zero",
    )
    assert (stored.payment_terms, stored.delivery, stored.language) == ("30 days", "print", "en")
    assert (stored.branch.code, stored.is_active) == ("main", True)


def test_what_a_new_customer_is_not_given_is_the_default() -> None:
    imported("customers", "account,name,currency,delivery", "C1,Brightwater,,")
    stored = BillingCustomer.objects.get()
    assert (stored.currency, stored.delivery, stored.tax_status) == ("EUR", "email", "standard")
    assert (stored.email, stored.country, stored.payment_terms, stored.branch.code) == ("", "", "", "main")


def test_the_same_file_again_changes_nothing() -> None:
    imported("customers", HEADER, ROW)
    assert counted(imported("customers", HEADER, ROW)) == {"customers": (0, 0, 1)}


def test_a_changed_row_changes_its_object_and_no_other() -> None:
    imported("customers", "account,name", "C1,Old name", "C2,Other")
    again = imported("customers", "account,name", "C1,New name", "C2,Other", "C3,Third")
    assert counted(again) == {"customers": (1, 1, 1)}
    assert BillingCustomer.objects.get(account="C1").name == "New name"


def test_a_column_that_is_absent_leaves_what_is_stored_and_an_empty_cell_clears_it() -> None:
    imported("customers", HEADER, ROW)
    imported("customers", "account,name", "C1,Brightwater Stores")
    assert BillingCustomer.objects.get().email == "a@example.com;b@example.com"
    imported("customers", "account,name,email,currency", "C1,Brightwater Stores,,")
    stored = BillingCustomer.objects.get()
    assert (stored.email, stored.currency, stored.tax_status) == ("", "EUR", "zero")


def test_columns_may_come_in_any_order_and_case() -> None:
    counted(imported("customers", "Name , ACCOUNT", "Brightwater,C1"))
    assert BillingCustomer.objects.get().name == "Brightwater"


def test_a_customer_is_put_into_a_group_that_there_is() -> None:
    CustomerGroup.objects.create(name="Schools")
    imported("customers", "account,name,group", "C1,Hilltop School,Schools", "C2,Brightwater,")
    assert list(CustomerGroup.objects.get().customers.values_list("account", flat=True)) == ["C1"]
    [problem] = imported("customers", "account,name,group", "C1,Hilltop School,Shops").problems
    assert problem.message == "There is no customer group 'Shops'."
    assert problem.remedy == "Correct the cell; there are Schools."
    imported("customers", "account,name,group", "C1,Hilltop School,")
    assert BillingCustomer.objects.get(account="C1").group is None


def test_a_customer_can_be_moved_to_another_branch_and_set_inactive() -> None:
    Branch.objects.create(code="north", name="North")
    imported("customers", "account,name,branch,active", "C1,Brightwater,north,no")
    stored = BillingCustomer.objects.get()
    assert (stored.branch.code, stored.is_active) == ("north", False)


def test_dealers_and_clients_refer_to_what_is_there() -> None:
    imported("customers", "account,name", "C1,Payer", "C2,Reseller")
    assert counted(imported("dealers", "dealer,name,customer", "D1,Reseller,C2", "D2,Free,")) == {
        "dealers": (2, 0, 0)
    }
    header = "client,name,customer,dealer,commissioned_on,decommissioned_on,address,postcode,city"
    row = 'S1,Site 1,C1,D1,2026-01-01,2026-12-31,"Unit 4, Harbour Road",ZZ9 9ZZ,Seaford'
    assert counted(imported("clients", header, row)) == {"clients": (1, 0, 0)}
    client = Client.objects.get()
    assert (client.customer.account, client.dealer.code) == ("C1", "D1")  # type: ignore[union-attr]
    assert (client.commissioned_on, client.decommissioned_on) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (client.address, client.postcode, client.city) == ("Unit 4, Harbour Road", "ZZ9 9ZZ", "Seaford")
    assert Dealer.objects.get(code="D2").customer is None
    assert counted(imported("clients", header, row)) == {"clients": (0, 0, 1)}


def test_an_empty_reference_clears_it() -> None:
    imported("customers", "account,name", "C1,Payer")
    imported("clients", "client,name,customer", "S1,Site 1,C1")
    assert counted(imported("clients", "client,name,customer", "S1,Site 1,")) == {"clients": (0, 1, 0)}
    assert Client.objects.get().customer is None


def test_what_is_referred_to_must_be_there() -> None:
    report = imported("clients", "client,name,customer,dealer,branch", "S1,Site,C9,D9,east", "S2,Site,,,main")
    assert told(report) == [
        (2, "branch", "There is no branch 'east'."),
        (2, "customer", "There is no billing customer 'C9'."),
        (2, "dealer", "There is no dealer 'D9'."),
    ]
    assert [problem.remedy for problem in report.problems] == [
        "Correct the cell; there are main.",
        "Correct the cell, or import the billing customer first, with customers.",
        "Correct the cell, or import the dealer first, with dealers.",
    ]
    assert Client.objects.count() == 0


def test_dates_are_compared_with_those_stored() -> None:
    imported("clients", "client,name,commissioned_on", "S1,Site,2026-05-01")
    report = imported("clients", "client,name,decommissioned_on", "S1,Site,2026-04-30")
    assert told(report) == [
        (2, "decommissioned_on", "The client would be decommissioned before it is commissioned.")
    ]
    assert Client.objects.get().decommissioned_on is None


def test_a_tax_id_is_checked_with_its_country() -> None:
    report = imported("customers", "account,name,country,tax_id", "C1,Name,IE,IE6433435E")
    assert told(report) == [
        (
            2,
            "tax_id",
            "'IE6433435E' is no valid tax id of Ireland: length, letters or check digit are wrong.",
        )
    ]


def test_a_customers_currency_stays_while_amounts_of_consolidation_are_in_it() -> None:
    imported("customers", "account,name,currency", "C1,Brightwater,EUR")
    customer = BillingCustomer.objects.get()
    store_settings(customer, Typed(minimum_minor=5_000))
    report = imported("customers", "account,name,currency", "C1,Brightwater,KWD")
    [problem] = report.problems
    assert (problem.row, problem.column) == (2, "currency")
    assert "amounts in the currency before" in problem.message
    assert imported("customers", "account,name,currency", "C1,Brightwater Ltd,EUR").is_stored
