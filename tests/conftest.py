"""What the tests share: a real PostgreSQL, started when the first test asks for it and stopped at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home

# Nothing of a test's database need survive a power cut.
UNSAFE_AND_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 128MB\n"


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """Yield the URL of the session's own database server; COUNTERFOIL_TEST_DATABASE_URL's when that is set."""
    own_settings = home() / "postgresql.conf"
    if not own_settings.exists():
        own_settings.write_text(UNSAFE_AND_FAST, encoding="ascii")
    with database_running(home()) as url:
        yield url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: str) -> None:
    """Have pytest-django wait for the server before it makes the tests' database."""


def pytest_unconfigure() -> None:
    """Remove the session's folder, by the process that made it."""
    if os.environ.get("COUNTERFOIL_TEST_HOME_OWNER") == str(os.getpid()):
        shutil.rmtree(Path(os.environ["COUNTERFOIL_TEST_HOME"]), ignore_errors=True)
