"""A process that has loaded the libraries already, and forks one for each command: a command then starts in a third of
the time. Each is still a process of its own, with its own environment, folder, output and exit code.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

# None of ours, and none that asks for Django's settings: these are each command's own.
LIBRARIES = [
    "django.contrib.postgres.fields",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "django.db.models",
    "django.forms",
    "django.template",
    "django.urls",
    "pgpq",
    "polars",
    "procrastinate",
    "psycopg_pool",
    "pyarrow",
    "rich.progress",
    "rich.table",
    "typer",
]
LONGEST_MESSAGE = 1 << 18


class WarmProgram:
    """Runs commands of the program one after the other; `close` ends the process that forks them."""

    def __init__(self) -> None:
        """Start the process; the first command waits until it has loaded everything."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                cwd=Path(__file__).parent.parent,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, words: Sequence[str], *, environment: Mapping[str, str], folder: str, seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run `counterfoil` with *words* in *folder* to its end, and return what it said and its exit code.

        Raises `TimeoutError`, and kills it, when it takes longer than *seconds*.
        """
        asked = json.dumps({"words": list(words), "environment": dict(environment), "folder": folder})
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
            socket.send_fds(self._socket, [asked.encode()], [said.fileno(), complained.fileno()])
            self._socket.settimeout(None)
            command = int(self._socket.recv(LONGEST_MESSAGE))
            self._socket.settimeout(seconds)
            try:
                exit_code = int(self._socket.recv(LONGEST_MESSAGE))
            except TimeoutError:
                os.kill(command, signal.SIGKILL)
                raise
            texts = []
            for file in (said, complained):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(["counterfoil", *words], exit_code, *texts)

    def close(self) -> None:
        """End the process; it ends by itself, too, when this one does."""
        self._socket.close()
        self._process.wait()


def serve(asking: socket.socket) -> None:
    """Fork a command for each message, until the other side is gone."""
    for library in LIBRARIES:
        import_module(library)
    while True:
        message, files, _, _ = socket.recv_fds(asking, LONGEST_MESSAGE, 2)
        if not message:
            return
        command = os.fork()
        if not command:
            asking.close()
            _become_counterfoil(**json.loads(message), said=files[0], complained=files[1])
        for file in files:
            os.close(file)
        asking.send(str(command).encode())
        asking.send(str(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])).encode())


def _become_counterfoil(
    *, words: list[str], environment: dict[str, str], folder: str, said: int, complained: int
) -> NoReturn:
    """Be the program from here on, to the end of the process."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(complained, 2)
    sys.argv = ["counterfoil", *words]
    exit_code = 1
    try:
        from counterfoil.commands.main import main

        main()
        exit_code = 0
    except SystemExit as ending:
        exit_code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    finally:
        uncaught = sys.exc_info()[1]
        if uncaught:
            sys.excepthook(type(uncaught), uncaught, uncaught.__traceback__)
        # What an interpreter does at its end, and a forked process does not.
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        serve(asking)
