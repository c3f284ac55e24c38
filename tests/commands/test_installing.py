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


def test_demo_is_loaded_once(demo_installation: Installation) -> None:
    again = demo_installation.answer("demo")
    assert (again["created"], again["organisation"]) == (False, "Harbour Watch Monitoring")


def test_demo_refuses_an_installation_for_something_else(installation: Installation) -> None:
    installation.run("init")
    assert "not a demo" in installation.answer("demo", exits=1)["error"]
