"""The run verbs, through the program: on a demo bureau, as people script them."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.conftest import Installation


@pytest.fixture
def bureau(demo_installation: Installation) -> Installation:
    """Return an installation with the demo bureau."""
    return demo_installation


def _sound(bureau: Installation) -> bool:
    return bureau.answer("check")["violations"] == []


def _abandon_this_month(bureau: Installation) -> str:
    """Give up the runs that wait for review and return their cut-off."""
    for waiting in bureau.answer("run", "list")["runs"][:2]:
        assert waiting["status"] == "in_review"
        bureau.run("run", "abandon", str(waiting["run"]), "--reason", "Try another way")
    cutoff: str = waiting["cutoff"]
    return cutoff


def _counts(answer: Any) -> Any:
    return {name: answer[name] for name in ("invoices", "lines", "exceptions", "totals")}


def test_a_month_from_preview_to_delivery(bureau: Installation) -> None:
    words = ("service-direct", "--cutoff", _abandon_this_month(bureau))
    previewed = bureau.answer("run", "preview", *words)
    generated = bureau.answer("run", "generate", *words)
    assert _counts(previewed) == _counts(generated)
    assert generated["invoices"] > 0
    number = str(generated["run"])
    assert bureau.answer("run", "generate", *words)["lines"] == 0  # running again bills nothing twice
    authorised = bureau.answer("run", "authorise", number)
    assert (authorised["status"], authorised["issued"]) == ("issued", generated["invoices"])
    delivered = bureau.answer("run", "deliver", number)
    assert [one["agrees"] for one in delivered["reconciliation"]] == [True]
    assert {one["state"] for one in delivered["deliveries"]} == {"sent"}
    refused = bureau.answer("run", "void", number, "--reason", "Too late", exits=1)
    assert "left the house by csv (sent)" in refused["error"]
    assert _sound(bureau)


def test_an_invoice_is_credited_by_hand_and_billed_again(bureau: Installation) -> None:
    """Rules 2.5, 6.4 and 7.5."""
    invoice = bureau.answer("invoice", "list", "--run", "1")["invoices"][0]
    credit = ("invoice", "credit", invoice["number"], "--reason", "As agreed")
    [note] = bureau.answer(*credit, "--line", "1", "--amount", "0.50")["documents"]
    assert (note["net"], note["credits"], note["document_type"]) == (
        "-0.50",
        invoice["number"],
        "credit_note",
    )
    assert "are left" in bureau.answer(*credit, "--amount", "1000000", exits=1)["error"]
    bureau.run(*credit, exits=2)
    assert (
        "has no line 99"
        in bureau.answer(*credit, "--bill-again", "--line", "99", "--quantity", "2", exits=1)["error"]
    )
    rest, again = bureau.answer(*credit, "--bill-again", "--line", "1", "--quantity", "2")["documents"]
    assert again["document_type"] == "contract"
    assert "credited already" in bureau.answer(*credit, "--all", exits=1)["error"]
    together = bureau.answer("invoice", "void", rest["number"], "--reason", "No", exits=1)["error"]
    assert f"belongs together with {again['number']}" in together
    both = (rest["number"], again["number"])
    assert bureau.answer("invoice", "void", *both, "--reason", "No")["voided"] == list(both)
    assert bureau.answer("run", "preview", "credit", "--cutoff", "2030-01-01")["exceptions"] == 0
    assert _sound(bureau)


def test_a_killed_run_is_resumed_to_the_same_end(bureau: Installation) -> None:
    words = ("--kinds", "service", "--all", "--cutoff", "2030-01-01", "--past-periods", "1200")
    expected = _counts(bureau.answer("run", "preview", *words))
    bureau.environment.update(COUNTERFOIL_TEST_STOP="after-shard-2", COUNTERFOIL_SHARD_CHARGES="100")
    bureau.run("run", "generate", *words, exits=-signal.SIGKILL)
    del bureau.environment["COUNTERFOIL_TEST_STOP"]
    assert _sound(bureau)
    assert _counts(bureau.answer("run", "resume")) == expected
    assert _sound(bureau)


def test_drafts_are_held_released_and_excluded(bureau: Installation) -> None:
    draft, other = bureau.answer("invoice", "list", "--limit", "2")["invoices"]
    assert bureau.answer("run", "hold", str(draft["id"]), "--reason", "Ask first") == {"held": 1}
    assert bureau.answer("invoice", "show", str(draft["id"]))["state"] == "held"
    assert bureau.answer("run", "release", str(draft["id"])) == {"released": 1}
    assert bureau.answer("run", "exclude", str(other["id"]), "--reason", "Moved") == {"excluded": 1}
    assert bureau.answer("invoice", "show", str(other["id"]))["state"] == "excluded"
    assert _sound(bureau)


def test_what_cannot_be_run_is_refused_in_a_sentence(bureau: Installation) -> None:
    words = ("run", "generate", "--cutoff", "2026-06-01")
    assert "credits nothing" in bureau.answer(*words, "service-direct", "--credit", "daily", exits=1)["error"]
    assert "definition list" in bureau.answer(*words, "nobody", exits=1)["error"]
    bureau.run(*words, exits=2)
    bureau.run(*words, "service-direct", "--all", exits=2)
    assert "Several runs" in bureau.answer("run", "authorise", exits=1)["error"]


def test_a_definition_that_is_authorised_runs_straight_through(bureau: Installation) -> None:
    bureau.run("definition", "create", "straight", "--authorised")
    assert "already" in bureau.answer("definition", "create", "straight", exits=1)["error"]
    through = bureau.answer("run", "generate", "straight", "--cutoff", _abandon_this_month(bureau))
    assert through["invoices"] > 0
    shown = bureau.answer("run", "show", str(through["run"]))
    assert (shown["status"], shown["issued"]) == ("issued", through["invoices"])
    assert {one["state"] for one in shown["deliveries"]} == {"sent"}
    assert sum(one["invoices"] for one in shown["ran"]["shards"]) == through["invoices"]
    notes = bureau.answer("run", "credit", str(through["run"]), "--reason", "Wrong price")
    assert (notes["status"], notes["invoices"]) == ("in_review", through["invoices"])
    assert bureau.answer("run", "abandon", str(notes["run"]), "--reason", "No")["status"] == "abandoned"


def test_an_issued_invoice_is_printed_by_its_number(bureau: Installation) -> None:
    first = bureau.answer("invoice", "list", "--run", "1")["invoices"][0]
    written = bureau.answer("invoice", "pdf", first["number"], "--out", "first.pdf")
    assert (bureau.home / written["file"]).read_bytes().startswith(b"%PDF-")
    assert "invoice list" in bureau.answer("invoice", "pdf", "INV-0", exits=1)["error"]
