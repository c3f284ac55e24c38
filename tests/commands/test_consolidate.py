"""`counterfoil consolidate …` as people script it: settings, a batch, a roll, an edit, a void, a PDF."""

from __future__ import annotations

from datetime import date, timedelta

from tests.conftest import Installation

FREE_TEXT = 'text="Cable, cut to length" price=7.05 quantity=2 tax=standard'


def test_a_month_is_consolidated_on_the_command_line(demo_installation: Installation) -> None:
    """Rules 8.1 to 8.9 on a demo bureau, whose events are billed first."""
    answer = demo_installation.answer
    first = date.today().replace(day=1)  # noqa: DTZ011  the demo is of the month in which it is loaded
    following = (first + timedelta(days=31)).replace(day=1)
    made = answer("run", "generate", "--kinds", "activation,work_order,sale", "--all", "--cutoff", str(first))
    demo_installation.run("run", "authorise", str(made["run"]), "--by", "approver")
    listed = answer("consolidate", "eligible", "--cutoff", str(first))["billings"]
    assert listed
    account = next(one["customer"] for one in listed if one["billed"] is not None)
    words = ("--no-next-date", "--minimum", "", "--limit", "", "--sales", "--service")
    shown = answer("consolidate", "settings", account, *words, "--cycle", "1 month")
    assert (shown["used"], shown["minimum"], shown["cycle"]) == (True, None, "1 month")
    refused = answer("consolidate", "settings", account, "--minimum", "5", "--limit", "5", exits=1)
    assert "is not below 5.00" in refused["error"]
    billing = answer("consolidate", "create", account, "--date", str(first), "--number", "B500")
    assert billing["number"] == "B500-0"
    edited = answer("consolidate", "edit", "B500-0", "--description", "January", "--due", str(following))
    assert (edited["number"], edited["due_date"]) == ("B500-1", str(following))
    assert answer("consolidate", "show", "B500")["documents"][0]["amount_due"]
    pdf = demo_installation.home / "b500.pdf"
    assert answer("consolidate", "pdf", "B500-1", "--out", str(pdf))["files"] == [
        {"file": str(pdf), "bytes": pdf.stat().st_size}
    ]
    assert answer("consolidate", "void", "B500-1", "--reason", "x")["voided"] == 1
    batch = answer("consolidate", "batch", "--cutoff", str(first), "--check", "all", "--description", "All")
    assert {one["description"] for one in batch["billings"]} == {"All"}
    due = answer("consolidate", "settings", account, "--next-date", str(first))
    assert due["next_date"] == str(first)
    rolled = answer("consolidate", "roll", account, "--cutoff", str(first))
    assert [one["rolled_to"] for one in rolled["customers"]] == [str(following)]
    sold = answer("invoice", "sell", account, "--line", FREE_TEXT, "--po", "PO-1", "--date", str(following))
    assert (sold["net"], sold["customer"]) == ("14.10", account)  # 2 × 7.05
    wanted = ("invoice", "sell", account, "--instead-of", str(sold["id"]), "--date", str(following))
    assert answer(*wanted, "--line", FREE_TEXT, "--line", FREE_TEXT)["net"] == "28.20"
    assert "is not understood" in answer(*wanted, "--line", "Cable", exits=1)["error"]
    assert answer("check")["violations"] == []
