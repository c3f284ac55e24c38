"""Forget what was kept for programs that might repeat a request, and sessions that have ended."""

from __future__ import annotations

from procrastinate.contrib.django import app

from counterfoil.clock import now
from counterfoil.flows.answering import forget_old_answers
from counterfoil.flows.people import forget_ended_sessions


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_old_answers", queueing_lock="forget_old_answers")
def forget(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every night: forget the answers that are older than a week, and the sessions that have ended."""
    forget_old_answers(now=now())
    forget_ended_sessions(now=now())
