"""What is wrong with a file is told by row and column, all of it, and nothing is stored."""

from __future__ import annotations

import io
import json

import pytest

from counterfoil.flows.importing.kinds import UnknownKind
from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.queries import NotInstalled
from counterfoil.records.parties.models import BillingCustomer
from tests.flows.importing.files import imported, told


@pytest.mark.usefixtures("bureau")
def test_one_bad_row_stores_nothing() -> None:
    report = imported("customers", "account,name,currency", "C1,Good,EUR", "C2,Bad,euro", "C3,Good,EUR")
    assert told(report) == [
        (
            3,
            "currency",
            "'euro' in the column currency cannot be used.",
        )
    ]
    [problem] = report.problems
    assert (problem.kind, problem.value) == ("customers", "euro")
    assert problem.remedy == "Write a currency of ISO 4217 in capitals, for example EUR."
    assert not report.is_stored
    assert BillingCustomer.objects.count() == 0


@pytest.mark.usefixtures("bureau")
def test_every_error_of_a_row_and_of_a_file_is_told_in_its_order() -> None:
    report = imported(
        "customers",
        "account,name,email,delivery",
        "C1,,nobody,pigeon",
        ",Nameless,,",
        "C3,Short",
        "C4,Long,,,too,many",
        "C1,Again,,",
    )
    assert [(row, column) for row, column, _ in told(report)] == [
        (2, "delivery"),
        (2, "email"),
        (2, "name"),
        (3, "account"),
        (4, None),
        (5, None),
        (6, "account"),
    ]
    messages = [problem.message for problem in report.problems]
    assert messages[3:] == [
        "The column account is empty.",
        "The row has 2 values and the header 4 columns.",
        "The row has 6 values and the header 4 columns.",
        "The billing customer 'C1' stands in row 2 already, and again in row 6.",
    ]


@pytest.mark.usefixtures("bureau")
def test_a_hundred_errors_are_listed_and_all_are_counted() -> None:
    rows = [f"C{number},Name,EU" for number in range(30_000)]
    report = imported("customers", "account,name,currency", *rows, "C5,Name,EUR", "C6,Name,EUR")
    assert (len(report.listed), len(report.problems), report.problem_count) == (100, 10_000, 30_002)
    assert [problem.row for problem in report.listed] == list(range(2, 102))
    assert report.rows == 30_002


@pytest.mark.usefixtures("bureau")
def test_an_unknown_column_is_told_with_the_nearest_known() -> None:
    report = imported("customers", "account,name,e-mail,colour", "C1,Name,a@example.com,red")
    assert told(report) == [
        (1, "colour", "The column 'colour' is not known for customers."),
        (1, "e-mail", "The column 'e-mail' is not known for customers."),
    ]
    assert report.problems[1].remedy.startswith("Did you mean email? Rename it or take it out; known are ")


@pytest.mark.usefixtures("bureau")
@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("account,email", "The column name is missing."),
        ("account,name,name", "The column name is there twice."),
        ("account,,name", "Column 2 has no name."),
    ],
)
def test_a_header_must_be_whole(header: str, message: str) -> None:
    assert [problem.message for problem in imported("customers", header, "a,b,c").problems] == [message]


@pytest.mark.usefixtures("bureau")
def test_a_file_that_cannot_be_read_is_a_report_too() -> None:
    report = import_file(
        kind="customers", file=io.BytesIO(b"\x00\x01"), name="garbage.csv", dry_run=False, by=None
    )
    assert told(report) == [(None, None, "The file is not text: it holds bytes that no letters have.")]
    assert report.problems[0].remedy == "Save it as CSV in UTF-8, or as .xlsx."


@pytest.mark.usefixtures("bureau")
def test_a_file_that_breaks_off_stores_nothing() -> None:
    report = imported("customers", "account,name", "C1,Name", 'C2,"Name')
    assert [(problem.row, problem.message) for problem in report.problems] == [
        (3, "The file cannot be read from row 3 on: a quote is opened and never closed.")
    ]
    assert BillingCustomer.objects.count() == 0


@pytest.mark.usefixtures("bureau")
def test_a_header_alone_is_a_file_of_nothing() -> None:
    report = imported("customers", "account,name")
    assert (report.rows, report.is_stored, [count.rows for count in report.counts]) == (0, True, [0])


@pytest.mark.usefixtures("bureau")
def test_a_dry_run_tells_the_same_and_stores_nothing() -> None:
    rows = ("account,name", "C1,Name", "C2,Name")
    rehearsed = imported("customers", *rows, dry_run=True)
    assert (rehearsed.is_stored, BillingCustomer.objects.count()) == (False, 0)
    assert rehearsed.counts == imported("customers", *rows).counts
    assert BillingCustomer.objects.count() == 2


@pytest.mark.usefixtures("bureau")
def test_a_report_can_be_written_as_json() -> None:
    report = imported("customers", "account,name,currency", "C1,Name,EU")
    answer = json.loads(json.dumps(report.to_json()))
    assert (answer["stored"], answer["rows"], answer["error_count"], answer["counts"]) == (False, 1, 1, [])
    assert answer["errors"][0] | {"message": "", "remedy": ""} == {
        "kind": "customers",
        "row": 2,
        "column": "currency",
        "value": "EU",
        "message": "",
        "remedy": "",
    }


def test_other_kinds_are_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownKind, match="There are tax-rates, customers, dealers, clients, commissionings"):
        imported("postcards", "a")


@pytest.mark.django_db
def test_before_init_there_is_nothing_to_import_into() -> None:
    with pytest.raises(NotInstalled):
        imported("customers", "account,name", "C1,Name")
