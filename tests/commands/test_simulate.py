"""`counterfoil simulate`: files in, tables or one JSON document out, exit codes as promised."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from counterfoil.commands.charge_file import LONGEST_LINE, charge_rows
from counterfoil.commands.main import program
from counterfoil.commands.simulate import simulate_rows

HEADER = "charge,unit_price,starts_on,ends_before,billing_day,tax_rate\n"
GOOD = HEADER + "c1,31.00,2011-02-01,2011-02-13,13,19\n"


def run(*words: str, given: bytes | str = "") -> Result:
    """Run the program with *words*, *given* on its standard input."""
    return CliRunner().invoke(program(["simulate"]), ["simulate", *words], input=given)


def written(folder: Path, content: bytes | str) -> str:
    path = folder / "charges.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def answered(result: Result) -> dict[str, Any]:
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    return document


def test_one_json_document_and_exit_0(tmp_path: Path) -> None:
    result = run(written(tmp_path, GOOD), "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert answered(result) == {
        "lines": [
            {
                "charge": "c1",
                "customer": "c1",
                "kind": "charge",
                "period_start": "2011-02-01",
                "period_end": "2011-02-13",
                "fraction": "12/31",
                "quantity": "1",
                "unit_price": "31.00",
                "amount": "12.00",
                "currency": "EUR",
                "bill_date": "2011-02-01",
            }
        ],
        "totals": {"EUR": {"net": "12.00", "tax": "2.28", "gross": "14.28"}},  # 12.00 × 19 %
        "findings": [],
    }


def test_a_bad_row_is_a_finding_and_exit_1(tmp_path: Path) -> None:
    rows = GOOD + "c2,,2011-02-01,2011-02-13,13,19\nc3,1.00,2011-02-01,2011-02-13,13\n"
    result = run(written(tmp_path, rows), "--json")
    assert result.exit_code == 1
    document = answered(result)
    assert [line["charge"] for line in document["lines"]] == ["c1"]
    assert [(found["row"], found["charge"], found["code"]) for found in document["findings"]] == [
        (2, "c2", "missing_value"),
        (3, "", "unreadable_row"),
    ]
    assert document["findings"][1]["message"] == (
        "The row cannot be read: it has 5 values and the header 6 columns."
    )


def test_people_read_tables_with_the_last_day(tmp_path: Path) -> None:
    rows = GOOD + "c2,1.00,2011-02-01,2011-01-01,,\n"
    result = run(written(tmp_path, rows))
    assert result.exit_code == 1
    assert " c1      2011-02-01  2011-02-12  12/31  1 × 31.00  12.00 EUR  2011-02-01" in result.stdout
    assert " EUR       12.00  2.28  14.28" in result.stdout
    assert "The last day of the charge, 2010-12-31, is before its start, 2011-02-01." in result.stdout
    assert "Correct the start, or give a last day that is not before it." in result.stdout


def test_tables_say_when_nothing_is_due_and_when_there_is_more(tmp_path: Path) -> None:
    future = run(written(tmp_path, GOOD), "--through", "2011-01-31")
    assert (future.exit_code, future.stdout) == (0, "No line is due.\n")
    daily = "charge,unit_price,starts_on,every\nc1,1.00,2011-01-01,1 day\n"
    many = run(written(tmp_path, daily), "--through", "2012-12-31")
    assert "… and 231 more; --json prints them all." in many.stdout  # 365 + 366 − 500


def test_a_terminal_obeys_nothing_in_a_file(tmp_path: Path) -> None:
    rows = "charge,unit_price,starts_on,ends_before\n\x1b[31m[bold]c1[/bold],1.00,2011-01-01,2011-02-01\n"
    result = run(written(tmp_path, rows))
    assert "\x1b" not in result.stdout
    assert "�[31m[bold]c1[/bold]" in result.stdout


def test_json_lines_from_standard_input() -> None:
    given = (
        '{"charge": "c1", "unit_price": 0.1, "starts_on": "2026-01-01", "anchor": null}\n'
        "\n"
        '{"charge": 2, "unit_price": "12345678901234567890", "starts_on": "2026-01-01"}\n'
        '{"charge": "c3", "unit_price": 1e2, "starts_on": "2026-01-01"}\n'
        '{"charge": "c4", "unit_price": true, "starts_on": "2026-01-01"}\n'
        '["c5"]\n'
        '{"charge": "c6", "charge": "c7"}\n'
        "{nonsense\n"
    )
    result = run("-", "--through", "2026-01-01", "--json", given=given)
    assert result.exit_code == 1
    document = answered(result)
    assert [(line["charge"], line["amount"]) for line in document["lines"]] == [("c1", "0.10")]
    found = [(one["row"], one["charge"], one["code"]) for one in document["findings"]]
    assert found == [
        (2, "2", "price_out_of_range"),
        (3, "c3", "unreadable_value"),
        (4, "", "unreadable_value"),
        (5, "", "unreadable_row"),
        (6, "", "unreadable_row"),
        (7, "", "unreadable_row"),
    ]
    assert "'charge' stands in it twice" in document["findings"][4]["message"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),  # a byte order mark
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        ("\n" + GOOD + "\n,,,,,\n").encode(),  # blank rows
        GOOD.replace("c1", '"c1"')
        .replace("charge,", ' charge ,"')
        .replace('"unit_price', '"unit_price"')
        .encode(),
        GOOD.rstrip("\n").encode(),
    ],
)
def test_csv_as_programs_write_it(tmp_path: Path, content: bytes) -> None:
    result = run(written(tmp_path, content), "--json")
    assert result.exit_code == 0
    assert answered(result)["totals"] == {"EUR": {"net": "12.00", "tax": "2.28", "gross": "14.28"}}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Give it a header with the columns charge, unit_price, starts_on"),
        (b"\n \n", "The file is empty."),
        (GOOD.replace("tax_rate", "tax").encode(), "The header has the column 'tax', which is not known."),
        (GOOD.replace("tax_rate", "charge").encode(), "The header has the column charge twice."),
        (b"charge,starts_on\nc1,2026-01-01\n", "The header lacks the column unit_price."),
        (GOOD.encode() + "c2,1.00,2011-02-01,,,,Größe\n".encode("latin-1"), "Line 3 is not UTF-8 text."),
        (GOOD.encode("utf-16"), "Line 1 is not UTF-8 text."),
        (b'{"charge": "c1", "price": 1}\n', "The column 'price' in row 1 is not known."),
        (b"x" * (LONGEST_LINE + 1), "Line 1 is longer than 1000000 bytes."),
        (b'"charge,unit_price\n', "The header cannot be read as CSV: unexpected end of data."),
        (b"charge,unit_price,starts_on\nc1,1.00,2026-01-01\n", "The charge 'c1' in row 1 has no end."),
    ],
)
def test_a_file_that_cannot_be_meant_is_wrong_usage(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = written(tmp_path, content)
    result = run(path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(sentence)
    as_json = run(path, "--json")
    assert as_json.exit_code == 2
    assert answered(as_json) == {"error": result.stderr.rstrip("\n")}


def test_broken_quotes_cost_their_rows_and_no_others(tmp_path: Path) -> None:
    rows = GOOD + 'c2,"1.00"x,2011-02-01,2011-02-13,,\nc3,1.00,2011-02-01,2011-03-01,,\nc4,"1.00\n'
    document = answered(run(written(tmp_path, rows), "--json"))
    assert [line["charge"] for line in document["lines"]] == ["c1", "c3"]
    assert [found["message"] for found in document["findings"]] == [
        "The row cannot be read: lines 3 to 3 are no CSV (',' expected after '\"').",
        "The row cannot be read: lines 5 to 5 are no CSV (unexpected end of data).",
    ]


@pytest.mark.parametrize("through", ["tomorrow", "2026-02-30", "2201-01-01"])
def test_a_cut_off_that_is_no_date_is_wrong_usage(tmp_path: Path, through: str) -> None:
    result = run(written(tmp_path, GOOD), "--through", through)
    assert (result.exit_code, result.stdout) == (2, "")
    assert through in result.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.csv"), "--json")
    assert result.exit_code == 2
    assert "none.csv cannot be read: No such file or directory." in answered(result)["error"]
    folder = run(str(tmp_path))
    assert folder.exit_code == 2
    assert "Is a directory" in folder.stderr


def test_a_long_file_is_read_a_row_at_a_time() -> None:
    """Ten thousand rows from a stream that could not be read whole: the first row is there at once."""

    class Endless(BytesIO):
        rows = 0

        def readline(self, _size: int | None = -1) -> bytes:
            self.rows += 1
            return HEADER.encode() if self.rows == 1 else f"c{self.rows},1.00,2011-02-01,,,\n".encode()

    stream = Endless()
    rows = charge_rows(stream)
    found = [next(rows) for _ in range(10_000)]
    assert stream.rows == 10_001
    assert isinstance(found[-1], dict)
    assert found[-1]["charge"] == "c10001"


def test_the_json_written_is_what_simulate_rows_returns(tmp_path: Path) -> None:
    content = GOOD + "c2,1.00,2011-02-01,2012-01-01,,7\nc3,x,2011-02-01,2012-01-01,,7\n"
    rows = list(charge_rows(BytesIO(content.encode())))
    assert answered(run(written(tmp_path, content), "--json")) == simulate_rows(rows, None)


def test_the_installed_program_simulates_without_django(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from counterfoil.commands.main import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(sorted({'django', 'polars', 'psycopg'} & set(sys.modules)), file=sys.stderr)\n"
    )
    path = written(tmp_path, GOOD + "c2,x,2011-02-01,2011-02-13,,\n")
    done = subprocess.run(
        [sys.executable, "-c", code, "simulate", path, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "[]\n"
    assert json.loads(done.stdout)["totals"]["EUR"]["gross"] == "14.28"
