"""Use the embedded database: start it when nobody has, share it, and stop it when nobody is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from counterfoil.project.database import places
from counterfoil.project.database.address import embedded_address, external_url
from counterfoil.project.database.cluster import is_ready
from counterfoil.project.database.errors import DatabaseTrouble, KeeperDied
from counterfoil.project.database.locks import FileLock, is_owned, owned

SECONDS_BETWEEN_LOOKS = 0.02


class StartRefused(DatabaseTrouble):
    """{trouble}"""


@contextmanager
def database_running(home: Path) -> Iterator[str]:
    """Yield the URL of the installation's database, which runs for the length of the block.

    With COUNTERFOIL_DATABASE_URL set that is its value, and nothing is started. Otherwise the embedded
    database is started unless it runs, and at the end it is left as it was found: the last one to use it
    stops it, and waits until it has stopped. Raises DatabaseTrouble in one of its kinds.
    """
    url = external_url()
    if url:
        yield url
        return
    users = FileLock(places.users_lock(home))
    users.share()
    try:
        with owned(places.start_lock(home)):
            _start_or_join(home)
        yield embedded_address(home).url()
    finally:
        _leave(home, users=users)


def is_running(home: Path) -> bool:
    """Return whether the embedded database runs at this moment."""
    return is_owned(places.keeper_lock(home)) and is_ready(places.data_folder(home))


def _start_or_join(home: Path) -> None:
    """Return once the database takes connections; start its keeper when there is none."""
    if not is_owned(places.keeper_lock(home)):
        _start_keeper(home)
    while not is_ready(places.data_folder(home)):
        if not is_owned(places.keeper_lock(home)):
            raise KeeperDied(reason="it was killed", log=places.log_file(home))
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _start_keeper(home: Path) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-m", "counterfoil.project.database.keeper", str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        text=True,
        start_new_session=True,
    )
    assert keeper.stdout is not None  # noqa: S101  a pipe, asked for above
    assert keeper.stderr is not None  # noqa: S101  a pipe, asked for above
    with keeper.stdout, keeper.stderr:
        answer = keeper.stdout.readline()
        if not answer:
            reason = keeper.stderr.read().strip().rpartition("\n")[2] or "it said nothing"
            raise KeeperDied(reason=reason, log=places.log_file(home))
    trouble = json.loads(answer).get("trouble")
    if trouble:
        keeper.wait()
        raise StartRefused(trouble=trouble)
    # It outlives us when others use the database: its end is no concern of this object.
    keeper.returncode = 0


def _leave(home: Path, *, users: FileLock) -> None:
    """Use the database no longer. The last one stops it, keeping newcomers waiting until it has stopped."""
    if users.try_to_own():
        with suppress(ProcessLookupError, ValueError, FileNotFoundError):
            if is_owned(places.keeper_lock(home)):
                os.kill(int(places.keeper_lock(home).read_text(encoding="ascii")), signal.SIGTERM)
        _wait_for_keeper(home)
    elif not users.try_to_share():
        # The keeper has seen that nobody is left, and is stopping the server.
        _wait_for_keeper(home)
    users.close()


def _wait_for_keeper(home: Path) -> None:
    while is_owned(places.keeper_lock(home)):
        time.sleep(SECONDS_BETWEEN_LOOKS)
