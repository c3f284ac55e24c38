"""Deliver: issued documents go to the connector and by e-mail, each at most once (billing-rules 12.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from counterfoil.connectors.port import Connector, LostAnswer, Outcome, PermanentRefusal
from counterfoil.connectors.registry import connect
from counterfoil.core.document import Document
from counterfoil.core.refusals import Refusal
from counterfoil.documents.look import Look
from counterfoil.documents.mail import compose
from counterfoil.documents.mail_transport import (
    Mailbox,
    SmtpServer,
    Tls,
    open_mailbox,
)
from counterfoil.documents.render import render_pdf, render_summary
from counterfoil.flows.billing.documents import (
    documents_of,
    documents_with_looks,
    look_of,
    reference_of,
    seller_of,
)
from counterfoil.flows.billing.run import Progress
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.consolidating.sending import sender_key
from counterfoil.flows.posting import CUT_OFF, post_once, sender_of
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import queries as billing
from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.deliveries import actions, queries
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import the_organisation

MAILS_A_BATCH = 20
LOOK_UPS_AT_ONCE = 200


class RunNotIssued(Refusal):
    """Run {run} is {status}, so there is nothing to deliver. Authorise and issue it first."""


class AlreadyDelivering(Refusal):
    """Somebody delivers by {channel} at this moment, and one sends at a time. Deliver run {run} when that is done."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """How many deliveries of a run are in each state now, by channel.

    *ask_again_at* is when the connector can be asked what became of documents whose answers were lost; None: none.
    """

    by_channel: dict[str, dict[str, int]]
    ask_again_at: datetime | None = None


def deliver(run_id: int, *, now: Callable[[], datetime], progress: Progress | None = None) -> Delivered:
    """Send every queued delivery of a run; repeat it as often as you like.

    Where an answer was lost, or a sender died, the connector is asked by our reference once the other side must
    have finished with the request, and only what is not there is sent again; an e-mail in that state becomes
    *uncertain*, since a mail server cannot be asked. Raises `RunNotIssued`, and `AlreadyDelivering` while another
    process sends over the same connection, for whatever run.
    """
    run = billing.run_of(run_id)
    if run.status not in (RunStatus.AUTHORISED, RunStatus.ISSUED):
        raise RunNotIssued(run=run_id, status=small(RunStatus(run.status).label))
    channels = queries.channels_of(run_id)
    ask_again: list[datetime] = []
    for channel in sorted(channels, key=lambda name: name == EMAIL):
        with _only_sender(run, channel=channel):
            if channel == EMAIL:
                _by_email(run, now=now, progress=progress)
            else:
                ask_again += _by_connector(run, channel=channel, now=now, progress=progress)
    return Delivered(
        by_channel=queries.states_by_channel(run_id), ask_again_at=min(ask_again) if ask_again else None
    )


def out_folder(run_id: int) -> Path:
    """Return the folder into which connectors write the files of a run."""
    return Path(settings.HOME) / "out" / str(run_id)


def resend(
    delivery_ids: Sequence[int],
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    by_hand: bool = False,
    although_sent: bool = False,
) -> int:
    """Queue deliveries again that failed, or are uncertain and a person decided to repeat. Returns how many.

    E-mails go to the customer's present addresses; those that were sent only *although_sent*. *by_hand*: also one
    cancelled since its document was to go out with a billing, which the caller knows it no longer is. A voided
    document is never sent again.
    """
    states = [DeliveryState.FAILED, DeliveryState.UNCERTAIN]
    if by_hand:
        states.append(DeliveryState.CANCELLED)
    if although_sent:
        states.append(DeliveryState.SENT)
    with transaction.atomic():
        found = queries.locked(delivery_ids, states=states)
        again = [
            one
            for one in found
            if not hasattr(one.invoice, "void") and (one.state != DeliveryState.SENT or one.channel == EMAIL)
        ]
        mails = [delivery for delivery in again if delivery.channel == EMAIL]
        for delivery in mails:
            delivery.recipient = queries.recipients_now(delivery.invoice)
        actions.close_mails(mails, now=now)
        actions.log_wish(mails, by=by, reason=reason, now=now)
        actions.queue_again(again, now=now)
        return len(again)


@contextmanager
def _only_sender(run: Run, *, channel: str) -> Iterator[None]:
    """Hold the database's lock on one connection to another system: one sender at a time, whatever the run (12.6)."""
    key = sender_key(channel)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise AlreadyDelivering(run=run.pk, channel=channel)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def open_connector(name: str, *, run_id: int) -> Connector:
    """Return the connector *name* for the documents of one run; files go into the run's folder."""
    return connect(name, settings={"folder": str(out_folder(run_id))})


def _by_connector(
    run: Run, *, channel: str, now: Callable[[], datetime], progress: Progress | None
) -> list[datetime]:
    """Send what is queued to the connector; return when those can be looked up whose answers are lost."""
    with open_connector(channel, run_id=run.pk) as other:
        _look_up_lost(run, other, channel=channel, now=now)
        size = other.capabilities.batch_size
        for batch in _batches(run, channel=channel, size=size, progress=progress):
            _hand_over(other, batch, now=now)
            stop_here(f"after-deliver-{channel}")
        other.finish()
        wait = _longest_answer(other)
    return [delivery.changed_at + wait for delivery in queries.under_way(run.pk, channel=channel)]


def _longest_answer(other: Connector) -> timedelta:
    """Return how long to wait after a lost answer: longer than the other side may work on a request (12.6)."""
    limit = other.capabilities.request_limit_seconds
    return timedelta(seconds=limit + 1 if limit else 0)


def _look_up_lost(run: Run, other: Connector, *, channel: str, now: Callable[[], datetime]) -> None:
    """Ask about documents whose answers were lost long enough ago: they are there, or are queued again (12.6)."""
    latest = now() - _longest_answer(other)
    lost = [one for one in queries.under_way(run.pk, channel=channel) if one.changed_at <= latest]
    for begin in range(0, len(lost), LOOK_UPS_AT_ONCE):
        batch = lost[begin : begin + LOOK_UPS_AT_ONCE]
        there = other.find(references=[reference_of(one.invoice_id) for one in batch])
        for delivery in batch:
            external = there.get(reference_of(delivery.invoice_id))
            delivery.state, delivery.detail = DeliveryState.QUEUED, ""
            if external is not None:
                delivery.state = DeliveryState.SENT
                delivery.external_number = external.number or external.external_id
        with transaction.atomic():
            actions.settle(batch, now=now())


def _hand_over(other: Connector, batch: list[Delivery], *, now: Callable[[], datetime]) -> None:
    """Send one batch and store what became of it; where the answer was lost it stays *sending*, to be looked up."""
    documents = documents_of([delivery.invoice for delivery in batch])
    with transaction.atomic():
        actions.start_sending(batch, now=now())
    outcomes = {outcome.reference: outcome for outcome in other.send(documents=documents)}
    stop_here("after-send")
    for delivery in batch:
        outcome = outcomes[reference_of(delivery.invoice_id)]
        delivery.state, delivery.detail = _state_after(outcome), str(outcome.error or "")
        if outcome.external is not None:
            delivery.external_number = outcome.external.number or outcome.external.external_id
    with transaction.atomic():
        actions.settle(batch, now=now())


def _state_after(outcome: Outcome) -> DeliveryState:
    if outcome.external is not None:
        return DeliveryState.SENT
    if isinstance(outcome.error, LostAnswer):
        return DeliveryState.SENDING
    return DeliveryState.FAILED if isinstance(outcome.error, PermanentRefusal) else DeliveryState.QUEUED


def _by_email(run: Run, *, now: Callable[[], datetime], progress: Progress | None) -> None:
    lost = queries.under_way(run.pk, channel=EMAIL)
    _settle_all(lost, state=DeliveryState.UNCERTAIN, detail=CUT_OFF, now=now)
    mailbox, attaches_summary = open_the_mailbox(), Selection.from_json(run.selection).attaches_summary
    try:
        for batch in _batches(run, channel=EMAIL, size=MAILS_A_BATCH, progress=progress):
            documents = documents_with_looks([delivery.invoice for delivery in batch])
            for delivery, (document, look) in zip(batch, documents, strict=True):
                with_summary = attaches_summary and not document.is_credit_note and not document.breakdown
                _mail(delivery, document, look=look, with_summary=with_summary, mailbox=mailbox, now=now)
    finally:
        mailbox.close()


def open_the_mailbox() -> Mailbox:
    """Return the mailbox of this installation: the server of COUNTERFOIL_SMTP_URL, or files."""
    return open_mailbox(server=_mail_server(), folder=Path(settings.HOME) / "mail")


def _mail_server() -> SmtpServer | None:
    """Return the server that COUNTERFOIL_SMTP_URL names, None where mail is kept in files."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return None
    tls = Tls.IMPLICIT if settings.EMAIL_USE_SSL else Tls.STARTTLS if settings.EMAIL_USE_TLS else Tls.NONE
    return SmtpServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        tls=tls,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
    )


def _mail(
    delivery: Delivery,
    document: Document,
    *,
    look: Look,
    with_summary: bool,
    mailbox: Mailbox,
    now: Callable[[], datetime],
) -> None:
    """Send one document in its own *look* by e-mail, worded as mails are now, and store what became of it.

    *with_summary*: its charge summary is a second PDF; an amalgamated one has it as second part of the first.

    Raises `MailDelayed` when the server cannot be used.
    """
    organisation = the_organisation()
    try:
        message = compose(
            document,
            render_pdf(document, look=look),
            recipients=delivery.recipient.split(";"),
            sender=sender_of(seller_of(organisation, branch=delivery.invoice.branch)),
            delivery_key=f"{document.reference}:{delivery.pk}:{delivery.attempts}",
            sent_at=now(),
            look=look_of(organisation),
            summary=render_summary(document, look=look) if with_summary else b"",
        )
    except Refusal as error:
        with transaction.atomic():
            actions.log_begun(delivery, subject="", message_id="", now=now())
        _settle_all([delivery], state=DeliveryState.FAILED, detail=str(error), now=now)
        return

    def start(subject: str, message_id: str) -> None:
        actions.start_sending([delivery], now=now())
        actions.log_begun(delivery, subject=subject, message_id=message_id, now=now())

    post_once(
        message,
        mailbox=mailbox,
        start=start,
        settle=lambda state, detail: _settle_all([delivery], state=state, detail=detail, now=now),
        stop="after-send-email",
    )


def _settle_all(batch: list[Delivery], *, state: str, detail: str, now: Callable[[], datetime]) -> None:
    for delivery in batch:
        delivery.state, delivery.detail = state, detail
    with transaction.atomic():
        actions.settle(batch, now=now())
        actions.log_settled(batch, now=now())


def _batches(run: Run, *, channel: str, size: int, progress: Progress | None) -> Iterator[list[Delivery]]:
    """Yield the deliveries still to be sent, some at a time, in the order of their ids."""
    total, done, last = queries.count_to_send(run.pk, channel=channel), 0, 0
    while batch := queries.to_send(run.pk, channel=channel, after=last, limit=size):
        yield batch
        last, done = batch[-1].pk, done + len(batch)
        if progress:
            progress(done, max(total, done))
