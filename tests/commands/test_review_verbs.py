"""Review, numbers and books on the command line, as people script them, on a demo bureau."""

from __future__ import annotations

from decimal import Decimal

from tests.conftest import Installation


def test_drafts_are_revised_and_the_run_still_reconciles(demo_installation: Installation) -> None:
    """Rules 7.2, 12.5, 12.7 and 12.8; what a verb answers names the draft that the next one takes."""
    installation = demo_installation
    first, second = installation.answer("invoice", "list", "--limit", "2")["invoices"]
    why = ("--reason", "As agreed", "--by", "approver")
    [adjusted] = installation.answer("run", "adjust", str(first["id"]), "1", "--amount", "-0.01", *why)[
        "drafts"
    ]
    assert Decimal(adjusted["net"]) < Decimal(first["gross"])
    assert installation.answer("invoice", "show", str(first["id"]))["state"] == "replaced"
    [waived] = installation.answer("run", "waive", str(adjusted["id"]), "1", *why)["drafts"]
    assert Decimal(waived["net"]) < Decimal(adjusted["net"])
    refused = installation.answer("run", "waive", str(adjusted["id"]), "1", *why, exits=1)
    assert "replaced" in refused["error"]
    shown = installation.answer("run", "redate", str(second["id"]), "--to", "2031-01-31", "--dry-run")
    assert (shown["drafts"], shown["redated"][0]["invoice_date"]["after"]) == ([], "2031-01-31")
    assert len(installation.answer("run", "rerate", str(second["id"]), *why)["drafts"]) == 1
    control = installation.answer("run", "reconcile", str(first["run"]))["reconciliation"]
    assert {change["what"] for one in control for change in one["changes"]} == {
        "adjusted",
        "waived",
        "re-rated",
    }
    assert installation.answer("check")["violations"] == []


def test_numbers_and_books_are_set(installation: Installation) -> None:
    """Rules 7.2 and 7.5."""
    installation.run("init")
    words = ("numbering", "set", "main", "contract")
    changed = installation.answer(*words, "--pattern", "R{seq:04}", "--continuous", "--any-date-order")
    assert (changed["next_number"], changed["in_date_order"]) == ("R0001", False)
    assert "year" in installation.answer(*words, "--yearly", exits=1)["error"]
    listed = installation.answer("numbering", "list")["numbering"]
    assert [one["next_number"] for one in listed if one["document_type"] == "contract"] == ["R0001"]
    assert installation.answer("books")["closed_before"] is None
    assert installation.answer("books", "--closed-before", "2026-07-01")["closed_before"] == "2026-07-01"
    late = ("run", "generate", "service-direct", "--cutoff", "2026-06-01")
    assert "counterfoil books" in installation.answer(*late, exits=1)["error"]
    assert installation.answer("books", "--open")["closed_before"] is None
