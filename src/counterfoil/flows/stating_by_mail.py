"""Statements of account by e-mail: to whom, asked in numbers, and each at most once (product D1, D2; rule 12.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage

from django.db import transaction
from django.db.models import QuerySet, Sum

from counterfoil.core.recipients import MailKind, addresses_in
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.documents.look import Look
from counterfoil.documents.mail import compose_statements
from counterfoil.documents.mail_transport import Mailbox
from counterfoil.flows.billing.deliver import open_the_mailbox
from counterfoil.flows.billing.documents import look_of
from counterfoil.flows.billing.review import ReasonMissing
from counterfoil.flows.posting import CUT_OFF, only_sender, post_once, sender_of
from counterfoil.flows.stating import issued_up_to, need_days, printed_statements, statements_of
from counterfoil.records.deliveries import statement_actions as actions
from counterfoil.records.deliveries.models import (
    OPEN_STATES,
    DeliveryState,
    StatementDelivery,
    StatementRound,
)
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import given_branches, the_organisation
from counterfoil.records.parties.models import BillingCustomer

SEND_STATEMENTS = "send_statements"
"""The job that sends what is queued."""

MOST_STATEMENTS = 5_000
MAILS_A_BATCH = 20

NOT_MADE = "It could not be made: the program broke off, and its log says where. Report that, and send it again then."
NO_ADDRESS = sentence("without an address that gets statements")
OTHER_BRANCHES = sentence("with documents of branches that you do not see")
SENT_BEFORE = sentence("whose statement of that day was sent")
ON_ITS_WAY = sentence("with a statement on its way")
NOTHING_OPEN = sentence("with nothing open")

Progress = Callable[[int, int], None]


class NoStatementsToMail(Refusal):
    """No statement is to be sent{told}. Choose other customers, or another day."""


class TooManyStatements(Refusal):
    """{count} customers are more than get their statements at once, which is {most}. Send them in parts."""


class CancelledMeanwhile(Exception):
    """The statement was cancelled while it was made. Nothing is to be done: it is not sent."""


class NoSuchRound(Refusal):
    """No statements were sent under number {round}. The log of e-mails has those there are."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which statements: as of *day*, documents from *since* on listed.

    *only_open*: none to whom nothing is open. *again*, with a *reason*: also where one of that day went out before.
    """

    day: date
    since: date | None = None
    only_open: bool = True
    again: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """To whom statements go: addresses by customer (id). How many are left out why, and what is open in all."""

    recipients: Mapping[int, str]
    left_out: Mapping[str, int]
    open_minor: Mapping[str, int]


def planned(customers: QuerySet[BillingCustomer], *, wanted: Wanted, by: User | None) -> Planned:
    """Return to whom of *customers* a statement would go if *by* asked for it.

    Raises `TooManyStatements` and `StatementEndsBeforeItBegins`.
    """
    need_days(day=wanted.day, since=wanted.since)
    emails = dict(customers.order_by("account").values_list("pk", "email")[: MOST_STATEMENTS + 1])
    if len(emails) > MOST_STATEMENTS:
        raise TooManyStatements(count=customers.count(), most=MOST_STATEMENTS)
    opened = _open_by_customer(list(emails), day=wanted.day)
    sent, hidden = _sent_before(wanted.day), _with_hidden_documents(list(emails), wanted=wanted, by=by)
    queued = StatementDelivery.objects.filter(state__in=OPEN_STATES)
    on_their_way = set(queued.values_list("customer_id", flat=True))
    recipients: dict[int, str] = {}
    left_out: Counter[str] = Counter()
    for pk, email in emails.items():
        addresses = addresses_in(email, kind=MailKind.STATEMENTS)
        if not addresses:
            left_out[NO_ADDRESS] += 1
        elif pk in hidden:
            left_out[OTHER_BRANCHES] += 1
        elif pk in sent and not wanted.again:
            left_out[SENT_BEFORE] += 1
        elif pk in on_their_way:
            left_out[ON_ITS_WAY] += 1
        elif wanted.only_open and not any(opened.get(pk, {}).values()):
            left_out[NOTHING_OPEN] += 1
        else:
            recipients[pk] = "; ".join(addresses)
    totals: Counter[str] = Counter()
    for pk in recipients:
        totals.update(opened.get(pk, {}))
    return Planned(recipients=recipients, left_out=left_out, open_minor=totals)


def mail_statements(
    customers: QuerySet[BillingCustomer], *, wanted: Wanted, by: User | None, now: datetime
) -> StatementRound:
    """Queue a statement to those of *customers* that `planned` names, and have a worker send them.

    Raises `NoStatementsToMail`, `TooManyStatements`, and `ReasonMissing` if they are wanted again without one.
    """
    if wanted.again and not wanted.reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        actions.lock_statements()
        found = planned(customers, wanted=wanted, by=by)
        if not found.recipients:
            told = ", ".join(f"{count} {reason}" for reason, count in found.left_out.items())
            raise NoStatementsToMail(told=f": {told}" if told else "")
        opened = actions.open_round(
            found.recipients, day=wanted.day, since=wanted.since, reason=wanted.reason.strip(), by=by, now=now
        )
        queue_work(SEND_STATEMENTS)
    return opened


def cancel_round(round_id: int, *, customers: QuerySet[BillingCustomer], now: datetime) -> int:
    """Cancel the statements of a round that are not on their way yet, of *customers*; return how many.

    What was sent, or is being sent at this moment, stays. Raises `NoSuchRound`.
    """
    opened = round_of(round_id)
    with transaction.atomic():
        return actions.cancel_queued(opened, customers=customers, now=now)


def round_of(round_id: int) -> StatementRound:
    """Return the statements asked for at once. Raises `NoSuchRound`."""
    found = StatementRound.objects.select_related("asked_by").filter(pk=round_id).first()
    if found is None:
        raise NoSuchRound(round=round_id)
    return found


def send_statements(*, now: Callable[[], datetime], progress: Progress | None = None) -> None:
    """Send every statement that is queued. Repeat it as often as you like.

    One whose sending was cut off becomes *uncertain*. Raises `MailIsSent` while somebody else sends, and `MailDelayed`
    when the server cannot be used: what is left stays queued.
    """
    with only_sender():
        cut_off = StatementDelivery.objects.filter(state=DeliveryState.SENDING)
        _settle(list(cut_off), state=DeliveryState.UNCERTAIN, detail=CUT_OFF, now=now)
        with transaction.atomic():
            actions.close_mails(now=now())
        mailbox = open_the_mailbox()
        look, newest, done = look_of(the_organisation()), 0, 0
        total = StatementDelivery.objects.filter(state=DeliveryState.QUEUED).count()
        try:
            while batch := _next(after=newest):
                for delivery in batch:
                    _mail(delivery, look=look, mailbox=mailbox, now=now)
                    done += 1
                    if progress:
                        progress(done, max(total, done))
                newest = batch[-1].pk
        finally:
            mailbox.close()


def _open_by_customer(customers: list[int], *, day: date) -> dict[int, dict[str, int]]:
    """Return what is open to each of *customers* (ids) by currency: what was invoiced, less what was credited."""
    rows = issued_up_to(day).filter(customer__in=customers).order_by("customer", "currency")
    found: dict[int, dict[str, int]] = {}
    for customer, currency, total in rows.values_list("customer", "currency").annotate(Sum("gross_minor")):
        found.setdefault(customer, {})[currency] = int(total)
    return found


def _sent_before(day: date) -> set[int]:
    """Return the customers (ids) to whom a statement of *day* went, may have gone, or is on its way."""
    states = [*OPEN_STATES, DeliveryState.SENT, DeliveryState.UNCERTAIN]
    rows = StatementDelivery.objects.filter(round__day=day, state__in=states)
    return set(rows.values_list("customer_id", flat=True))


def _with_hidden_documents(customers: list[int], *, wanted: Wanted, by: User | None) -> set[int]:
    """Return those of *customers* (ids) on whose statement *by* would see what is another branch's."""
    own = given_branches(by) if by else []
    if not own:
        return set()
    rows = issued_up_to(wanted.day).filter(customer__in=customers).exclude(branch__in=own)
    return set(rows.values_list("customer", flat=True))


def _next(*, after: int) -> list[StatementDelivery]:
    queued = StatementDelivery.objects.filter(state=DeliveryState.QUEUED, pk__gt=after)
    return list(queued.select_related("round", "customer").order_by("pk")[:MAILS_A_BATCH])


def _mail(
    delivery: StatementDelivery,
    *,
    look: Look,
    mailbox: Mailbox,
    now: Callable[[], datetime],
) -> None:
    """Send one and store what became of it. Raises `MailDelayed` when the server cannot be used."""
    try:
        message = _composed(delivery, look=look, now=now())
    except Refusal as error:
        _settle([delivery], state=DeliveryState.FAILED, detail=str(error), now=now)
        return
    except Exception:
        # A bug: it is raised, and the job fails with it. It must not keep the statements behind this one.
        with transaction.atomic():
            actions.settle([delivery], state=DeliveryState.FAILED, detail=NOT_MADE, now=now())
            queue_work(SEND_STATEMENTS)
        raise

    def start(subject: str, message_id: str) -> None:
        if not actions.start_sending(delivery, subject=subject, message_id=message_id, now=now()):
            raise CancelledMeanwhile

    with suppress(CancelledMeanwhile):
        post_once(
            message,
            mailbox=mailbox,
            start=start,
            settle=lambda state, detail: _settle([delivery], state=state, detail=detail, now=now),
            stop="after-send-statement",
        )


def _composed(delivery: StatementDelivery, *, look: Look, now: datetime) -> EmailMessage:
    asked = delivery.round
    statements = statements_of(delivery.customer, day=asked.day, since=asked.since)
    return compose_statements(
        statements,
        printed_statements(statements),
        recipients=delivery.recipient.split(";"),
        sender=sender_of(statements[0].seller),
        delivery_key=f"counterfoil:statement:{delivery.pk}:{delivery.attempts}",
        sent_at=now,
        look=look,
    )


def _settle(
    deliveries: list[StatementDelivery], *, state: str, detail: str, now: Callable[[], datetime]
) -> None:
    with transaction.atomic():
        actions.settle(deliveries, state=state, detail=detail, now=now())
