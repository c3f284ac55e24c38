"""A legacy bureau through the program: files in legacy form, a month billed, the move, the next one, nothing twice."""

from __future__ import annotations

from typing import Any

from tests.conftest import Installation

FILES = {
    "tax-rates": "category,rate,valid_from\nstandard,23,2020-01-01\n",
    "dealers": "dealer,name,account,email,terms\nD1,Harbour Alarms,A-D1,dealer@example.com,30 days\n",
    "clients": "client,name,dealer,account,currency\nS1,Mill Lane,D1,A-S1,EUR\nS2,Quay,D1,,\nS3,Pier,,A-S3,EUR\n",
    "master-charges": (
        "code,name,kind,unit_price,tax_category,every,anchor,paid_by\n"
        "MON,Monitoring,service,30.00,standard,1 month,2020-01-01,direct\n"
        "MON-D,Monitoring for a dealer,service,20.00,standard,1 month,2020-01-01,dealer\n"
    ),
    "charges": (
        "charge,client,code,starts_on,paid_by\n"
        "K1,S1,MON,2026-06-01,\nK2,S1,MON-D,2026-06-01,\nK3,S2,MON,2026-06-01,dealer\nK4,S3,MON,2026-06-01,\n"
    ),
}
# 2 × 30.00 directly; 20.00 + 30.00 by the dealer; and 23 %.
DIRECT = {"EUR": {"net": "60.00", "tax": "13.80", "gross": "73.80"}}
DEALER = {"EUR": {"net": "50.00", "tax": "11.50", "gross": "61.50"}}


def _month(bureau: Installation, day: str) -> list[Any]:
    """Bill and issue a month by the two supplied definitions, and return what each came to."""
    totals = []
    for definition in ("service-direct", "service-dealer"):
        words = ("--cutoff", day, "--invoice-date", day)
        run = bureau.answer("run", "generate", definition, *words)
        bureau.run("run", "authorise", str(run["run"]))
        totals.append(run["totals"])
    return totals


def test_a_legacy_bureau_is_billed_moved_and_billed_again(installation: Installation) -> None:
    bureau = installation
    bureau.run("init")
    bureau.answer("customer-mode", "move", "legacy", "--reason", "As in the system before")
    for kind, text in FILES.items():
        file = bureau.home / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        assert bureau.answer("import", kind, str(file))["errors"] == []
    assert _month(bureau, "2026-06-01") == [DIRECT, DEALER]

    foreseen = bureau.answer("customer-mode", "preview", "standard")
    assert (foreseen["is_possible"], foreseen["blockers"]) == (True, [])
    assert foreseen["figures"]["charges_assigned"] == 2
    assert {one["definition"] for one in foreseen["compared"] if one["is_same"]} >= {
        "service-dealer",
        "service-direct",
    }
    moved = bureau.answer("customer-mode", "move", "standard", "--reason", "Customers pay for several")
    assert moved["compared"] == foreseen["compared"]
    assert bureau.answer("customer-mode", "show")["can_be_undone"] is True
    assert bureau.answer("organisation", "show")["customer_mode"] == "standard"

    assert _month(bureau, "2026-07-01") == [DIRECT, DEALER]
    assert _month(bureau, "2026-07-01") == [{}, {}]
    assert bureau.answer("check")["violations"] == []
    refused = bureau.answer("customer-mode", "undo", exits=1)["error"]
    assert "billed after the move, so it stays" in refused
