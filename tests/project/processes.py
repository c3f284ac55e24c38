"""Look at processes from outside: which serve an installation, and whether they are gone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE_SECONDS = 60

# Uses the database, says which, and goes on using it until its input ends.
USER = """
import sys
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
with database_running(home()) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


class DatabaseUser:
    """Another process that uses an installation's database until told to leave."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        """Wait until the database runs and return its URL, empty when it was refused."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        """Stop using the database and wait until the process has ended."""
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill it with signal 9."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        """Kill it if it still runs, and forget its pipes."""
        if self.process.returncode is None:
            self.kill()

    def complaint(self) -> str:
        """Return the last line of what a refused process said."""
        return self.process.communicate(timeout=PATIENCE_SECONDS)[1].strip().rpartition("\n")[2]


def servers(home: Path) -> list[psutil.Process]:
    """Return the PostgreSQL servers that run on the installation's data, their own children left out."""
    data = str(home / "postgres" / "data")
    found = [process for process in psutil.process_iter(["name", "cmdline"]) if _serves(process, data=data)]
    numbers = {process.pid for process in found}
    parents = []
    for process in found:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            if process.ppid() not in numbers:
                parents.append(process)
    return parents


def _serves(process: psutil.Process, *, data: str) -> bool:
    return process.info["name"] == "postgres" and data in (process.info["cmdline"] or [])


def keepers(home: Path) -> list[psutil.Process]:
    """Return the keepers of the installation's database."""
    words = ["counterfoil.project.database.keeper", str(home)]
    found = psutil.process_iter(["cmdline"])
    return [process for process in found if (process.info["cmdline"] or [])[-2:] == words]


def descendants(pid: int) -> list[psutil.Process]:
    """Return all processes below process *pid*."""
    return psutil.Process(pid).children(recursive=True)


def eventually(happened: Callable[[], bool]) -> bool:
    """Wait until *happened* is true and return True; False when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def are_gone(processes: list[psutil.Process]) -> bool:
    """Return whether none of *processes* runs any more."""
    return not any(_runs(process) for process in processes)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False
