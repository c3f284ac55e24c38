"""Name the job on every log line that it causes, as requests are named."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from procrastinate import JobContext
from procrastinate.worker import Worker


def naming(current: ContextVar[str]) -> Callable[[Callable[[], Any], JobContext, Worker], Any]:
    """Return what wraps each synchronous task: it puts `job-<number>` into *current* while the task runs."""

    def name_job(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:  # noqa: ARG001
        token = current.set(f"job-{context.job.id}")
        try:
            return call_next()
        finally:
            current.reset(token)

    return name_job
