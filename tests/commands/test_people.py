"""`counterfoil user` and `counterfoil branch`."""

from __future__ import annotations

from tests.conftest import Installation


def test_people_and_branches_are_looked_after(installation: Installation) -> None:
    installation.run("init")
    made = installation.answer("branch", "create", "DUB", "--name", "Dublin")
    assert (made["code"], made["name"]) == ("DUB", "Dublin")
    changed = installation.answer("branch", "change", "DUB", "--city", "Dublin 4")
    assert (changed["name"], changed["city"]) == ("Dublin", "Dublin 4")
    assert [one["code"] for one in installation.answer("branch", "list")["branches"]] == ["DUB", "main"]

    words = ("--role", "biller", "--branch", "DUB", "--email", "noor@example.com", "--first-name", "Noor")
    made = installation.answer("user", "create", "noor", *words)
    assert (made["role"], made["branches"], len(made["password"])) == ("biller", ["DUB"], 20)
    changed = installation.answer("user", "change", "noor", "--role", "approver", "--every-branch")
    assert (changed["role"], changed["branches"], changed["name"]) == ("approver", [], "Noor")
    assert installation.answer("user", "switch-off", "noor")["is_active"] is False
    assert installation.answer("user", "switch-on", "noor")["is_active"] is True
    assert len(installation.answer("user", "password", "noor")["password"]) == 20
    assert installation.answer("user", "forget-second-factor", "noor")["forgotten"] is False
    changed = installation.answer("organisation", "change", "--two-factor", "approver,biller")
    assert (changed["two_factor_roles"], changed["tax_status"]) == (["approver", "biller"], "standard")
    words = ("--four-eyes", "--timezone", "Europe/Dublin", "--city", "Ferrow", "--rounding", "half_even")
    changed = installation.answer("organisation", "change", *words)
    assert (changed["four_eyes"], changed["timezone"], changed["city"]) == (True, "Europe/Dublin", "Ferrow")
    assert installation.answer("organisation", "show") == changed
    refused = installation.answer("organisation", "change", "--rounding", "down", exits=1)
    assert "rounding: Value 'down' is not a valid choice." in refused["error"]
    shown = installation.run("user", "list").stdout
    assert "noor@example.com" in shown
    last = installation.answer("user", "switch-off", "admin", exits=1)
    assert "admin is the last administrator who can sign in" in last["error"]
    nobody = installation.run("user", "show", "nobody", exits=1)
    assert nobody.stderr.startswith("There is nobody here who signs in as 'nobody'.")
