"""`counterfoil up`, end to end: a real server, a real worker, real signals."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import Installation, environment_of
from tests.project.processes import PATIENCE_SECONDS, are_gone, descendants, eventually, servers


class Up:
    """A running `counterfoil up`, on a free port."""

    def __init__(self, installation: Installation, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "counterfoil.commands.main", "up", "--port", "0", "--json", *words],
            env=installation.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        """Wait until the web answers and return its address."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        return str(json.loads(line)["url"])

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode


def _page(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  our own address
        return answer.status, answer.read().decode()


def _workers(up: Up) -> list[psutil.Process]:
    return [process for process in descendants(up.process.pid) if "work" in process.cmdline()]


@pytest.fixture
def up(installation: Installation) -> Iterator[Up]:
    """Yield a running `counterfoil up` with two workers."""
    started = Up(installation, "--workers", "2")
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGKILL)


def test_it_serves_works_and_stops_when_told(up: Up) -> None:
    url = up.url()
    assert _page(f"{url}/healthz") == (200, "ok\n")
    assert _page(f"{url}/readyz") == (200, "ready\n")
    assert len(_workers(up)) == 2
    running = descendants(up.process.pid)
    assert up.end(signal.SIGTERM) == 0
    assert are_gone(running)


def test_ctrl_c_stops_it_as_well(up: Up) -> None:
    up.url()
    running = descendants(up.process.pid)
    assert up.end(signal.SIGINT) == 0
    assert are_gone(running)


def test_killing_it_stops_all_that_it_started(up: Up) -> None:
    up.url()
    running = descendants(up.process.pid)
    assert up.end(signal.SIGKILL) == -9
    assert eventually(lambda: are_gone(running))


def test_what_ends_is_started_again(up: Up) -> None:
    url = up.url()
    before = descendants(up.process.pid)
    for process in before:
        process.kill()

    def works_again() -> bool:
        try:
            return _page(f"{url}/readyz") == (200, "ready\n") and len(_workers(up)) == 2
        except OSError:
            return False

    assert eventually(works_again)
    assert are_gone(before)


def test_a_port_in_use_is_named(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = installation.run("up", "--port", str(port), exits=1)
    sentence = f"Port {port} on 127.0.0.1 is in use by another program. Stop that, or choose another port with --port."
    assert refused.stderr.strip() == sentence


def test_with_the_embedded_database_nothing_runs_afterwards(empty_home: Path) -> None:
    embedded = Installation(home=empty_home, environment=environment_of(empty_home))
    up = Up(embedded, "--workers", "1")
    assert _page(f"{up.url()}/readyz") == (200, "ready\n")
    [server] = servers(empty_home)

    # Another command meanwhile uses the same server and leaves it.
    checks = {check["name"]: check for check in embedded.answer("doctor")["checks"]}
    assert checks["database"]["message"].endswith("up to date")
    assert servers(empty_home) == [server]

    running = descendants(up.process.pid)
    assert server in running
    assert up.end(signal.SIGTERM) == 0
    assert are_gone(running)
