"""Statements of account in the background; it can run twice."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from counterfoil import clock
from counterfoil.documents.mail_transport import MailDelayed
from counterfoil.flows import stating_by_mail as flow
from counterfoil.flows.consolidating.sending import MailIsSent
from counterfoil.jobs.billing import WHILE_ANOTHER_SENDS, WHILE_MAIL_IS_DOWN
from counterfoil.records.deliveries.outbox import queue_work_at

logger = logging.getLogger("counterfoil.jobs")


@app.task(name=flow.SEND_STATEMENTS)
def send_statements() -> None:
    """Send what is queued; while somebody else sends, or the mail server cannot be used, again later."""
    try:
        flow.send_statements(now=clock.now)
    except MailIsSent:
        queue_work_at(flow.SEND_STATEMENTS, moment=clock.now() + WHILE_ANOTHER_SENDS)
    except MailDelayed as delayed:
        logger.warning(str(delayed))
        queue_work_at(flow.SEND_STATEMENTS, moment=clock.now() + WHILE_MAIL_IS_DOWN)
