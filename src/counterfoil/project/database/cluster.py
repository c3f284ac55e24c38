"""One PostgreSQL server over one data directory: created, started, stopped."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from counterfoil.project.database import places, tuning
from counterfoil.project.database.account import Account, account_for
from counterfoil.project.database.address import EMBEDDED_NAME, EMBEDDED_PORT, EMBEDDED_ROLE, socket_folder
from counterfoil.project.database.binaries import Binaries, find_binaries
from counterfoil.project.database.errors import (
    CannotBecomeAccount,
    CannotCreate,
    CannotStart,
    NotOurData,
    OtherMajor,
)
from counterfoil.project.home import kept_secret

FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17
SUPERUSER = "postgres"
NOT_FOR_THE_SERVER = ("COUNTERFOIL_", "PG", "LC_", "LANG")
SECONDS_TO_CREATE = 300
SECONDS_TO_STOP = 60
SECONDS_TO_DIE = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A PostgreSQL server: its programs, the account it runs as, and its folders."""

    home: Path
    folder: Path
    binaries: Binaries
    account: Account

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def environment(self) -> dict[str, str]:
        """Return our environment without our secrets, and without what a libpq or a locale would read from it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_SERVER)}
        return kept | {"LC_ALL": "C"}


def prepare_cluster(home: Path) -> Cluster:
    """Return the installation's cluster, creating its folder and its data when they are missing.

    Raises DatabaseTrouble in one of its kinds when it cannot be used.
    """
    account = account_for(places.data_folder(home))
    try:
        folder = places.make_folder(home, account=account)
        pinned = written_by(folder / "data")
        binaries = places.reachable(find_binaries(preferred_major=pinned), account=account)
    except (PermissionError, subprocess.SubprocessError) as error:
        raise CannotBecomeAccount(account=account.name, reason=error) from error
    cluster = Cluster(home=home, folder=folder, binaries=binaries, account=account)
    if pinned is None:
        _create(cluster)
    elif pinned != binaries.major:
        raise OtherMajor(data=cluster.data, found=pinned, running=binaries.major)
    owner = cluster.data.stat().st_uid
    if owner != account.uid:
        raise NotOurData(data=cluster.data, owner=owner)
    return cluster


def written_by(data: Path) -> int | None:
    """Return the major version that wrote the data directory *data*, None when there is none yet."""
    version = data / "PG_VERSION"
    return int(version.read_text(encoding="ascii")) if version.exists() else None


def _create(cluster: Cluster) -> None:
    """Create the data directory, our role and our database, under a name of its own until all is there."""
    draft = cluster.folder / "data.begun"
    shutil.rmtree(draft, ignore_errors=True)
    password_file = cluster.folder / "password.begun"
    try:
        password_file.write_text(kept_secret(cluster.home / "database-superuser-password"), encoding="ascii")
        password_file.chmod(0o600)
        cluster.account.give(password_file)
        _run_initdb(cluster, draft=draft, password_file=password_file)
        _make_role_and_database(cluster, draft=draft)
        (draft / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="ascii")
        draft.rename(cluster.data)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotCreate(data=cluster.data, reason=error) from error
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def _run_initdb(cluster: Cluster, *, draft: Path, password_file: Path) -> None:
    locale = ["--locale=C.UTF-8"]
    if cluster.binaries.major >= FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
    command = [
        cluster.binaries.program("initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
        *locale,
    ]
    _run(cluster, command)


def _make_role_and_database(cluster: Cluster, *, draft: Path) -> None:
    password = kept_secret(cluster.home / "database-password")
    statements = [
        f"CREATE ROLE {EMBEDDED_ROLE} LOGIN CREATEDB PASSWORD '{password}'",
        f"CREATE DATABASE {EMBEDDED_NAME} OWNER {EMBEDDED_ROLE}",
    ]
    command = [cluster.binaries.program("postgres"), "--single", "-D", str(draft), "postgres"]
    _run(cluster, command, typed="".join(f"{statement};\n" for statement in statements))


def _run(cluster: Cluster, command: list[str], *, typed: str = "") -> None:
    """Run one of PostgreSQL's programs to its end. Raises CannotCreate with what it complained about."""
    done = subprocess.run(
        command,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_CREATE,
        cwd=cluster.folder,
        env=cluster.environment(),
        **cluster.account.run_as(),
    )
    complaints = [line for line in done.stderr.splitlines() if "ERROR:" in line or "FATAL:" in line]
    if done.returncode != 0 or complaints:
        reason = " ".join(complaints) or done.stderr.strip() or f"exit status {done.returncode}"
        raise CannotCreate(data=cluster.data, reason=reason)


def start_server(cluster: Cluster, *, log: IO[bytes], before: Callable[[], None]) -> subprocess.Popen[bytes]:
    """Start the server and wait until it takes connections, however long its recovery lasts.

    *before* runs in the child before the server's program. Raises CannotStart when the server ends instead.
    """
    configuration = _write_configuration(cluster)
    written_from = log.seek(0, os.SEEK_END)
    server = subprocess.Popen(
        [cluster.binaries.program("postgres"), "-D", str(cluster.data), "-c", f"config_file={configuration}"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=cluster.folder,
        env=cluster.environment(),
        preexec_fn=before,  # noqa: PLW1509  the keeper has one thread
        **cluster.account.run_as(),
    )
    while not is_ready(cluster.data, pid=server.pid):
        if server.poll() is not None:
            raise CannotStart(reason=_last_complaint(Path(log.name), written_from), log=log.name)
        time.sleep(0.01)
    return server


def _write_configuration(cluster: Cluster) -> Path:
    socket = socket_folder(cluster.home)
    socket.mkdir(mode=0o700, exist_ok=True)
    cluster.account.give(socket)
    if socket.stat().st_uid != cluster.account.uid or socket.is_symlink():
        raise NotOurData(data=socket, owner=socket.stat().st_uid)
    path = cluster.folder / "postgresql.conf"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    text = tuning.server_settings(
        data=cluster.data, socket=socket.resolve(), port=EMBEDDED_PORT, own=places.own_settings(cluster.home)
    )
    draft.write_text(text, encoding="utf-8")
    cluster.account.give(draft)
    draft.rename(path)
    return path


def is_ready(data: Path, *, pid: int | None = None) -> bool:
    """Return whether the server on *data* takes connections (and is process *pid*, when given)."""
    lines = lock_lines(data)
    return len(lines) > 7 and lines[7].strip() == "ready" and pid in {None, int(lines[0])}


def lock_lines(data: Path) -> list[str]:
    """Return the lines of the server's own lock file: process id first, state eighth; none when it is gone."""
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _last_complaint(log: Path, written_from: int) -> str:
    with log.open("rb") as file:
        file.seek(written_from)
        lines = file.read().decode(errors="replace").splitlines()
    complaints = (
        [line for line in lines if "FATAL:" in line or "PANIC:" in line] or lines or ["it said nothing"]
    )
    return complaints[-1]


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Stop the server: ask it to end its sessions and save; after a minute make it drop all; at last kill it."""
    for number, seconds in [
        (signal.SIGINT, SECONDS_TO_STOP),
        (signal.SIGQUIT, SECONDS_TO_DIE),
        (signal.SIGKILL, None),
    ]:
        server.send_signal(number)
        try:
            server.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        return
