"""What the environment may say, and what is answered to nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.project import environment
from counterfoil.project.database.address import DatabaseAddress, parse_database_url
from counterfoil.project.environment import SettingIsWrong
from counterfoil.project.home import kept_secret
from counterfoil.project.mail import mail_settings


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE_FILE", str(tmp_path / "key"))
    assert environment.secret("EXAMPLE") == "s3cret"


def test_a_secret_in_two_places_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE", "one")
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingIsWrong, match="COUNTERFOIL_EXAMPLE_FILE is set as well, and one must go"):
        environment.secret("EXAMPLE")


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingIsWrong, match="none: No such file or directory"):
        environment.secret("EXAMPLE")


@pytest.mark.parametrize(
    ("word", "meaning"), [("yes", True), ("1", True), ("On", True), ("no", False), ("0", False), ("", True)]
)
def test_a_switch_is_yes_or_no_or_its_default(
    word: str, meaning: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE", word)
    assert environment.switch("EXAMPLE", default=True) is meaning


@pytest.mark.parametrize("number", ["-1", "201", "many", "1.5"])
def test_a_number_out_of_range_is_refused(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_EXAMPLE", number)
    with pytest.raises(SettingIsWrong, match=f"“{number}” is not a whole number from 0 to 200"):
        environment.whole_number("EXAMPLE", default=4, least=0, most=200)


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "key")
    assert len(first) == 64  # 256 bits in hexadecimal
    assert kept_secret(tmp_path / "key") == first
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


ELSEWHERE = DatabaseAddress(name="books", role="ann", password="p@ss/word", host="db.example", port=6432)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://ann:p%40ss%2Fword@db.example:6432/books", ELSEWHERE),
        ("postgres://ann:p%40ss%2Fword@db.example:6432/books", ELSEWHERE),
        ("postgresql:///books?host=db.example&port=6432&user=ann&password=p%40ss%2Fword", ELSEWHERE),
    ],
)
def test_a_database_url_is_read(url: str, address: DatabaseAddress) -> None:
    assert parse_database_url(url) == address


def test_a_database_url_is_written_as_it_is_read() -> None:
    socket = DatabaseAddress(
        name="books",
        role="ann",
        password="a?b&c",
        host="/run/books",
        port=5432,
        options=(("sslmode", "disable"),),
    )
    assert parse_database_url(socket.url()) == socket
    assert parse_database_url(ELSEWHERE.url()) == ELSEWHERE


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://db.example/books", "it does not begin with postgresql://"),
        ("postgresql://db.example", "it names no database"),
        ("postgresql://db.example:five/books", "its port is not a number"),
    ],
)
def test_a_url_of_nothing_is_refused(url: str, reason: str) -> None:
    with pytest.raises(SettingIsWrong, match=f"COUNTERFOIL_DATABASE_URL is wrong: {reason}"):
        parse_database_url(url)


@pytest.mark.parametrize(
    ("url", "port", "starttls", "implicit"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://ann:secret@mail.example", 587, True, False),
        ("smtps://ann:secret@mail.example", 465, False, True),
        ("smtp://ann:secret@mail.example:2525?tls=none", 2525, False, False),
        ("smtp://mail.example?tls=implicit", 465, False, True),
    ],
)
def test_a_mail_url_is_read(url: str, port: int, starttls: bool, implicit: bool, tmp_path: Path) -> None:
    settings = mail_settings(url=url, folder=tmp_path)
    assert settings["EMAIL_HOST"] == "mail.example"
    assert settings["EMAIL_PORT"] == port
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (starttls, implicit)


def test_the_password_of_a_mail_url_may_have_any_sign(tmp_path: Path) -> None:
    settings = mail_settings(url="smtp://ann%40example:p%3A%2F@mail.example", folder=tmp_path)
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("ann@example", "p:/")


def test_without_a_mail_url_mail_becomes_files(tmp_path: Path) -> None:
    assert mail_settings(url="", folder=tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example?tls=maybe"]
)
def test_a_mail_url_of_nothing_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingIsWrong, match="COUNTERFOIL_SMTP_URL is wrong"):
        mail_settings(url=url, folder=tmp_path)
