"""`backup`, `restore` and `upgrade`, through the program."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Installation


@pytest.fixture
def billed(installation: Installation, tmp_path: Path) -> Installation:
    """Return an installation with one issued invoice whose e-mail is queued."""
    files = {
        "tax-rates": "category,rate,valid_from\nstandard,20,2026-01-01\n",
        "customers": "account,name,email,delivery,currency\nC1,Fern Row Ltd,books@example.com,email,EUR\n",
        "clients": "client,name,customer\nS1,Fern Row 3,C1\n",
        "master-charges": "code,name,kind,unit_price,tax_category\nMON,Monitoring,service,30.00,standard\n",
        "charges": "charge,client,code,starts_on\nK1,S1,MON,2026-06-01\n",
    }
    installation.answer("init")
    for kind, text in files.items():
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        installation.answer("import", kind, str(file))
    installation.answer("run", "generate", "service-direct", "--cutoff", "2026-06-01")
    installation.answer("run", "authorise")
    return installation


def _ask(installation: Installation, question: str) -> Any:
    with psycopg.connect(installation.environment["COUNTERFOIL_DATABASE_URL"]) as connection:
        answered = connection.execute(question).fetchone()  # type: ignore[call-overload]
        return answered and answered[0]


def test_a_backup_comes_back_whole_and_mails_are_not_sent_twice(
    billed: Installation, another_installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "month.zip"
    # As if fewer migrations had made these tables.
    _ask(billed, "SELECT setval('django_migrations_id_seq', 7)")
    written = billed.answer("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0  # its owner's alone
    restored = another_installation.answer("restore", str(file))
    assert (restored["rows"], restored["violations"]) == (written["rows"], 0)
    assert restored["uncertain_mails"] == 1  # it may have been sent since the backup was made
    # The restored tables count the migrations that made them, so that the next one can be noted.
    next_is_free = "SELECT nextval('django_migrations_id_seq') > max(id) FROM django_migrations"
    assert _ask(another_installation, next_is_free)
    # June is billed there too, and numbers go on where they were.
    july = another_installation.answer("run", "generate", "service-direct", "--cutoff", "2026-07-01")
    assert july["totals"] == {"EUR": {"net": "30.00", "tax": "6.00", "gross": "36.00"}}  # one month at 20 %
    another_installation.answer("run", "authorise", str(july["run"]))
    assert another_installation.answer("invoice", "show", "INV-2026-000002")["number"] == "INV-2026-000002"
    assert "set up here already" in billed.answer("restore", str(file), exits=1)["error"]


def test_a_damaged_backup_is_refused_before_anything_happens(
    installation: Installation, another_installation: Installation, tmp_path: Path
) -> None:
    installation.answer("init")
    file, damaged = tmp_path / "month.zip", tmp_path / "damaged.zip"
    installation.answer("backup", str(file))
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(damaged, "w") as copy:
        for member in whole.namelist():
            text = whole.read(member)
            copy.writestr(
                member, text.replace(b"admin", b"root_") if "organisation_user." in member else text
            )
    said = another_installation.answer("restore", str(damaged), exits=1)["error"]
    assert "organisation_user is not what was written" in said
    damaged.write_text("not a backup", encoding="ascii")
    assert "is not a backup" in another_installation.answer("restore", str(damaged), exits=1)["error"]
    assert another_installation.answer("init")["created"] is True


def test_upgrade_backs_up_first_and_refuses_a_later_versions_database(installation: Installation) -> None:
    installation.answer("init")
    assert installation.answer("upgrade") == {"applied": [], "backup": None}
    with psycopg.connect(installation.environment["COUNTERFOIL_DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('billing', '0999_x', now())"
        )
    for verb in ("upgrade", "check"):
        assert "later version" in installation.answer(verb, exits=1)["error"]
