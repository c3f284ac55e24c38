"""`counterfoil up`: the web, the API and the workers, until told to stop."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import subprocess
import sys
import time
from typing import Annotated

import typer

from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.project.children import Child, block_signals, look_after, stop_all

THIS_PROGRAM = [sys.executable, "-m", "counterfoil.commands.main"]
THREADS = 4
# Requests taken on at once; others wait in the socket's queue.
MOST_REQUESTS = 64
NS_PER_MS = 1_000_000


WithDemo = Annotated[bool, typer.Option("--demo", help="Load the demo bureau first where nothing is set up.")]


class PortInUse(CommandFailed):
    """Port {port} on {host} is in use by another program. Stop that, or choose another port with --port."""


class HostIsNotOurs(CommandFailed):
    """Nothing can listen on {host}, port {port}: {reason}. Name an address of this machine with --host, and a
    port this user may open with --port.
    """


class DemoNotLoaded(CommandFailed):
    """The demo bureau could not be loaded; why stands above. Put that right, remove COUNTERFOIL_HOME, start again."""


def up(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=0, max=64, help="Processes for work in the background.")] = 1,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    demo: WithDemo = False,  # noqa: FBT002  a switch on the command line
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Serve the web UI and the API, and do queued work, with the embedded database unless a URL is set."""
    started_ns = time.monotonic_ns()
    port = free_port(host=host, port=port)
    with with_database(migrates=True, is_somebodys=False):
        from counterfoil.project.static_files import collect_when_changed

        collect_when_changed()
        if demo:
            _load_demo_when_wanting()
        running = [_web(host=host, port=port), *(_worker(number) for number in range(1, workers + 1))]
        is_announced = False
        block_signals()
        try:
            while look_after(running):
                if not is_announced and _answers(host=host, port=port):
                    _announce(host=host, port=port, started_ns=started_ns, as_json=as_json)
                    is_announced = True
        finally:
            stop_all(running)


def _load_demo_when_wanting() -> None:
    from counterfoil.flows.demo.history import is_wanting

    if is_wanting():
        loading = subprocess.run([*THIS_PROGRAM, "demo"], stdout=sys.stderr, check=False)
        if loading.returncode != 0:
            raise DemoNotLoaded


def free_port(*, host: str, port: int) -> int:
    """Return *port*, or a free one for 0. Raises PortInUse, HostIsNotOurs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(port=port, host=host) from error
            raise HostIsNotOurs(port=port, host=host, reason=error.strerror) from error
        return int(listener.getsockname()[1])


def _web(*, host: str, port: int) -> Child:
    program = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    where = ["--host", host, "--port", str(port)]
    size = ["--workers", "1", "--blocking-threads", str(THREADS), "--backpressure", str(MOST_REQUESTS)]
    care = ["--respawn-failed-workers", "--log-level", "warning"]
    pool = {} if "COUNTERFOIL_DATABASE_POOL" in os.environ else {"COUNTERFOIL_DATABASE_POOL": str(THREADS)}
    command = [*program, *where, *size, *care, "counterfoil.project.wsgi:application"]
    return Child(name="web", command=command, environment=pool)


def _worker(number: int) -> Child:
    name = f"worker-{number}"
    return Child(name=name, command=[*THIS_PROGRAM, "work", "--name", name])


def _answers(*, host: str, port: int) -> bool:
    """Return whether the web answers, asking it the way a browser on this machine would."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not listened on
    connection = http.client.HTTPConnection(reachable, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _demo_sign_in() -> str:
    """Return who may sign in to a demo bureau, and how; empty for everybody else's installation."""
    from counterfoil.flows.demo.loading import PASSWORD
    from counterfoil.records.organisation.models import Organisation

    is_demo = Organisation.objects.filter(is_demo=True).exists()
    return f"\nSign in as biller or approver with the password {PASSWORD}" if is_demo else ""


def _announce(*, host: str, port: int, started_ns: int, as_json: bool) -> None:
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    milliseconds = (time.monotonic_ns() - started_ns) // NS_PER_MS
    seconds = f"{milliseconds // 1000}.{milliseconds % 1000 // 100}"
    text = f"Counterfoil is at {url} (ready after {seconds} s). Ctrl-C stops it.{_demo_sign_in()}"
    answer({"url": url, "ready_after_ms": milliseconds}, text=text, as_json=as_json)
