"""Looking ahead and back through the program: variance, workbooks, explanations, forecasts."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.conftest import Installation

CUSTOMERS = "account,name\nA1,Acorn Homes\n"
CLIENTS = "client,name,customer\nS1,Acorn Lodge,A1\n"
RATES = "category,rate,valid_from\nstandard,23,2000-01-01\n"
MASTERS = (
    "code,name,kind,unit_price,tax_category,every,anchor\n"
    "MON,Monitoring,service,30.00,standard,1 month,2026-01-01\n"
)
CHARGES = "charge,client,code,starts_on,unit_price\nK1,S1,MON,2026-06-14,{price}\n"


def test_what_differs_is_shown_explained_and_foreseen(installation: Installation, tmp_path: Path) -> None:
    installation.run("init", "--name", "Larkfield Monitoring", "--country", "IE", "--currency", "EUR")

    def load(kind: str, text: str) -> None:
        file = tmp_path / f"{kind}.csv"
        file.write_text(text)
        installation.run("import", kind, str(file))

    for kind, text in (
        ("tax-rates", RATES),
        ("customers", CUSTOMERS),
        ("clients", CLIENTS),
        ("master-charges", MASTERS),
        ("charges", CHARGES.format(price="30.00")),
    ):
        load(kind, text)
    june = installation.answer("run", "generate", "service-direct", "--cutoff", "2026-06-14")["run"]
    installation.run("run", "authorise", str(june))
    load("charges", CHARGES.format(price="32.50"))

    book = tmp_path / "preview.xlsx"
    looked = ("run", "preview", "service-direct", "--cutoff", "2026-07-01", "--variance", "--explain", "K1")
    shown = installation.answer(*looked, "--excel", str(book))
    (row,) = shown["variance"]["rows"]
    total = shown["variance"]["totals"]["EUR"]
    assert (total["before"], total["now"], total["period"], total["price"]) == (
        "17.00",
        "32.50",
        "13.00",
        "2.50",
    )
    assert row["why"] == (
        "share of the period 17/30 → 1 (starts 14 June 2026); price 30.00 → 32.50 from 1 July 2026"
    )
    assert shown["explanation"]["lines"][0]["net"] == "32.50"
    assert openpyxl.load_workbook(book).sheetnames == [
        "Totals",
        "Variance",
        "Customers",
        "Lines",
        "Exceptions",
    ]

    july = installation.answer("run", "generate", "service-direct", "--cutoff", "2026-07-01")["run"]
    stored = installation.answer("run", "show", str(july), "--variance")
    assert stored["variance"] == shown["variance"]
    drafts = installation.answer("invoice", "list", "--run", str(june))["invoices"]
    explained = installation.answer("invoice", "explain", drafts[0]["number"], "--line", "1")
    steps = {step["topic"]: step["value"] for step in explained["lines"][0]["steps"]}
    assert steps["amount"] == "30.00 × 1 × 17/30 = 17.00"
    ahead = installation.answer("charge", "forecast", "K1", "--today", "2026-07-05")["charges"][0]
    assert (ahead["next_bill_date"], ahead["next_net"], ahead["total"]) == ("2026-08-01", "32.50", "357.50")
    installation.run("charge", "forecast", "nothing", exits=1)


def test_it_is_told_for_how_many_charges_an_override_would_change_something(
    demo_installation: Installation,
) -> None:
    bureau = demo_installation
    cheaper = ("price", "override", "MON-INTRUDER", "--dealer", "D01", "--quantity", "2")
    foreseen = bureau.answer(*cheaper, "--dry-run")
    stored = bureau.answer(*cheaper)
    assert {**foreseen, "dry_run": False} == stored
    assert 0 < foreseen["changed"] <= foreseen["running"]
    assert bureau.answer(*cheaper)["changed"] == 0  # it is so already
