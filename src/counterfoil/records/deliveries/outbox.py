"""The outbox: work is queued by name, in the transaction that makes it due, and done by a worker later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued as AlreadyQueued

__all__ = ["AlreadyQueued", "queue_work", "queue_work_at", "queue_work_once"]


def queue_work(task: str, **arguments: Any) -> None:
    """Queue the job *task* (its name in jobs/) with *arguments*; it exists only if the transaction commits."""
    app.configure_task(task).defer(**arguments)


def queue_work_once(task: str, *, once: str, **arguments: Any) -> None:
    """Queue the job *task* unless one called *once* waits already; of those called so, one at a time is done.

    Raises `AlreadyQueued`, which breaks the transaction: give it one of its own.
    """
    app.configure_task(task, queueing_lock=once, lock=once).defer(**arguments)


def queue_work_at(task: str, *, moment: datetime, **arguments: Any) -> None:
    """Queue the job *task*, not to be done before *moment*."""
    app.configure_task(task, schedule_at=moment).defer(**arguments)
