"""The embedded database: one server for all who use it, and none when nobody does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from counterfoil.project.database import binaries, places
from counterfoil.project.database.sharing import database_running, is_running
from tests.conftest import environment_of
from tests.project.processes import DatabaseUser, are_gone, eventually, keepers, servers

BOTH_KINDS = [*binaries._system_folders()[:1], *binaries._wheel_folders()]


StartUser = Callable[..., DatabaseUser]


@pytest.fixture
def start_user(empty_home: Path) -> Iterator[StartUser]:
    """Yield a function that starts a process using the database; what still runs at the end is killed."""
    started: list[DatabaseUser] = []

    def start(**settings: str) -> DatabaseUser:
        started.append(DatabaseUser(environment_of(empty_home, **settings)))
        return started[-1]

    yield start
    for user in started:
        user.end()


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test the embedded database even where the other tests use one of somebody's own."""
    monkeypatch.delenv("COUNTERFOIL_DATABASE_URL", raising=False)


def test_it_starts_for_the_first_user_and_stops_after_the_last(empty_home: Path) -> None:
    assert not is_running(empty_home)
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        assert is_running(empty_home)
        assert len(servers(empty_home)) == 1
        assert (
            connection.execute("SELECT current_user, current_database()").fetchone() == ("counterfoil",) * 2
        )
    assert not is_running(empty_home)
    assert servers(empty_home) == []
    assert keepers(empty_home) == []


def test_what_was_written_is_there_the_next_time(empty_home: Path) -> None:
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Zürich' AS name")
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT name FROM kept").fetchall() == [("Zürich",)]


def test_a_second_user_shares_it_and_leaves_it_running(empty_home: Path, start_user: StartUser) -> None:
    first = start_user()
    url = first.url()
    [server] = servers(empty_home)
    second = start_user()
    assert second.url() == url
    assert servers(empty_home) == [server]

    second.leave()
    assert servers(empty_home) == [server]
    first.leave()
    assert servers(empty_home) == []


def test_who_started_it_may_leave_before_the_others(empty_home: Path, start_user: StartUser) -> None:
    first = start_user()
    first.url()
    second = start_user()
    url = second.url()
    first.leave()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    second.leave()
    assert servers(empty_home) == []


def test_many_who_start_at_once_get_one_server(empty_home: Path, start_user: StartUser) -> None:
    users = [start_user() for _ in range(4)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    assert "" not in urls
    assert len(servers(empty_home)) == 1
    for user in users:
        user.leave()
    assert servers(empty_home) == []


def test_killing_its_only_user_leaves_nothing_behind(empty_home: Path, start_user: StartUser) -> None:
    user = start_user()
    user.url()
    left = [*servers(empty_home), *keepers(empty_home)]
    assert len(left) == 2  # a server and its keeper
    user.kill()
    assert eventually(lambda: are_gone(left))
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_killing_its_keeper_stops_it_and_the_next_user_starts_it_again(
    empty_home: Path, start_user: StartUser
) -> None:
    user = start_user()
    user.url()
    [server], [keeper] = servers(empty_home), keepers(empty_home)
    keeper.kill()
    assert eventually(lambda: are_gone([server]))
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    user.leave()


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def test_a_server_that_is_killed_is_started_again_with_all_that_was_committed(empty_home: Path) -> None:
    (empty_home / "postgresql.conf").unlink()  # with a commit that is one
    with database_running(empty_home) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
        [server] = servers(empty_home)
        server.kill()
        assert eventually(lambda: are_gone([server]) and is_running(empty_home) and _answers(url))
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
    assert servers(empty_home) == []


def test_a_lock_file_with_a_strangers_number_is_swept_away(empty_home: Path) -> None:
    with database_running(empty_home):
        lock = places.data_folder(empty_home) / "postmaster.pid"
        lines = lock.read_text().splitlines()
    # What a power cut leaves, when the system has since given the number to another process: this one.
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    shutil.chown(lock, places.data_folder(empty_home).owner())
    with database_running(empty_home) as url:
        assert _answers(url)


def test_a_creation_that_was_killed_is_begun_again(empty_home: Path) -> None:
    begun = empty_home / "postgres" / "data.begun"
    begun.mkdir(parents=True)
    (begun / "PG_VERSION").write_text("15\n")
    with database_running(empty_home) as url:
        assert _answers(url)
    assert not begun.exists()


@pytest.mark.parametrize("bindir", BOTH_KINDS, ids=[str(folder.parent.name) for folder in BOTH_KINDS])
def test_it_runs_the_systems_programs_and_the_packages(
    bindir: Path, empty_home: Path, start_user: StartUser
) -> None:
    user = start_user(COUNTERFOIL_POSTGRES_BINDIR=str(bindir))
    with psycopg.connect(user.url()) as connection:
        facts = "SELECT current_setting('data_checksums'), current_setting('server_encoding'), 'B' < 'a'"
        assert connection.execute(facts).fetchone() == ("on", "UTF8", True)
    user.leave()


def test_it_is_private_and_durable(empty_home: Path) -> None:
    (empty_home / "postgresql.conf").unlink()
    with database_running(empty_home) as url:
        names = [
            "listen_addresses",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "jit",
            "password_encryption",
        ]
        with psycopg.connect(url) as connection:
            values = [connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
        assert values == [("",), ("on",), ("on",), ("on",), ("off",), ("scram-sha-256",)]
        assert (places.data_folder(empty_home).parent / "socket").stat().st_mode & 0o077 == 0
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url, password="guessed")
        assert (empty_home / "database-password").stat().st_mode & 0o777 == 0o600


def test_a_role_of_ours_is_no_superuser(empty_home: Path) -> None:
    with database_running(empty_home) as url, psycopg.connect(url) as connection:
        asked = connection.execute(
            "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert asked.fetchone() == (False, False)


def test_a_folder_with_a_long_name_is_no_obstacle(empty_home: Path) -> None:
    # A socket's path may have 107 bytes; this folder's has more.
    deep = empty_home / ("long-" * 12) / ("longer-" * 10)
    deep.mkdir(parents=True)
    with database_running(deep) as url:
        assert _answers(url)
    shutil.rmtree(deep / "postgres")


def test_a_folder_closed_to_others_is_no_obstacle(empty_home: Path) -> None:
    empty_home.chmod(0o700)
    with database_running(empty_home) as url:
        assert _answers(url)
    is_elsewhere = (empty_home / "postgres").resolve().is_relative_to(places.OPEN_FOLDER)
    assert is_elsewhere == (os.geteuid() == 0)


def test_data_of_another_major_version_is_refused_and_untouched(
    empty_home: Path, start_user: StartUser
) -> None:
    with database_running(empty_home):
        pass
    version = places.data_folder(empty_home) / "PG_VERSION"
    version.write_text("13\n")
    before = sorted(path.name for path in version.parent.iterdir())
    refused = start_user()
    assert refused.url() == ""
    assert "was written by PostgreSQL 13, and this is PostgreSQL" in refused.complaint()
    assert sorted(path.name for path in version.parent.iterdir()) == before


def test_a_folder_without_programs_is_named(empty_home: Path, start_user: StartUser) -> None:
    refused = start_user(COUNTERFOIL_POSTGRES_BINDIR=str(empty_home))
    assert refused.url() == ""
    complaint = f"COUNTERFOIL_POSTGRES_BINDIR is {empty_home}, and no PostgreSQL 14 or newer is there."
    assert complaint in refused.complaint()


def test_a_database_of_ones_own_is_used_and_nothing_is_started(
    database_server: str, empty_home: Path, start_user: StartUser
) -> None:
    user = start_user(COUNTERFOIL_DATABASE_URL=database_server)
    assert user.url() == database_server
    assert keepers(empty_home) == []
    user.leave()
    assert not (empty_home / "postgres").exists()


def test_its_url_may_be_in_a_file(database_server: str, empty_home: Path, start_user: StartUser) -> None:
    (empty_home / "url").write_text(f"{database_server}\n")
    named = str(empty_home / "url")
    user = start_user(COUNTERFOIL_DATABASE_URL_FILE=named)
    assert user.url() == database_server
    user.leave()
