"""What the tests share: a real PostgreSQL, started when the first test asks for it, and installations of their own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import settings

from counterfoil.project.database.address import DatabaseAddress, external_url, parse_database_url
from counterfoil.project.database.locks import owned
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from tests.warm import WarmProgram

# Nothing of a test's database need survive a power cut.
UNSAFE_AND_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 128MB\n"
SECONDS_FOR_A_COMMAND = 300


# One commit gives one answer: what is drawn depends on the test alone. `make search` draws anew, and much more. A test
# states facts, not times, so there is no deadline.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None, print_blob=True)
settings.load_profile("repeatable")


# Few tests a file, but long ones; the command that runs all keeps this order (Makefile).
LONGEST_FIRST = (
    *("tests/commands/test_backup.py", "tests/project/test_migrations.py", "tests/project/test_up.py"),
    *("tests/faults/test_server_breaks.py", "tests/web/test_accessible.py", "tests/commands/test_run.py"),
    *("tests/commands/test_customer_mode.py", "tests/simulation/test_simulation.py"),
    *("tests/web/test_journeys.py", "tests/web/test_consolidation_journey.py"),
)


# A short life in every run of the tests; `make simulate` lives longer ones.
FIRST_SEED, MONTHS = 1, 10


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the seed and the length of the simulated company's life."""
    parser.addoption("--seed", type=int, help="Seed of the simulated company; else COUNTERFOIL_TEST_SEED.")
    parser.addoption("--months", type=int, help="Months it lives; else COUNTERFOIL_TEST_MONTHS.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process has one of them left when the other is done."""
    places = {config.rootpath / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture
def simulation_seed(request: pytest.FixtureRequest) -> int:
    """Return the seed that was asked for."""
    return request.config.getoption("seed") or int(os.environ.get("COUNTERFOIL_TEST_SEED", FIRST_SEED))


@pytest.fixture
def simulation_months(request: pytest.FixtureRequest) -> int:
    """Return how many months to simulate."""
    return request.config.getoption("months") or int(os.environ.get("COUNTERFOIL_TEST_MONTHS", MONTHS))


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """Yield the URL of the session's own database server; COUNTERFOIL_TEST_DATABASE_URL's when that is set."""
    own_settings = home() / "postgresql.conf"
    if not own_settings.exists():
        own_settings.write_text(UNSAFE_AND_FAST, encoding="ascii")
    with database_running(home()) as url:
        yield url
        if external_url():
            for name in (_blank_name(), _blank_name().replace("blank", "demo")):
                _drop(name)


@pytest.fixture(scope="session")
def blank_database(database_server: str, django_db_blocker: Any) -> str:
    """Return the name of a database in which all migrations have run and nothing else; others are copied from it."""
    name = _blank_name()
    with owned(home() / "blank.lock"):
        if not _on_server("SELECT 1 FROM pg_database WHERE datname = %s", name):
            _on_server(f'CREATE DATABASE "{name}_begun"')
            with django_db_blocker.unblock():
                _migrate(f"{name}_begun")
            _on_server(f'ALTER DATABASE "{name}_begun" RENAME TO "{name}"')
    return name


def _blank_name() -> str:
    return f"blank_{home().name.rpartition('-')[2]}"


def _migrate(name: str) -> None:
    """Run all migrations in the database *name* on the connection that is later the tests' own."""
    otherwise = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = otherwise


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    blank_database: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Have pytest-django copy the blank database for the tests' own, which then needs no migration."""
    connection.settings_dict["TEST"]["TEMPLATE"] = blank_database


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """A Counterfoil of a test's own: its folder, and the environment of its commands."""

    home: Path
    environment: dict[str, str]

    def run(self, *words: str, exits: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `counterfoil` with *words* to its end and return what it said; it must exit with *exits*."""
        done = _warm_program().run(
            words, environment=self.environment, folder=str(self.home), seconds=SECONDS_FOR_A_COMMAND
        )
        assert done.returncode == exits, (
            f"{words} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
        return done

    def answer(self, *words: str, exits: int = 0) -> Any:
        """Run `counterfoil … --json` and return its one document."""
        return json.loads(self.run(*words, "--json", exits=exits).stdout)


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Forget the jobs that tests before left: the queue's tables are not among those emptied between tests."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """Yield a new folder for an installation with a quick database of its own; remove all of it afterwards."""
    with _new_home() as folder:
        yield folder


@contextmanager
def _new_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-home-"))
    folder.chmod(0o711)
    (folder / "postgresql.conf").write_text(UNSAFE_AND_FAST, encoding="ascii")
    yield folder
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder)


def environment_of(folder: Path, **settings_of_its_own: str) -> dict[str, str]:
    """Return the environment of an installation in *folder*: ours, without our settings, with its own."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("COUNTERFOIL_", "DJANGO_"))
    }
    return kept | {"COUNTERFOIL_HOME": str(folder)} | settings_of_its_own


@pytest.fixture
def installation(blank_database: str, empty_home: Path) -> Iterator[Installation]:
    """Yield an installation with a migrated, empty database of its own on the session's server."""
    with _new_installation(blank_database, empty_home) as made:
        yield made


@pytest.fixture(scope="session")
def demo_database(blank_database: str) -> str:
    """Return the name of a database with the demo bureau, loaded once; others are copied from it."""
    name = blank_database.replace("blank", "demo")
    with owned(home() / "demo.lock"):
        if not _on_server("SELECT 1 FROM pg_database WHERE datname = %s", name):
            _on_server(f'CREATE DATABASE "{name}_begun" TEMPLATE "{blank_database}"')
            url = _address(database=f"{name}_begun").url()
            with _new_home() as folder:
                environment = environment_of(folder, COUNTERFOIL_DATABASE_URL=url)
                assert Installation(home=folder, environment=environment).answer("demo")["created"]
            _on_server(f'ALTER DATABASE "{name}_begun" RENAME TO "{name}"')
    return name


@pytest.fixture
def demo_installation(demo_database: str, empty_home: Path) -> Iterator[Installation]:
    """Yield an installation with the demo bureau."""
    with _new_installation(demo_database, empty_home) as made:
        yield made


@pytest.fixture
def another_installation(blank_database: str) -> Iterator[Installation]:
    """Yield a second installation, as empty as the first."""
    with _new_home() as folder, _new_installation(blank_database, folder) as made:
        yield made


@contextmanager
def _new_installation(template: str, empty_home: Path) -> Iterator[Installation]:
    name = f"installation_{secrets.token_hex(6)}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    url = _address(database=name).url()
    yield Installation(home=empty_home, environment=environment_of(empty_home, COUNTERFOIL_DATABASE_URL=url))
    _drop(name)


@cache
def _warm_program() -> WarmProgram:
    """Return the process that forks the commands of this process's tests."""
    return WarmProgram()


def _address(*, database: str) -> DatabaseAddress:
    with database_running(home()) as url:
        known = parse_database_url(url)
    return DatabaseAddress(
        name=database,
        role=known.role,
        password=known.password,
        host=known.host,
        port=known.port,
        options=known.options,
    )


def _on_server(statement: str, *values: str) -> list[Any]:
    """Run one statement on the server, outside any transaction, and return its rows."""
    with psycopg.connect(_address(database="postgres").url(), autocommit=True) as server:
        cursor = server.execute(statement, values or None)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def _drop(name: str) -> None:
    """Drop the database *name*, ending our own sessions in it.

    FORCE would not do: it refuses where autovacuum is at work, whose sessions are not ours to end. DROP alone sends
    autovacuum away and waits for it.
    """
    _on_server(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
        name,
    )
    _on_server(f'DROP DATABASE IF EXISTS "{name}"')


def pytest_unconfigure() -> None:
    """End the process of the commands, and remove the session's folder by the process that made it."""
    if _warm_program.cache_info().currsize:
        _warm_program().close()
    if os.environ.get("COUNTERFOIL_TEST_HOME_OWNER") == str(os.getpid()):
        shutil.rmtree(Path(os.environ["COUNTERFOIL_TEST_HOME"]), ignore_errors=True)
