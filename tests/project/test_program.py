"""The `counterfoil` program as a whole: exit codes, sentences, and what is loaded when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from counterfoil.commands.main import UNLISTED, VERBS
from tests.conftest import Installation, environment_of


def _without_database(home: Path, **settings: str) -> Installation:
    return Installation(home=home, environment=environment_of(home, **settings))


def test_help_lists_every_verb(empty_home: Path) -> None:
    said = _without_database(empty_home).run("--help").stdout
    assert [verb for verb in VERBS if verb not in UNLISTED and f" {verb} " not in said] == []
    assert " django " not in said


def test_wrong_usage_exits_with_2(empty_home: Path) -> None:
    program = _without_database(empty_home)
    assert "No such command 'bill'" in program.run("bill", exits=2).stderr
    assert "No such option" in program.run("doctor", "--nonsense", exits=2).stderr


def test_what_failed_is_a_sentence_on_stderr_and_in_the_document(empty_home: Path) -> None:
    program = _without_database(empty_home, COUNTERFOIL_DATABASE_URL="mysql://db.example/books")
    refused = program.run("check", "--json", exits=1)
    sentence = (
        "The setting COUNTERFOIL_DATABASE_URL is wrong: it does not begin with postgresql://. "
        "Correct it (docs/reference/settings.md) and start again."
    )
    assert refused.stderr.strip() == sentence
    assert program.answer("check", exits=1) == {"error": sentence}


def test_a_server_that_does_not_answer_is_no_traceback(empty_home: Path) -> None:
    program = _without_database(empty_home, COUNTERFOIL_DATABASE_URL="postgresql://a:b@127.0.0.1:1/books")
    refused = program.run("check", exits=1)
    assert refused.stderr.startswith("The database refused: ")
    assert refused.stderr.count("\n") == 1


def test_starting_the_program_loads_neither_django_nor_polars(empty_home: Path) -> None:
    loading = (
        "import sys; from counterfoil.commands.main import program; program(['{verb}']); print(*sys.modules)"
    )
    for verb in ("simulate", "up", "doctor"):
        loaded = subprocess.run(
            [sys.executable, "-c", loading.format(verb=verb)],
            env=environment_of(empty_home),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert {"django", "polars"} & set(loaded) == set(), verb


def test_doctor_says_what_is_well_and_what_is_not(installation: Installation) -> None:
    well = installation.answer("doctor")
    assert well["ok"] is True
    assert [check["name"] for check in well["checks"]][:5] == [
        "python",
        "home",
        "disk",
        "postgresql",
        "database",
    ]

    (installation.home / "secret-key").chmod(0o644)
    environment = installation.environment | {"COUNTERFOIL_SMTP_URL": "smtp://127.0.0.1:1"}
    ill = Installation(home=installation.home, environment=environment).answer("doctor", exits=1)
    troubles = {check["name"]: check["remedy"] for check in ill["checks"] if check["state"] == "trouble"}
    assert troubles == {
        "home": f"chmod 600 {installation.home / 'secret-key'}",
        "mail": "Check COUNTERFOIL_SMTP_URL and that the server runs.",
    }
