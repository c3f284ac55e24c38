"""What `counterfoil doctor` looks at. Each look gives a finding; none changes anything but what starting does."""

from __future__ import annotations

import os
import platform
import shutil
import smtplib
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import counterfoil
from counterfoil.project import environment
from counterfoil.project.database.address import external_url, parse_database_url
from counterfoil.project.database.binaries import find_binaries
from counterfoil.project.database.cluster import written_by
from counterfoil.project.database.errors import DatabaseTrouble
from counterfoil.project.database.places import data_folder
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from counterfoil.project.loading import load_django
from counterfoil.project.mail import mail_settings

OLDEST_PYTHON = (3, 11)
OLDEST_DATABASE = 14
LEAST_DISK_MB = 500
LITTLE_DISK_MB = 2_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS_FOR_MAIL = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one look found: `ok`, a `note` that stops nothing, or `trouble` with its remedy."""

    name: str
    state: Literal["ok", "note", "trouble"]
    message: str
    remedy: str = ""


def checkup() -> list[Finding]:
    """Return what every look finds, the first things first. A look that cannot be taken is trouble as well."""
    looks: list[tuple[str, Callable[[], Finding]]] = [
        ("python", _python),
        ("home", _home),
        ("disk", _disk),
        ("postgresql", _programs),
        ("database", _database),
        ("fonts", _fonts),
        ("mail", _mail),
        ("browser", _browser),
    ]
    return [_take(name, look) for name, look in looks]


def _take(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except (DatabaseTrouble, environment.SettingIsWrong) as error:
        return Finding(name=name, state="trouble", message=str(error))
    except OSError as error:
        return Finding(
            name=name,
            state="trouble",
            message=str(error),
            remedy="Check that it exists and your rights to it.",
        )


def _python() -> Finding:
    message = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Finding(name="python", state="ok", message=message)
    return Finding(name="python", state="trouble", message=message, remedy="Use Python 3.11 or newer.")


def _home() -> Finding:
    folder = home()
    open_to_others = [path for path in folder.glob("*secret*") if path.stat().st_mode & 0o077]
    open_to_others += [path for path in folder.glob("*password*") if path.stat().st_mode & 0o077]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others)
        message = f"others may read {names}"
        return Finding(name="home", state="trouble", message=message, remedy=f"chmod 600 {names}")
    if not os.access(folder, os.W_OK):
        remedy = "Start as the user who made it, or set COUNTERFOIL_HOME."
        return Finding(name="home", state="trouble", message=f"{folder} cannot be written", remedy=remedy)
    return Finding(name="home", state="ok", message=str(folder))


def _disk() -> Finding:
    free_mb = shutil.disk_usage(home()).free // 1024**2
    message = f"{free_mb:,} MB free"
    if free_mb < LEAST_DISK_MB:
        return Finding(name="disk", state="trouble", message=message, remedy="Make room before the next run.")
    if free_mb < LITTLE_DISK_MB:
        return Finding(name="disk", state="note", message=message, remedy="A large run may need more.")
    return Finding(name="disk", state="ok", message=message)


def _programs() -> Finding:
    if external_url():
        return Finding(name="postgresql", state="ok", message="your own, at COUNTERFOIL_DATABASE_URL")
    binaries = find_binaries(preferred_major=written_by(data_folder(home())))
    return Finding(name="postgresql", state="ok", message=f"version {binaries.major} in {binaries.bindir}")


def _database() -> Finding:
    import psycopg

    with database_running(home()) as url:
        address = parse_database_url(url)
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                version = connection.info.server_version
                waiting, has_letters = _pending_migrations()
        except psycopg.OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            remedy = "Check COUNTERFOIL_DATABASE_URL and that the server runs."
            return Finding(name="database", state="trouble", message=reason, remedy=remedy)
    message = f"PostgreSQL {version // 10_000}.{version % 10_000}, database {address.name}"
    if version // 10_000 < OLDEST_DATABASE:
        return Finding(
            name="database", state="trouble", message=message, remedy="Use PostgreSQL 14 or newer."
        )
    if waiting:
        remedy = "`counterfoil up` applies them; make a backup first."
        return Finding(
            name="database", state="note", message=f"{message}; {waiting} changes wait", remedy=remedy
        )
    if not has_letters:
        remedy = "Install PostgreSQL's contrib package on its server, then run `counterfoil upgrade`."
        told = f"{message}, up to date, without pg_trgm: searching for parts of names takes long where there are many"
        return Finding(name="database", state="note", message=told, remedy=remedy)
    return Finding(name="database", state="ok", message=f"{message}, up to date")


def _pending_migrations() -> tuple[int, bool]:
    """Return how many migrations wait, and whether parts of words are found by indexes."""
    load_django()
    from django.db import connection

    from counterfoil.project.migrations import pending
    from counterfoil.records.letters import has_letters

    try:
        return len(pending()), has_letters()
    finally:
        connection.close()


def _fonts() -> Finding:
    folder = Path(counterfoil.__file__).parent / "documents" / "fonts"
    count = len([path for path in folder.rglob("*") if path.suffix in {".ttf", ".otf"}])
    if count:
        return Finding(name="fonts", state="ok", message=f"{count} for documents")
    return Finding(
        name="fonts", state="trouble", message="none in the package", remedy="Install Counterfoil again."
    )


def _mail() -> Finding:
    url = environment.secret("SMTP_URL")
    if not url:
        message = f"written to files in {home() / 'mail'}"
        return Finding(
            name="mail", state="note", message=message, remedy="Set COUNTERFOIL_SMTP_URL to send it."
        )
    settings = mail_settings(url=url, folder=home() / "mail")
    where = f"{settings['EMAIL_HOST']}:{settings['EMAIL_PORT']}"
    connect = smtplib.SMTP_SSL if settings["EMAIL_USE_SSL"] else smtplib.SMTP
    try:
        with connect(settings["EMAIL_HOST"], settings["EMAIL_PORT"], timeout=SECONDS_FOR_MAIL) as server:
            if settings["EMAIL_USE_TLS"]:
                server.starttls(context=ssl.create_default_context())
            if settings["EMAIL_HOST_USER"]:
                server.login(settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"])
    except (OSError, smtplib.SMTPException) as error:
        remedy = "Check COUNTERFOIL_SMTP_URL and that the server runs."
        return Finding(name="mail", state="trouble", message=f"{where}: {error}", remedy=remedy)
    return Finding(name="mail", state="ok", message=f"{where} answers")


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Finding(name="browser", state="ok", message=found)
    message = "no Chromium; only the tests of the web pages need one"
    return Finding(name="browser", state="note", message=message)
