"""Consolidated billings in the background: their e-mails; it can run twice."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.flows.consolidating.deliver import send_billings as send
from counterfoil.flows.consolidating.sending import SEND, MailIsSent
from counterfoil.records.deliveries.outbox import queue_work_at

WHILE_ANOTHER_SENDS = timedelta(seconds=10)


@app.task(name=SEND)
def send_billings() -> None:
    """Send the e-mails of billings that are queued; while somebody else sends, again a little later."""
    try:
        send(now=clock.now)
    except MailIsSent:
        queue_work_at(SEND, moment=clock.now() + WHILE_ANOTHER_SENDS)
