"""Where the shards of a run are done: threads of this process, processes of this machine, or a Dask cluster.

All are `concurrent.futures.Executor`s, and all do the same task with the same plain arguments. A worker that is
killed loses nothing: a shard is stored whole or not at all, and what is missing is done again. This module is
imported by workers before Django is set up there: it imports no models.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial

import django
from django.apps import apps
from django.conf import settings

from counterfoil.core.refusals import Refusal, shown

Workers = Callable[[], AbstractContextManager[Executor]]
"""Called for an executor to be used within a `with` block; called again where that one has broken."""

SHARDS_AT_ONCE = 2
SECONDS_TO_CONNECT = 5


class ClusterNotInstalled(Refusal):
    """A Dask cluster is asked for, but Dask is not installed here. Install `counterfoil[cluster]`."""


class ClusterNotFound(Refusal):
    """No Dask scheduler answers at {address}. Start one (docs/how-to/bill-on-a-cluster.md), or correct the address."""


def do_shard(*, run_id: int, number: int, snapshot: str, now: Callable[[], datetime]) -> None:
    """Load, rate and store a shard of a run, in whichever process this is called.

    The database's address comes from that process's environment. *snapshot* is one exported by whoever waits for
    the shard, and *now* a function that can be imported there.
    """
    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "counterfoil.project.settings")
        django.setup()
    from counterfoil.flows.billing.run import bill_and_store_shard

    bill_and_store_shard(run_id, number, snapshot=snapshot, now=now)


def workers(*, processes: int = 0, cluster: str = "") -> Workers:
    """Return the workers asked for: a Dask *cluster* by its scheduler's address, *processes*, or else threads."""
    if cluster:
        return partial(_cluster, cluster)
    return partial(_processes, processes) if processes else _threads


def workers_as_set() -> Workers:
    """Return the workers that COUNTERFOIL_CLUSTER or COUNTERFOIL_PROCESSES asks for, else threads."""
    return workers(processes=settings.SHARD_PROCESSES, cluster=settings.SHARD_CLUSTER)


@contextmanager
def _threads() -> Iterator[Executor]:
    """Lend threads of this process: one shard is read and rated while another is stored."""
    with ThreadPoolExecutor(max_workers=SHARDS_AT_ONCE, thread_name_prefix="shard") as threads:
        yield threads


@contextmanager
def _processes(count: int) -> Iterator[Executor]:
    """Lend *count* new processes; spawned, since a process forked from one that runs Polars hangs."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=count, mp_context=context) as processes:
        yield processes


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """Lend the workers of the Dask cluster whose scheduler is at *address*.

    Dask itself does the tasks of a dead worker elsewhere. `BrokenExecutor`: it gave a task up, since several workers
    died of it. Raises `ClusterNotInstalled` and `ClusterNotFound`.
    """
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise ClusterNotInstalled from error
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterNotFound(address=shown(address)) from error
    with client, client.get_executor() as executor:
        try:
            yield executor
        except KilledWorker as error:
            raise BrokenExecutor(str(error)) from error
