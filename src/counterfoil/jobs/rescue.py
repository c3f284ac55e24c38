"""Give jobs a second chance when the worker that had them was killed."""

from __future__ import annotations

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

logger = logging.getLogger("counterfoil.jobs")

MOST_ATTEMPTS = 5


@app.periodic(cron="* * * * *")
@app.task(name="rescue_jobs", queueing_lock="rescue_jobs", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every minute: queue again what a dead worker left undone; what killed five of them has failed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        facts = {"job": job.id, "task": job.task_name, "attempts": job.attempts}
        if job.attempts < MOST_ATTEMPTS:
            logger.warning("a worker died over this job; it is queued again", extra=facts)
            await manager.retry_job(job)
        else:
            logger.error("a worker died over this job too often; it has failed", extra=facts)
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
