"""Mappings: a file of another system becomes objects of several kinds, all or nothing."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Sum

from counterfoil.flows.importing.mapping import MappingIsWrong, read_mapping
from counterfoil.records.billing.models import BillingException, Invoice, InvoiceLine
from counterfoil.records.charges.models import Charge, ChargeSpan
from counterfoil.records.parties.models import BillingCustomer, Client
from tests import build
from tests.flows.importing.files import counted, imported_with, told

TELCO = (Path(__file__).parents[3] / "docs" / "how-to" / "telco.toml").read_text(encoding="utf-8")
TELCO_HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
    "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)


def _telco_row(customer: str, *, tenure: int, paperless: str, price: str, total: str) -> str:
    return (
        f"{customer},Female,0,Yes,No,{tenure},Yes,No,DSL,No,No,No,No,No,No,One year,{paperless},"
        f"Mailed check,{price},{total},No"
    )


TELCO_ROWS = (
    TELCO_HEADER,
    _telco_row("1000-AAAAA", tenure=1, paperless="Yes", price="29.85", total="29.85"),
    _telco_row("1001-BBBBB", tenure=34, paperless="No", price="56.95", total="1889.5"),
    _telco_row("1002-CCCCC", tenure=0, paperless="Yes", price="19.9", total=" "),
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bureau")
def test_a_telephone_companys_file_becomes_its_month() -> None:
    first = imported_with(TELCO, *TELCO_ROWS)
    assert counted(first) == {
        "tax-categories": (1, 0, 0),
        "tax-rates": (1, 0, 0),
        "master-charges": (1, 0, 0),
        "customers": (3, 0, 0),
        "clients": (3, 0, 0),
        "charges": (3, 0, 0),
    }
    assert list(BillingCustomer.objects.values_list("account", "email", "delivery", "currency")) == [
        ("1000-AAAAA", "1000-AAAAA@example.com", "email", "USD"),
        ("1001-BBBBB", "", "print", "USD"),
        ("1002-CCCCC", "1002-CCCCC@example.com", "email", "USD"),
    ]
    june = date(2026, 6, 1)
    assert list(Charge.objects.values_list("key", "starts_on", "opening_billed_to")) == [
        ("1000-AAAAA", date(2026, 5, 1), june),
        ("1001-BBBBB", date(2023, 8, 1), june),  # 34 months before June 2026
        ("1002-CCCCC", june, june),
    ]
    spans = ChargeSpan.objects.order_by("charge__key").values_list("billed_from", "billed_to")
    assert list(spans) == [(date(2026, 5, 1), june), (date(2023, 8, 1), june), (None, None)]
    build.run(cutoff=june)
    assert (Invoice.objects.count(), InvoiceLine.objects.count(), BillingException.objects.count()) == (
        3,
        3,
        0,
    )
    assert Invoice.objects.aggregate(net=Sum("net_minor"), tax=Sum("tax_minor")) == {
        "net": 10670,  # 29.85 + 56.95 + 19.90
        "tax": 0,
    }
    again = counted(imported_with(TELCO, *TELCO_ROWS))
    assert {changed for counts in again.values() for changed in counts[:2]} == {0}


@pytest.mark.usefixtures("bureau")
def test_one_bad_row_stores_nothing_of_any_kind() -> None:
    bad = TELCO_ROWS[1].replace("1000-AAAAA", "1003-DDDDD").replace("29.85,29.85", "free,0")
    report = imported_with(TELCO, *TELCO_ROWS, bad, TELCO_ROWS[1].replace(",1,Yes", ",soon,Yes"))
    assert [(row, column) for row, column, _ in told(report)] == [
        (5, "unit_price"),
        (6, "charge"),
        (6, "starts_on"),
    ]
    assert BillingCustomer.objects.count() == 0


@pytest.mark.usefixtures("bureau")
def test_every_column_is_used_or_left_out_on_purpose() -> None:
    report = imported_with(TELCO, TELCO_HEADER.replace("Churn", "Region"), TELCO_ROWS[1])
    assert told(report) == [
        (1, "Churn", "The mapping uses the column 'Churn', which the file does not have."),
        (1, "Region", "The mapping says nothing about the column 'Region'."),
    ]


MANY_SITES = """
[[step]]
import = "customers"
[step.columns]
account = "{payer}"
name = "{payer name}"

[[step]]
import = "clients"
[step.columns]
client = "{payer}/{site}"
name = "Site {site}"
customer = "{payer}"
"""


@pytest.mark.usefixtures("bureau")
def test_rows_that_say_the_same_of_an_object_count_once() -> None:
    report = imported_with(MANY_SITES, "payer,payer name,site", "C1,One,1", "C1,One,2", "C2,Two,1")
    assert counted(report) == {"customers": (2, 0, 0), "clients": (3, 0, 0)}
    assert list(Client.objects.values_list("code", "customer__account")) == [
        ("C1/1", "C1"),
        ("C1/2", "C1"),
        ("C2/1", "C2"),
    ]


@pytest.mark.usefixtures("bureau")
def test_rows_that_differ_about_an_object_are_told() -> None:
    report = imported_with(MANY_SITES, "payer,payer name,site", "C1,One,1", "C1,Won,2")
    assert told(report) == [
        (3, "account", "The billing customer 'C1' stands in row 2 already, and again in row 3.")
    ]


@pytest.mark.usefixtures("bureau")
def test_two_steps_of_a_kind_do_not_write_over_each_other() -> None:
    twice = MANY_SITES + MANY_SITES[MANY_SITES.index("[[step]]", 5) :].replace("Site", "Place")
    report = imported_with(twice, "payer,payer name,site", "C1,One,1")
    assert told(report) == [(2, "client", "The client 'C1/1' stands in row 2 already, and again in row 2.")]


def _cells(rule: str, **row: str) -> list[object]:
    """Return what a column *name* by *rule* makes of one row."""
    mapping = read_mapping(f'[[step]]\nimport = "customers"\n[step.columns]\naccount = "x"\nname = {rule}')
    return [mapping.steps[0].columns["name"].make(row)]


@pytest.mark.parametrize(
    ("rule", "row", "cell"),
    [
        ('"{a} and {b}"', {"a": " 1 ", "b": "2"}, "1 and 2"),
        ('"{{a}}"', {}, "{a}"),
        ('"plain"', {}, "plain"),
        ('{ value = "{a}", when = { b = "Yes" } }', {"a": "1", "b": "Yes"}, "1"),
        ('{ value = "{a}", when = { b = "Yes" } }', {"a": "1", "b": "yes"}, ""),
        ('{ value = "1", when = { a = "x", b = "y" }, otherwise = "{a}" }', {"a": "x", "b": "n"}, "x"),
        ('{ value = "{a}", translate = { M = "1 month" } }', {"a": "M"}, "1 month"),
        ('{ value = "2026-05-31", minus = "{a} months" }', {"a": "3"}, "2026-02-28"),
        ('{ value = "2026-05-31", minus = "{a} months" }', {"a": "0"}, "2026-05-31"),
        ('{ value = "{a}", plus = "1 year" }', {"a": "2024-02-29"}, "2025-02-28"),
        ('{ value = "{a}", plus = "2 weeks" }', {"a": "2026-06-01"}, "2026-06-15"),
    ],
)
def test_rules_make_cells(rule: str, row: dict[str, str], cell: str) -> None:
    assert _cells(rule, **row) == [cell]


@pytest.mark.parametrize(
    ("rule", "row", "message"),
    [
        ('{ value = "{a}", translate = { M = "1 month" } }', {"a": "Y"}, "'Y' is not among the words"),
        ('{ value = "2026-06-01", minus = "{a} months" }', {"a": "-1"}, "'-1 months' is no number of months"),
        ('{ value = "{a}", minus = "1 month" }', {"a": "1 June"}, "'1 June' is no date"),
        ('{ value = "{a}", minus = "1 month" }', {"a": "2026-02-30"}, "'2026-02-30' moved by 1 month"),
        ('{ value = "0001-01-01", minus = "1 month" }', {}, "'0001-01-01' moved by 1 month is no date"),
    ],
)
def test_what_a_rule_cannot_make_is_told(rule: str, row: dict[str, str], message: str) -> None:
    [cell] = _cells(rule, **row)
    assert message in cell.message  # type: ignore[attr-defined]


STEP = '[[step]]\nimport = "customers"\n'


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("step = [", "it is no TOML"),
        ("", r"it has no \[\[step\]\]"),
        ("steps = 1", "the mapping has 'steps', which means nothing; known are ignore, step"),
        ("step = [1]", "step 1 is not a table"),
        ('ignore = [1]\n[[step]]\nimport = "customers"', "ignore is not a list"),
        ('[[step]]\nimport = "people"', "in step 1, import: 'people' is no kind"),
        (f"{STEP}once = 1", "once is true or false"),
        (f'{STEP}[step.columns]\naccount = "x"', "The column name is missing"),
        (f'{STEP}[step.columns]\naccount = "x"\nnam = "y"', "Did you mean name"),
        (f'{STEP}[step.columns]\naccount = "x"\nname = 1', "neither a text in quotes nor a rule"),
        (f'{STEP}[step.columns]\naccount = "x"\nname = {{ val = "y" }}', "'val', which means nothing"),
        (f'{STEP}[step.columns]\naccount = "x"\nname = {{ minus = "y" }}', "needs a value"),
        (f'{STEP}[step.columns]\naccount = "x"\nname = {{ value = "y", otherwise = "" }}', "without when"),
        (
            f'{STEP}[step.columns]\naccount = "x"\nname = {{ value = "y", when = "z" }}',
            "not a table of texts",
        ),
        (f'{STEP}[step.columns]\naccount = "{{x"\nname = "y"', "a brace without its other"),
        (f'{STEP}once = true\n[step.columns]\naccount = "{{x}}"\nname = "y"', "happens once"),
    ],
)
def test_a_mapping_says_what_is_wrong_with_it(mapping: str, message: str) -> None:
    with pytest.raises(MappingIsWrong, match=message):
        read_mapping(mapping)


def test_the_telephone_companys_mapping_knows_all_its_columns() -> None:
    mapping = read_mapping(TELCO)
    header = next(csv.reader(io.StringIO(TELCO_HEADER)))
    assert mapping.used | mapping.ignored == set(header)
    assert mapping.used.isdisjoint(mapping.ignored)
    assert "Churn" in mapping.ignored
