"""Who sends e-mails at this moment: one at a time, and nobody while what is sent changes (billing-rules 12.6)."""

from __future__ import annotations

from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.records.deliveries.models import EMAIL

SEND = "send_billings"
"""The job that sends what is queued."""


class MailIsSent(Refusal):
    """E-mails are sent at this moment, and what they say must not change meanwhile. Try again when that is done."""


def keep_senders_away() -> None:
    """Keep everybody from sending e-mails until this transaction ends. Raises `MailIsSent`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [sender_key(EMAIL)])
        if not cursor.fetchone()[0]:
            raise MailIsSent


def sender_key(channel: str) -> str:
    """Return the name of the database lock that whoever sends over *channel* holds."""
    return f"counterfoil deliver {channel}"
