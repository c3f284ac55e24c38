"""E-mails leave one sender at a time, and each answer of the mail server becomes a state (billing-rules 12.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import parseaddr

from django.conf import settings
from django.db import connection, transaction

from counterfoil.core.document import Party
from counterfoil.documents.mail_transport import Mailbox, MailDelayed, MailRefused, MailUncertain
from counterfoil.flows.consolidating.sending import MailIsSent, sender_key
from counterfoil.flows.stopping import stop_here
from counterfoil.records.deliveries.models import EMAIL, DeliveryState

CUT_OFF = str(MailUncertain(answer="sending was cut off"))


@contextmanager
def only_sender() -> Iterator[None]:
    """Hold the right to send e-mails. Raises `MailIsSent` while somebody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [sender_key(EMAIL)])
        if not cursor.fetchone()[0]:
            raise MailIsSent
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [sender_key(EMAIL)])


def sender_of(seller: Party) -> str:
    """Return the address that mails of *seller* come from."""
    return seller.emails[0] if seller.emails else parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _posted(message: EmailMessage, *, mailbox: Mailbox) -> tuple[DeliveryState, str]:
    """Send *message*; return what became of it and what was said. Raises `MailDelayed`: certainly not sent."""
    try:
        sent = mailbox.send(message)
    except MailRefused as error:
        return DeliveryState.FAILED, str(error)
    except MailUncertain as error:
        return DeliveryState.UNCERTAIN, str(error)
    return DeliveryState.SENT, "; ".join(f"{one.address}: {one.answer}" for one in sent.refused)


def post_once(
    message: EmailMessage,
    *,
    mailbox: Mailbox,
    start: Callable[[str, str], None],
    settle: Callable[[DeliveryState, str], None],
    stop: str,
) -> None:
    """Send *message* at most once (12.6): *start* is stored, with its subject and id, before the server is asked.

    *settle* stores what became of it; *stop* names the moment between. Raises `MailDelayed` when the server cannot be
    used: it is queued again then.
    """
    with transaction.atomic():
        start(str(message["Subject"]), str(message["Message-ID"]))
    try:
        state, detail = _posted(message, mailbox=mailbox)
    except MailDelayed as error:
        settle(DeliveryState.QUEUED, str(error))
        raise
    stop_here(stop)
    settle(state, detail)
