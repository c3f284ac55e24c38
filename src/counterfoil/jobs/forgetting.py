"""Forget what was kept for programs that might repeat a request, files that were taken in, and ended sessions."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil.clock import now
from counterfoil.flows.answering import forget_old_answers
from counterfoil.flows.importing.by_worker import forget_old_files
from counterfoil.flows.people import forget_ended_sessions


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_old_answers", queueing_lock="forget_old_answers")
def forget(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every night: forget answers older than a week, files older than a month, and sessions that have ended."""
    forget_old_answers(now=now())
    forget_old_files(now=now())
    forget_ended_sessions(now=now())
