"""Sealing in the background: what was changed and issued since the last seal."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.sealing.seal import seal

logger = logging.getLogger("counterfoil.sealing")


@app.periodic(cron="*/10 * * * *")
@app.task(name="seal", queueing_lock="seal")
def seal_what_is_new(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Every ten minutes: seal what is new. The log has the digest too, for whoever keeps logs elsewhere."""
    sealed = seal(now=clock.now())
    if sealed.rows and sealed.newest:
        facts = {"seal": sealed.newest.number, "rows": sealed.rows, "digest": sealed.newest.digest}
        logger.info("sealed", extra=facts)
