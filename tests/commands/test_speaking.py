"""What a command changes has somebody's name in the audit trail (product H5)."""

from __future__ import annotations

from pathlib import Path

from counterfoil.commands.speaking import operator
from tests.conftest import Installation


def test_the_trail_names_who_worked_on_the_command_line(installation: Installation, tmp_path: Path) -> None:
    installation.run("init", "--name", "Larkfield Monitoring", "--country", "IE", "--currency", "EUR")
    file = tmp_path / "customers.csv"
    file.write_text("account,name,email\nC-1,Acorn Homes,a@example.com\n")
    installation.run("import", "customers", str(file))
    to = "a@example.com; b@example.com (statements)"
    installation.run("--as", "admin", "email", "recipients", "C-1", "--to", to)
    installation.run("email", "recipients", "C-1", "--to", "a@example.com")
    trail = installation.answer("audit", "--kind", "billing-customer")["changes"]
    nobody = f"{operator()}, on the command line"
    assert [(one["what"], one["who"]) for one in trail] == [
        ("changed", nobody),
        ("changed", "admin"),
        ("added", nobody),
    ]
    refused = installation.run("--as", "nobody", "email", "list", exits=1)
    assert "Nobody here signs in as nobody." in refused.stderr
    sent = installation.answer("email", "statements", "C-1", "--day", "2026-07-01", "--also-settled")
    assert (sent["to"], sent["states"]) == (1, {"sent": 1})
    cancelled = installation.answer("email", "cancel-statements", str(sent["round"]))
    assert (cancelled["cancelled"], cancelled["states"]) == (0, {"sent": 1})
    installation.run("email", "cancel-statements", "99", exits=1)
