"""Consolidated billings in the background: their e-mails; it can run twice."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows.consolidating.deliver import send_billings as send
from counterfoil.flows.consolidating.sending import SEND, MailIsSent
from counterfoil.jobs.billing import WHILE_ANOTHER_SENDS, WHILE_MAIL_IS_DOWN
from counterfoil.records.deliveries.outbox import queue_work_at

logger = logging.getLogger("counterfoil.jobs")


@app.task(name=SEND)
def send_billings() -> None:
    """Send the e-mails of billings that are queued; while somebody else sends, again a little later.

    While the mail server cannot be used, again every few minutes.
    """
    try:
        send(now=clock.now)
    except MailIsSent:
        queue_work_at(SEND, moment=clock.now() + WHILE_ANOTHER_SENDS)
    except MailDelayed as delayed:
        logger.warning(str(delayed))
        queue_work_at(SEND, moment=clock.now() + WHILE_MAIL_IS_DOWN)
