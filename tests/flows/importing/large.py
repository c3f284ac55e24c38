"""Large files for tests: customers, and what is kept of them for a worker."""

from __future__ import annotations

import io
from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.importing.by_worker import TAKE_IN, keep_file
from counterfoil.records.organisation.file_imports import FileImport
from counterfoil.records.organisation.models import User
from tests.build import NOW

ROWS = 2_500


def customers(count: int = ROWS, *, last: str = "") -> bytes:
    """Return a file of *count* customers, and a *last* row."""
    rows = (f"C{number:05},Customer {number}" for number in range(1, count + 1))
    return "\n".join(["account,name", *rows, last]).strip().encode() + b"\n"


def kept(content: bytes, *, dry_run: bool = True, by: User | None = None, **values: Any) -> FileImport:
    """Keep a file of customers for a worker."""
    facts = {"kind": "customers", "name": "customers.csv", "size": len(content), **values}
    return keep_file(file=io.BytesIO(content), dry_run=dry_run, by=by, now=NOW, **facts)


def now_of(made: FileImport) -> FileImport:
    """Return *made* as it is stored now."""
    return FileImport.objects.get(pk=made.pk)


def jobs() -> list[str]:
    """Return the states of the jobs that take files in, but for those that are done."""
    left = ProcrastinateJob.objects.filter(task_name=TAKE_IN).exclude(status="succeeded")
    return list(left.order_by("id").values_list("status", flat=True))


def jobs_failed() -> None:
    """Have every job that takes in a file fail for good."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = %s", [TAKE_IN])


def elsewhere(do: Callable[[], None]) -> None:
    """Do something on a connection of its own, as another person's request would, and wait for its end."""
    raised: list[BaseException] = []

    def done() -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001  it is raised where somebody waits
            raised.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=done)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
