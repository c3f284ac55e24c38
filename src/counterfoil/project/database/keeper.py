"""The keeper: a process that runs the embedded PostgreSQL for as long as anybody uses it.

Every user shares the users' lock, and the kernel takes it from a process that dies. When the keeper can own
that lock nobody is left, and it stops the server. A server that crashes is started again. Should the keeper
itself be killed, the kernel tells the server to stop. It uses the standard library only, and starts in no time.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from counterfoil.project.database import places
from counterfoil.project.database.address import socket_folder
from counterfoil.project.database.cluster import Cluster, prepare_cluster, start_server, stop_server
from counterfoil.project.database.errors import DatabaseTrouble
from counterfoil.project.database.leftovers import sweep
from counterfoil.project.database.locks import FileLock
from counterfoil.project.environment import SettingIsWrong

SECONDS_BETWEEN_LOOKS = 0.2
MOST_CRASHES = 5
CRASHES_ARE_COUNTED_FOR_SECONDS = 60
LARGEST_LOG = 10 * 1024 * 1024
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Keep the database of the installation named by the first argument."""
    home = Path(sys.argv[1])
    keeper = FileLock(places.keeper_lock(home))
    if not keeper.try_to_own():
        return
    places.keeper_lock(home).write_text(f"{os.getpid()}\n", encoding="ascii")
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    log = _open_log(places.log_file(home))
    try:
        cluster = prepare_cluster(home)
        sweep(cluster)
        server = _start(cluster, log=log)
    except (DatabaseTrouble, SettingIsWrong, OSError) as error:
        _tell_starter({"trouble": str(error)})
        return
    _tell_starter({})
    _turn_to_log(log)
    _keep(cluster, server=server, users=FileLock(places.users_lock(home)), log=log)


def _keep(cluster: Cluster, *, server: subprocess.Popen[bytes], users: FileLock, log: IO[bytes]) -> None:
    """Watch the server until nobody uses it or we are told to stop; start it again when it crashes."""
    crashes: list[float] = []
    while True:
        came = signal.sigtimedwait(SIGNALS, SECONDS_BETWEEN_LOOKS)
        was_told = came is not None and came.si_signo in {signal.SIGTERM, signal.SIGINT}
        if server.poll() is not None:
            crashes = [*(at for at in crashes if at > time.monotonic() - CRASHES_ARE_COUNTED_FOR_SECONDS)]
            crashes.append(time.monotonic())
            if was_told or len(crashes) > MOST_CRASHES:
                return
            _note(f"the server ended with {server.returncode}; starting it again")
            sweep(cluster)
            server = _start(cluster, log=log)
        elif was_told or users.try_to_own():
            stop_server(server)
            with suppress(OSError):
                socket_folder(cluster.home).rmdir()
            return


def _start(cluster: Cluster, *, log: IO[bytes]) -> subprocess.Popen[bytes]:
    ourselves = os.getpid()

    def die_with_keeper() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != ourselves:
            os._exit(1)

    return start_server(cluster, log=log, before=die_with_keeper)


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.close(descriptor)
    return path.open("ab")


def _tell_starter(answer: dict[str, str]) -> None:
    print(json.dumps(answer), flush=True)


def _turn_to_log(log: IO[bytes]) -> None:
    """Write to the log from here on: the starter's pipe and terminal are not ours to hold."""
    for descriptor in (1, 2):
        os.dup2(log.fileno(), descriptor)


def _note(sentence: str) -> None:
    print(f"keeper [{os.getpid()}] {sentence}", flush=True)


if __name__ == "__main__":
    main()
