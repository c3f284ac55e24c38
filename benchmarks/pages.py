"""Every list and object, in the browser and over the API, beside two months of so many invoices: queries and time.

    .venv/bin/python benchmarks/pages.py --charges 1000000 --home /tmp/desk

Two charges make an invoice, so a million charges are 500,000 invoices a month: one month issued and sent, the next in
review. Each address is asked for once to warm up and then twenty times; `queries` are all that it asks, `p50` is the
middle and `p95` the slowest but one of its times, `cpu` what the program and its process of the database computed at
each, all in milliseconds; on a busy machine only the last says something. With `--home` the installation is made there
once and used again.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

TIMES = 20
P95 = TIMES - 2
MOST_SECONDS = 10


def main() -> None:
    """Make the installation, or take the one there is, look at everything and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--charges", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="a folder that is kept; default: a temporary one")
    parser.add_argument("--json", action="store_true", help="print one line of JSON an address")
    asked = parser.parse_args()
    with _folder(asked.home) as folder:
        Path(folder).chmod(0o711)
        os.environ["COUNTERFOIL_HOME"] = str(folder)
        from counterfoil.commands.session import with_database

        with with_database(migrates=True):
            for row in measure(charges=asked.charges):
                print(json.dumps(row) if asked.json else _text(row), flush=True)


def measure(*, charges: int) -> Iterator[dict[str, Any]]:
    """Fill what is empty, look at every address, and yield its queries, p50 and p95."""
    from benchmarks import addresses
    from benchmarks.desk import desk_of, fill_desk

    logging.getLogger("counterfoil.requests").setLevel(logging.WARNING)
    desk = desk_of() or fill_desk(charges=charges)
    places = desk.places()
    browser, program = _browser(), _program()
    for name, address in addresses.pages(**places):
        yield {"what": name, **_look(browser, address)}
    for name, address in addresses.api(**places):
        yield {"what": f"API: {name}", **_look(program, f"/api/v1{address}")}


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        yield Path(folder)


def _text(row: dict[str, Any]) -> str:
    return (
        f"{row['what']:>28}  {row['queries']:>2} queries {row['p50']:>6} {row['p95']:>6} ms"
        f" {row['cpu']:>6} cpu  {row['address']}"
    )


def _browser() -> Callable[[str], Any]:
    """Return what asks for a page as an administrator does."""
    from django.core.management import call_command
    from django.test import Client

    from counterfoil.records.organisation.actions import create_users
    from counterfoil.records.organisation.models import Role, User

    call_command("collectstatic", interactive=False, verbosity=0)
    if not User.objects.filter(username="bench").exists():
        create_users([User(username="bench", role=Role.ADMINISTRATOR)], password="a-long-enough-word")  # noqa: S106  of no use
    client = Client(SERVER_NAME="127.0.0.1")
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(User.objects.get(username="bench"), backend=backend)
    return client.get


def _program() -> Callable[[str], Any]:
    """Return what asks the API as a program with every scope does."""
    from django.test import Client

    from counterfoil.clock import now
    from counterfoil.records.organisation.actions import create_token
    from counterfoil.records.organisation.models import User
    from counterfoil.records.organisation.scopes import SCOPES

    user, moment = User.objects.get(username="bench"), now()
    ends = moment + timedelta(days=1)
    _token, secret = create_token(user=user, name="bench", scopes=tuple(SCOPES), expires_at=ends, now=moment)
    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
    return client.get


def _look(ask: Callable[[str], Any], address: str) -> dict[str, Any]:
    """Return the queries of *address*, and the middle and the slowest but one of its times."""
    from django.db import connection

    asked = 0

    def count(execute: Any, *query: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*query)

    with connection.execute_wrapper(count):
        answer = ask(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    times: list[float] = []
    computed = _computed()
    while len(times) < TIMES and sum(times) < MOST_SECONDS:
        begun = time.perf_counter()
        ask(address)
        times.append(time.perf_counter() - begun)
    slow = sorted(times)
    p95 = slow[min(P95, len(slow) - 1)]
    return {
        "address": address,
        "queries": asked,
        "p50": round(slow[len(slow) // 2] * 1000),
        "p95": round(p95 * 1000),
        "cpu": round((_computed() - computed) / len(times) * 1000),
    }


def _computed() -> float:
    """Return the seconds that this process and its process of the database have computed, on Linux."""
    from django.db import connection

    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
