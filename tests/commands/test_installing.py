"""`init`, `demo` and `check`, through the program."""

from __future__ import annotations

from tests.conftest import Installation


def test_init_shows_the_password_once(installation: Installation) -> None:
    first = installation.answer("init", "--name", "Quay Street Security", "--country", "ie")
    assert (first["organisation"], first["created"], first["username"]) == (
        "Quay Street Security",
        True,
        "admin",
    )
    assert len(first["password"]) == 20  # 15 random bytes in base64
    assert installation.answer("init") == {"organisation": "Quay Street Security", "created": False}
    assert installation.answer("check")["violations"] == []


def test_what_init_cannot_use_is_refused(installation: Installation) -> None:
    assert "ISO 3166" in installation.answer("init", "--country", "XQ", exits=1)["error"]


def test_demo_is_loaded_once_and_never_over_something_else(installation: Installation) -> None:
    first = installation.answer("demo")
    assert (first["created"], first["organisation"]) == (True, "Harbour Watch Monitoring")
    assert installation.answer("demo") == {**first, "created": False}


def test_demo_refuses_an_installation_for_something_else(installation: Installation) -> None:
    installation.run("init")
    assert "not a demo" in installation.answer("demo", exits=1)["error"]
