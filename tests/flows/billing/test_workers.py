"""Shards in other processes and on a cluster, one of whose workers is killed: the run is what a preview showed."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from counterfoil import clock
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.run import Progress, WorkersDied, generate, resume
from counterfoil.flows.billing.workers import ClusterNotFound, Workers, workers
from counterfoil.flows.checking import check
from counterfoil.flows.stopping import VARIABLE
from counterfoil.project.database.address import DatabaseAddress
from counterfoil.records.billing.models import InvoiceLine, Run, RunStatus
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

SHARD_CHARGES = 3
SECONDS_TO_START = 60


@pytest.fixture(autouse=True)
def bureau(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store 36 charges of 12 customers, rated in 12 shards; have processes begun from here use this database."""
    build.organisation()
    for _ in range(12):
        payer = build.customer()
        for _ in range(3):
            build.charge(client=build.client(customer=payer), starts_on=date(2026, 5, 11))
    known = connection.settings_dict
    address = DatabaseAddress(
        name=known["NAME"],
        role=known["USER"],
        password=known["PASSWORD"],
        host=known["HOST"],
        port=int(known["PORT"]),
    )
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", address.url())
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "counterfoil.project.settings")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a Dask scheduler and two workers; yield the scheduler's address and the workers."""
    told = tmp_path / "scheduler.json"
    scheduler = _dask("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
    begun = time.monotonic()
    while not told.exists() and time.monotonic() - begun < SECONDS_TO_START:
        time.sleep(0.05)
    each = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path))
    two = [_dask("worker", *each, "--scheduler-file", str(told)) for _ in range(2)]
    address = _address(told)
    _wait_for_workers(address)
    yield address, two
    for process in (*two, scheduler):
        process.terminate()
        process.wait()


def _dask(kind: str, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", kind, "--host", "127.0.0.1", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _address(file: Path) -> str:
    return str(json.loads(file.read_text())["address"])


def _wait_for_workers(address: str) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=SECONDS_TO_START)


def killing_once(kill: Callable[[], None]) -> Progress:
    """Return a progress that calls *kill* when the first shard is done."""
    killed: list[int] = []

    def progress(done: int, planned: int) -> None:
        if not killed:
            killed.append(done)
            kill()

    return progress


def run_equals_preview(by: Workers, progress: Progress | None = None) -> Run:
    """Generate by those workers, and see that exactly what a preview showed is stored, once."""
    request = build.request()
    shown = preview(request, shard_charges=SHARD_CHARGES).lines
    run = generate(
        request, by=None, now=clock.now, shard_charges=SHARD_CHARGES, workers=by, progress=progress
    )
    assert run.status == RunStatus.IN_REVIEW
    assert run.shards.exclude(done_at=None).count() == 12
    columns = ["charge_id", "period_start", "period_end", "net_minor", "tax_minor", "line_no"]
    stored = InvoiceLine.objects.order_by("charge_id", "period_start").values_list(*columns)
    assert list(stored) == shown.sort("charge_id", "period_start").select(columns).rows()
    assert len(stored) == 72  # 36 charges, May in part and June
    assert check().violations == []
    return run


def test_processes_store_what_a_preview_shows() -> None:
    run_equals_preview(workers(processes=2))


def test_a_pool_that_loses_a_process_is_replaced() -> None:
    """One kill -9 breaks the whole pool; the shards that are missing go to a new one."""

    def kill_one() -> None:
        victim = multiprocessing.active_children()[0].pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)

    run_equals_preview(workers(processes=2), progress=killing_once(kill_one))


def test_processes_that_die_every_time_leave_a_run_to_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "after-shard-2")
    with pytest.raises(WorkersDied, match="killed 3 times"):
        generate(
            build.request(),
            by=None,
            now=clock.now,
            shard_charges=SHARD_CHARGES,
            workers=workers(processes=1),
        )
    monkeypatch.delenv(VARIABLE)
    resumed = resume(Run.objects.get(), now=clock.now)
    assert resumed.totals.get().lines == 72
    assert check().violations == []


def test_a_cluster_that_loses_a_worker_does_its_shards_elsewhere(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, (one, _other) = cluster
    run_equals_preview(
        workers(cluster=address), progress=killing_once(lambda: os.kill(one.pid, signal.SIGKILL))
    )
    assert one.wait() == -signal.SIGKILL


def test_a_cluster_that_is_not_there_is_named() -> None:
    with pytest.raises(ClusterNotFound, match="No Dask scheduler answers"):
        generate(build.request(), by=None, now=clock.now, workers=workers(cluster="tcp://127.0.0.1:1"))
    assert Run.objects.get().status == RunStatus.GENERATING
