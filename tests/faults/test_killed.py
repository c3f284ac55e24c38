"""Killed at every step of a month, then resumed: the state is one clean month's, row for row (12.2, 12.6)."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from counterfoil.flows.stopping import VARIABLE
from tests.conftest import Installation

ROOT = Path(__file__).parents[2]

FILL = """
from datetime import date
from tests import build
build.organisation(email="billing@example.com")
for n in range(12):
    payer = build.customer(account=f"A{n:02}")
    for m in range(3):
        build.charge(client=build.client(customer=payer), starts_on=date(2026, 5, 1 + 2 * n + m))
build.charge(master_charge=build.master(unit_price=None))
"""

STATE = {
    "lines": """
        SELECT charge.key, period_start, period_end, fraction_num, fraction_den, line.net_minor, line.tax_minor
        FROM billing_invoiceline AS line JOIN charges_charge AS charge ON charge.id = line.charge_id ORDER BY 1, 2""",
    "invoices": """
        SELECT account, net_minor, tax_minor, gross_minor, line_count FROM billing_invoice AS invoice
        JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id ORDER BY account""",
    "spans": "SELECT charge_id, billed_from, billed_to FROM charges_chargespan ORDER BY charge_id",
    "exceptions": "SELECT charge_id, code, message FROM billing_billingexception ORDER BY charge_id",
    "totals": "SELECT currency, documents, lines, net_minor, tax_minor, gross_minor FROM billing_runtotal",
    "numbers": """
        SELECT number, account FROM billing_documentnumber AS number
        JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
        JOIN parties_billingcustomer AS customer ON customer.id = invoice.customer_id ORDER BY number""",
    "deliveries": "SELECT channel, state, count(*) FROM deliveries_delivery GROUP BY 1, 2 ORDER BY 1, 2",
    "run": "SELECT status FROM billing_run",
}

GENERATE = ("run", "generate", "--kinds", "service", "--all", "--cutoff", "2026-06-01")

GENERATING = ["after-open", "after-shard-1", "after-shard-2", "before-finish", "after-generate"]
ISSUING = ["after-issue-12"]
DELIVERING = ["after-send", "after-deliver-csv", "after-send-email"]


@pytest.fixture
def bureau(installation: Installation) -> Installation:
    """Return an installation with 36 sound charges of 12 customers and a bad one, rated in five shards."""
    environment = installation.environment | {
        "COUNTERFOIL_SHARD_CHARGES": "9",
        "PYTHONPATH": str(ROOT),
    }
    ready = replace(installation, environment=environment)
    ready.run("django", "shell", "--command", FILL)
    return ready


def killed_at(bureau: Installation, place: str, *words: str) -> None:
    """Run a command that dies at *place*, and see that it did."""
    doomed = replace(bureau, environment=bureau.environment | {VARIABLE: place})
    doomed.run(*words, exits=-signal.SIGKILL)


def month(bureau: Installation) -> None:
    """Generate, issue and deliver June."""
    bureau.run(*GENERATE)
    bureau.run("run", "authorise", "1")
    bureau.run("run", "deliver", "1")


def state(bureau: Installation) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything a month leaves behind."""
    with psycopg.connect(bureau.environment["COUNTERFOIL_DATABASE_URL"]) as connection:
        found = {name: connection.execute(query).fetchall() for name, query in STATE.items()}  # type: ignore[call-overload]
    files = sorted((bureau.home / "out").rglob("*.csv"))
    found["files"] = [(file.name, *sorted(file.read_bytes().splitlines())) for file in files]
    return found


def test_a_clean_month_keeps_every_invariant(bureau: Installation) -> None:
    """What the killed ones are held against."""
    month(bureau)
    clean = state(bureau)
    assert len(clean["lines"]) > 36
    assert clean["numbers"][0] == ("INV-2026-000001", "A00")
    assert bureau.answer("check")["violations"] == []


@pytest.mark.parametrize("place", GENERATING)
def test_a_killed_generate_is_resumed(bureau: Installation, place: str) -> None:
    """The missing shards are done, the stored ones are not done again."""
    killed_at(bureau, place, *GENERATE)
    if place != "after-generate":
        bureau.run("run", "resume", "1")
    after = state(bureau)
    assert after["run"] == [("in_review",)]
    assert [len(after[name]) for name in ("invoices", "lines", "exceptions")] == [
        12,
        72,
        1,
    ]  # 36 charges, May in part and June
    assert bureau.answer("run", "generate", *GENERATE[2:])["invoices"] == 0
    assert bureau.answer("check")["violations"] == []


@pytest.mark.parametrize("place", ISSUING)
def test_a_killed_issue_is_repeated_without_gap(bureau: Installation, place: str) -> None:
    """Numbers given before the kill stay; the next begin after them."""
    bureau.run(*GENERATE)
    killed_at(bureau, place, "run", "authorise", "1")
    bureau.run("run", "resume", "1")
    after = state(bureau)
    assert after["numbers"] == [(f"INV-2026-{n + 1:06}", f"A{n:02}") for n in range(12)]
    assert after["run"] == [("issued",)]


def test_a_killed_void_happened_altogether_or_not_at_all(bureau: Installation) -> None:
    """Killed before its end nothing of it is there; killed behind it the spans are back and the numbers stay (12.4)."""
    bureau.run(*GENERATE)
    bureau.run("run", "authorise", "1")
    issued = state(bureau)
    void = ("run", "void", "1", "--reason", "wrong prices")
    killed_at(bureau, "before-void", *void)
    assert state(bureau) == issued
    killed_at(bureau, "after-void", *void)
    voided = state(bureau)
    assert voided["run"] == [("voided",)]
    assert {(billed_from, billed_to) for _charge, billed_from, billed_to in voided["spans"]} == {(None, None)}
    assert voided["numbers"] == issued["numbers"]
    assert voided["deliveries"] == [("csv", "cancelled", 12), ("email", "cancelled", 12)]
    assert bureau.answer("check")["violations"] == []


@pytest.mark.parametrize("place", DELIVERING)
def test_a_killed_delivery_doubles_and_loses_nothing(bureau: Installation, place: str) -> None:
    """Files hold each document once; the one mail whose fate is unknown waits for a person."""
    bureau.run(*GENERATE)
    bureau.run("run", "authorise", "1")
    killed_at(bureau, place, "run", "deliver", "1")
    bureau.run("run", "deliver", "1")
    after = state(bureau)
    mails = [("email", "sent", 11), ("email", "uncertain", 1)]
    assert after["deliveries"] == [
        ("csv", "sent", 12),
        *(mails if place == "after-send-email" else [("email", "sent", 12)]),
    ]
    invoices = next(rows for rows in after["files"] if rows[0] == "invoices.csv")
    assert len(invoices) == 1 + 1 + 12  # name, heading, documents
    assert len(list((bureau.home / "mail").glob("*.eml"))) == 12
    assert (bureau.home / "out" / "1" / "totals.csv").exists()
