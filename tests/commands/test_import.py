"""The import and export verbs, through the program: on files, as people script them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Installation
from tests.flows.importing.test_mapping import TELCO, TELCO_ROWS

CUSTOMERS = "account,name,currency\nC1,Brightwater,EUR\nC2,=Quay,GBP\n"


@pytest.fixture
def bureau(installation: Installation) -> Installation:
    """Return an installation that is set up and holds nothing yet."""
    installation.run("init")
    return installation


def _file(bureau: Installation, name: str, text: str) -> str:
    path = bureau.home / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_rehearsed_imported_and_imported_again(bureau: Installation) -> None:
    file = _file(bureau, "customers.csv", CUSTOMERS)
    rehearsed = bureau.answer("import", "customers", file, "--dry-run")
    assert (rehearsed["dry_run"], rehearsed["stored"]) == (True, False)
    new = {"kind": "customers", "rows": 2, "created": 2, "changed": 0, "unchanged": 0}
    assert rehearsed["counts"] == [new]
    stored = bureau.answer("import", "customers", file)
    assert (stored["stored"], stored["counts"], stored["errors"]) == (True, [new], [])
    again = bureau.run("import", "customers", file)
    assert again.stdout == (
        "customers: 0 created, 0 changed, 2 unchanged\n"
        "Stored 2 rows of customers.csv (CSV, UTF-8, separated by commas).\n"
    )


def test_errors_are_told_by_row_and_nothing_is_stored(bureau: Installation) -> None:
    file = _file(bureau, "customers.csv", CUSTOMERS.replace("GBP", "pounds"))
    told = bureau.run("import", "customers", file, exits=1).stdout.splitlines()
    assert told[0].startswith(
        "row 3, currency: 'pounds' in the column currency cannot be used. Write a currency"
    )
    assert told[1].startswith("Nothing was stored: 1 error in 2 rows of customers.csv")
    answer = bureau.answer("import", "customers", file, exits=1)
    assert (answer["stored"], answer["error_count"], answer["errors"][0]["row"]) == (False, 1, 3)
    assert _from_standard_input(bureau, CUSTOMERS)["counts"][0]["created"] == 2


def _from_standard_input(bureau: Installation, text: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "counterfoil.commands.main", "import", "customers", "-", "--json"],
        input=text,
        env=bureau.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_mapping_makes_a_month_of_another_systems_file(bureau: Installation) -> None:
    file = _file(bureau, "theirs.csv", "\n".join(TELCO_ROWS))
    mapping = _file(bureau, "telco.toml", TELCO)
    answer = bureau.answer("import", "mapped", file, "--mapping", mapping)
    assert [(count["kind"], count["created"]) for count in answer["counts"]] == [
        ("tax-categories", 1),
        ("tax-rates", 1),
        ("master-charges", 1),
        ("customers", 3),
        ("clients", 3),
        ("charges", 3),
    ]
    words = ("--kinds", "service", "--all", "--cutoff", "2026-06-01", "--invoice-date", "2026-06-01")
    billed = bureau.answer("run", "generate", *words)
    assert (billed["invoices"], billed["lines"], billed["exceptions"]) == (3, 3, 0)
    assert billed["totals"]["USD"]["net"] == "106.70"  # 29.85 + 56.95 + 19.90
    assert bureau.answer("run", "generate", *words)["lines"] == 0
    assert bureau.answer("check")["violations"] == []


def test_what_is_exported_is_imported_unchanged(bureau: Installation) -> None:
    assert bureau.answer("export", "customers") == {"kind": "customers", "rows": []}
    bureau.run("import", "customers", _file(bureau, "customers.csv", CUSTOMERS))
    header, first, second = bureau.run("export", "customers").stdout.splitlines()
    assert header.startswith("account,name,email,currency,country,")
    assert first == "C1,Brightwater,,EUR,,,,,,standard,,email,,,,main,yes"
    assert second.startswith("C2,'=Quay,")
    assert [row["name"] for row in bureau.answer("export", "customers")["rows"]] == ["Brightwater", "'=Quay"]
    out = str(bureau.home / "out.xlsx")
    assert bureau.answer("export", "customers", out) == {"kind": "customers", "file": out, "rows": 2}
    assert bureau.answer("import", "customers", out)["counts"][0]["unchanged"] == 2
    assert [path.name for path in Path(bureau.home).glob(".*.draft")] == []


def test_wrong_usage_says_what_is_right(installation: Installation) -> None:
    file = _file(installation, "customers.csv", CUSTOMERS)
    wrong = _file(installation, "wrong.toml", "step = 1")
    kinds = "There are tax-rates, customers"
    assert kinds in installation.answer("import", "postcards", file, exits=2)["error"]
    assert kinds in installation.answer("export", "runs", exits=2)["error"]
    assert "--mapping" in installation.answer("import", "mapped", file, exits=2)["error"]
    words = ("import", "mapped", file, "--mapping", wrong)
    assert "no [[step]]" in installation.answer(*words, exits=2)["error"]
    missing = installation.answer("import", "customers", f"{file}.none", exits=1)
    assert missing["error"].endswith("No such file or directory. Check the path and your rights to it.")
    assert "counterfoil init" in installation.answer("import", "customers", file, exits=1)["error"]
