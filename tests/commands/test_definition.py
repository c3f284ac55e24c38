"""Definitions on the command line: made, changed, copied and shown by the rules of the other faces."""

from __future__ import annotations

from tests.conftest import Installation


def test_a_definition_is_made_changed_and_copied(demo_installation: Installation) -> None:
    bureau = demo_installation
    words = ("--cutoff", "last of this month", "--schedule", "0 6 1 * *", "--no-mail")
    made = bureau.answer("definition", "create", "monthly", *words)
    assert (made["cutoff"], made["schedule_words"], made["mail"], made["authorised"]) == (
        "last of this month",
        "every month on day 1 at 06:00",
        False,
        False,
    )
    assert [run["starts"][8:16] for run in made["next_runs"]] == ["01T06:00"] * 5
    changed = bureau.answer("definition", "edit", "monthly", "--rename", "weekly", "--authorised", "--off")
    assert {name for name in made if made[name] != changed[name]} == {
        "name",
        "authorised",
        "is_active",
        "next_runs",
    }
    copied = bureau.answer("definition", "copy", "weekly", "again")
    assert (copied["title"], copied["cutoff"], copied["schedule"], copied["authorised"]) == (
        "monthly (copy)",
        "last of this month",
        "",
        False,
    )
    refused = bureau.run("definition", "edit", "again", "--authorised", "--by", "biller", exits=1)
    assert "Ask an approver." in refused.stderr
    assert bureau.answer("definition", "edit", "again", "--authorised", "--by", "approver")["authorised"]
    assert bureau.answer("run", "preview", "again")["invoices"] > 0
