"""Definitions on the command line: made, changed, copied and shown by the rules of the other faces."""

from __future__ import annotations

from datetime import date

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


def test_customer_groups_are_kept_and_selected(demo_installation: Installation) -> None:
    bureau = demo_installation
    bureau.answer("customer-group", "create", "Schools")
    bureau.answer("customer-group", "rename", "Schools", "Education")
    made = bureau.answer("definition", "create", "education", "--customer-group", "Education")
    assert made["customer_group"] == "Education"
    assert bureau.answer("run", "preview", "education")["invoices"] == 0
    on_the_spot = ("run", "preview", "--kinds", "service", "--all", "--cutoff", f"{date.today()}")  # noqa: DTZ011
    assert bureau.answer(*on_the_spot)["invoices"] > 0
    assert bureau.answer(*on_the_spot, "--customer-group", "Education")["invoices"] == 0
    assert (
        "says itself"
        in bureau.run("run", "preview", "education", "--customer-group", "Education", exits=2).stderr
    )
    listed = bureau.answer("customer-group", "list")["customer_groups"]
    assert listed == [{"name": "Education", "customers": 0, "definitions": 1}]
    assert (
        "selects the customer group"
        in bureau.answer("customer-group", "remove", "Education", exits=1)["error"]
    )
    bureau.answer("definition", "edit", "education", "--customer-group", "")
    assert bureau.answer("customer-group", "remove", "Education") == {"name": "Education", "customers": 0}
