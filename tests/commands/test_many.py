"""Many charges at once, and the message log, through the program."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Installation

MAPPED = """
[[step]]
import = "tax-rates"
once = true
columns = { category = "standard", rate = "23", valid_from = "2000-01-01" }

[[step]]
import = "customers"
columns = { account = "C{site}", name = "Customer {site}" }

[[step]]
import = "clients"
columns = { client = "{site}", name = "Site {site}", customer = "C{site}" }

[[step]]
import = "master-charges"
once = true
columns = { code = "MON", name = "Monitoring", kind = "service", unit_price = "30", tax_category = "standard" }
"""


def test_charges_are_assigned_copied_ended_and_notes_are_kept(
    installation: Installation, tmp_path: Path
) -> None:
    """Two sites at 2 × 30.00 each: 120 a period; the same again is left out."""
    installation.run("init", "--name", "Larkfield Monitoring", "--country", "IE", "--currency", "EUR")
    (tmp_path / "sites.csv").write_text("site\nS1\nS2\n")
    (tmp_path / "sites.toml").write_text(MAPPED)
    installation.run(
        "import", "mapped", str(tmp_path / "sites.csv"), "--mapping", str(tmp_path / "sites.toml")
    )
    assign = ("charge", "assign", "MON", "S1", "S2", "--starts-on", "2026-06-01", "--quantity", "2")
    made = installation.answer(*assign)
    assert (made["charges"], made["price_of_a_period"]) == (["S1-1", "S2-1"], {"EUR": "120"})
    copied = installation.answer("charge", "copy", "S1", "S2", "--starts-on", "2026-06-01", "--dry-run")
    assert copied["left_out"] == {"has it already": 1}
    new = ("client", "add", "S3", "Third", "--template", "S1", "--customer", "CS1")
    added = installation.answer(*new, "--commissioned-on", "2026-06-15", "--dry-run")
    assert [(one["code"], one["amount"]) for one in added["charges"]] == [("MON", "60")]
    stored = installation.answer(*new, "--commissioned-on", "2026-06-15")
    assert stored == {**added, "dry_run": False}
    catalogue = ("master-charge", "set", "MON", "--usable-on", "client,work_order", "--unit-cost", "12.5")
    changed = installation.answer(*catalogue, "--active-until", "2027-12-31", "--revenue-method", "daily")
    assert (changed["usable_on"], changed["unit_cost"], changed["active_until"], changed["earned"]) == (
        ["client", "work_order"],
        "12.5",
        "2027-12-31",
        "daily",
    )
    assert installation.answer("master-charge", "show", "MON") == changed
    installation.run("master-charge", "set", "NEW", "--unit-price", "5", exits=1)
    added = installation.answer("master-charge", "set", "NEW", "--name", "New", "--usable-on", "")
    assert installation.answer("master-charge", "list")["master_charges"] == [changed, added]
    pdf = tmp_path / "site.pdf"
    installation.run("client", "report", "S1", "--out", str(pdf))
    assert pdf.read_bytes().startswith(b"%PDF")
    ended = installation.answer("charge", "end", "S1-1", "S2-1", "--last-day", "2026-08-31")
    assert (ended["charges"], ended["credited"]) == (2, {})
    written = installation.answer("note", "add", "Change battery", "--client", "S1", "--act-by", "2026-06-30")
    (listed,) = installation.answer("note", "list", "--client", "S1", "--open")["notes"]
    assert listed == written
    assert installation.answer("note", "done", str(written["note"])) == {"done": 1}


def test_customers_and_dealers_are_charged_themselves(installation: Installation, tmp_path: Path) -> None:
    """A licence of 30.00 for two dealers: 60 a period; copied to a customer. Nobody pays for the third dealer."""
    installation.run("init", "--name", "Larkfield Monitoring", "--country", "IE", "--currency", "EUR")
    (tmp_path / "customers.csv").write_text("account,name\nC1,Brightwater\nC2,Harbour\n")
    (tmp_path / "dealers.csv").write_text("dealer,name,customer\nD1,One,C1\nD2,Two,C2\nD3,Three,\n")
    (tmp_path / "charges.csv").write_text(
        "code,name,kind,unit_price,usable_on\nFEE,Licence,service,30,dealer;customer\n"
    )
    for kind, file in (("customers", "customers"), ("dealers", "dealers"), ("master-charges", "charges")):
        installation.run("import", kind, str(tmp_path / f"{file}.csv"))
    assign = ("charge", "assign", "FEE", "--starts-on", "2026-06-01")
    made = installation.answer(*assign, "--dealer", "D1", "--dealer", "D2", "--dealer", "D3")
    assert (made["charges"], made["price_of_a_period"]) == (["D1-1", "D2-1"], {"EUR": "60"})
    assert made["left_out"] == {"has no billing customer, so nobody would pay": 1}
    copied = installation.answer("charge", "copy", "D1", "--customer", "C2", "--starts-on", "2026-06-01")
    assert copied["charges"] == ["C2-1"]
    installation.run(*assign, exits=2)
    installation.run(*assign, "D1", "--dealer", "D1", exits=2)
    installation.run(*assign, "--customer", "C9", exits=1)
    assert installation.answer("check")["violations"] == []
