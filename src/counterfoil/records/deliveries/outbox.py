"""The outbox: work is queued by name, in the transaction that makes it due, and done by a worker later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app


def queue_work(task: str, **arguments: Any) -> None:
    """Queue the job *task* (its name in jobs/) with *arguments*; it exists only if the transaction commits."""
    app.configure_task(task).defer(**arguments)


def queue_work_at(task: str, *, moment: datetime, **arguments: Any) -> None:
    """Queue the job *task*, not to be done before *moment*."""
    app.configure_task(task, schedule_at=moment).defer(**arguments)
