"""One billing made, edited or void by hand (billing-rules 8.7 to 8.9). A billing posts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from counterfoil.core.consolidation import (
    billing_number,
    first_date,
    next_seqs,
    parse_number,
    short_text,
)
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.core.terms import parse_terms
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.consolidating.sending import SEND, keep_senders_away
from counterfoil.flows.stopping import stop_here
from counterfoil.records.billing import consolidating_actions as actions
from counterfoil.records.billing import consolidating_queries as queries
from counterfoil.records.billing.models import (
    BillingMember,
    BillingSequence,
    ConsolidatedBilling,
    Invoice,
    QueuedInvoice,
)
from counterfoil.records.deliveries import billing_actions as deliveries
from counterfoil.records.deliveries.outbox import queue_work
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.records.parties.models import BillingCustomer, ConsolidationSettings

MOST_NAMED = 5


class NotConsolidating(Refusal):
    """{customer} does not use consolidated billing. Switch it on in the customer's settings first."""


class BillingNumberTaken(Refusal):
    """There is a consolidated billing {number} already. Give another number, or leave it empty for the next one."""


class NothingChosen(Refusal):
    """A consolidated billing holds at least one invoice. Check one, or void the billing instead."""


class NotToBeChosen(Refusal):
    """{invoices} cannot be chosen: only invoices of the customer that wait for a consolidated billing, dated up to
    {cutoff}, can. Look at the list again.
    """


class NotToBeAdded(Refusal):
    """{invoices} cannot be added: only invoices of the customer in {currency} that wait for a consolidated billing can.
    Look at the list again.
    """


class CurrenciesMixed(Refusal):
    """A consolidated billing is in one currency, and these are in {currencies}. Make one of each."""


class DueBeforeBilling(Refusal):
    """The due date {due_on} is before the date of the billing, {billing_date}. Choose that day or a later one."""


class BillingIsVoid(Refusal):
    """{number} is void, so it is neither edited nor voided. {instead}"""


class WouldWaitForNothing(Refusal):
    """{customer} no longer uses consolidated billing, so invoices taken out of {number} would wait for nothing and
    never go out. Switch it on again in the customer's settings first; then release them, or bill them anew.
    """


class EditedMeanwhile(Refusal):
    """{number} was edited meanwhile; {newest} took its place. Look at that one."""


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What somebody types for a billing; *due_on* None is by the customer's terms, *number* empty the next one.

    *invoices* are ids. *branch_id* None is the customer's branch.
    """

    customer_id: int
    invoices: Sequence[int]
    billing_date: date
    due_on: date | None = None
    number: str = ""
    description: str = ""
    po_number: str = ""
    branch_id: int | None = None
    sends_email: bool = False


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What an edit makes of a billing: every value anew, and all of its members (ids of invoices)."""

    billing_id: int
    invoices: Sequence[int]
    billing_date: date
    due_on: date | None = None
    description: str = ""
    po_number: str = ""
    branch_id: int | None = None
    sends_email: bool = False


def customers_to_bill() -> QuerySet[BillingCustomer]:
    """Return the customers that a billing can be made for by hand: those that use consolidation (8.7)."""
    return BillingCustomer.objects.filter(consolidation__is_used=True)


def date_to_begin_with(customer: BillingCustomer, *, today: date) -> date:
    """Return the date that a billing by hand has unless another is typed (8.7). Raises `NotConsolidating`."""
    return first_date(settings=_settings_of(customer.pk).rules(), today=today)


def to_choose(customer_id: int, *, cutoff: date) -> QuerySet[QueuedInvoice]:
    """Return what a billing by hand lists: all of the customer that waits, dated up to *cutoff*; N does not gate."""
    return QueuedInvoice.objects.filter(customer_id=customer_id, invoice_date__lte=cutoff)


def to_add(billing: ConsolidatedBilling) -> QuerySet[QueuedInvoice]:
    """Return what an edit of *billing* may add: all of its customer and currency that waits, of any date (8.8)."""
    return QueuedInvoice.objects.filter(customer_id=billing.customer_id, currency=billing.currency)


def next_number() -> str:
    """Return the number that the next billing would have; it is not taken."""
    sequence = BillingSequence.objects.filter(pk=1).first() or BillingSequence()
    return billing_number(seq=_next_seq(sequence), revision=0)


def warning_of(customer_id: int, *, total_minor: int, currency: str) -> str:
    """Return in words that a selection falls short of the minimum, "" where it does not; this only warns (8.7).

    "" too where the customer does not use consolidated billing any more.
    """
    settings = (
        ConsolidationSettings.objects.select_related("customer").filter(customer_id=customer_id).first()
    )
    if settings is None or not settings.is_used:
        return ""
    return short_text(total_minor, settings=settings.rules(), currency=currency)


def create_billing(wanted: ByHand, *, by: User | None, now: datetime) -> ConsolidatedBilling:
    """Make one billing of chosen invoices (8.7).

    Raises `NotConsolidating`, `NothingChosen`, `NotToBeChosen`, `CurrenciesMixed`, `DueBeforeBilling`,
    `NotABillingNumber` and `BillingNumberTaken`.
    """
    with transaction.atomic():
        sequence = actions.lock_consolidating()
        settings = _settings_of(wanted.customer_id)
        chosen = _chosen(wanted)
        seq = _seq_for(sequence, typed=wanted.number)
        actions.unqueue([one.invoice_id for one in chosen])
        billing = actions.create_billing(
            ConsolidatedBilling(
                seq=seq,
                revision=0,
                number=billing_number(seq=seq, revision=0),
                customer_id=wanted.customer_id,
                branch_id=wanted.branch_id or settings.customer.branch_id,
                currency=chosen[0].currency,
                created_by=by,
                created_at=now,
                **_typed(wanted, customer=settings.customer),
                **_sums(chosen),
            ),
            members=[_member(one) for one in chosen],
        )
        if not wanted.number.strip():
            actions.advance(sequence, next_seq=seq + 1)
        if wanted.sends_email and deliveries.queue_billings([billing.pk], only_who_want_it=True, now=now):
            queue_work(SEND)
        stop_here("before-consolidate-commit")
    return billing


def edit_billing(wanted: Edit, *, by: User | None, now: datetime) -> ConsolidatedBilling:
    """Store another revision in the place of a live billing; those it leaves out are eligible again (8.8).

    Raises `NothingChosen`, `NotToBeAdded`, `DueBeforeBilling`, `BillingIsVoid`, `EditedMeanwhile`,
    `WouldWaitForNothing` as a void does, and `MailIsSent` while e-mails are.
    """
    with transaction.atomic():
        actions.lock_consolidating()
        [old] = _live([wanted.billing_id])
        keep_senders_away()
        members = _members_after(wanted, old=old)
        kept = {member.invoice_id for member in members}
        if old.members.exclude(invoice_id__in=kept).exists():
            _need_used([old])
        deliveries.cancel([old.pk], now=now)
        billing = actions.replace_billing(
            old,
            by_billing=ConsolidatedBilling(
                seq=old.seq,
                revision=old.revision + 1,
                number=billing_number(seq=old.seq, revision=old.revision + 1),
                batch_id=old.batch_id,
                customer_id=old.customer_id,
                branch_id=wanted.branch_id or old.branch_id,
                currency=old.currency,
                created_by=by,
                created_at=now,
                **_typed(wanted, customer=old.customer),
                **_sums([member.invoice for member in members]),
            ),
            members=members,
            reason="Edited.",
            by=by,
            now=now,
        )
        if wanted.sends_email and deliveries.queue_billings([billing.pk], only_who_want_it=True, now=now):
            queue_work(SEND)
        stop_here("before-consolidate-commit")
    return billing


def void_billings(billing_ids: Sequence[int], *, reason: str, by: User | None, now: datetime) -> int:
    """Void live billings, all or none: their members are eligible again, their numbers never used again (8.9).

    Returns how many. Raises `ReasonMissing`, `BillingIsVoid`, `EditedMeanwhile`, `WouldWaitForNothing` where a customer
    uses consolidation no more, and `MailIsSent` while e-mails are.
    """
    need_reason(reason)
    with transaction.atomic():
        actions.lock_consolidating()
        live = _live(billing_ids)
        _need_used(live)
        keep_senders_away()
        deliveries.cancel([billing.pk for billing in live], now=now)
        actions.end_billings([billing.pk for billing in live], reason=reason, by=by, now=now)
        stop_here("before-consolidate-commit")
        return len(live)


def _settings_of(customer_id: int) -> ConsolidationSettings:
    settings = (
        ConsolidationSettings.objects.select_related("customer").filter(customer_id=customer_id).first()
    )
    if settings is None or not settings.is_used:
        customer = BillingCustomer.objects.filter(pk=customer_id).first()
        raise NotConsolidating(customer=customer.account if customer else customer_id)
    return settings


def _chosen(wanted: ByHand) -> list[QueuedInvoice]:
    """Return the invoices chosen, in the order they are listed on the billing."""
    if not wanted.invoices:
        raise NothingChosen
    listed = to_choose(wanted.customer_id, cutoff=wanted.billing_date).filter(
        invoice_id__in=list(wanted.invoices)
    )
    chosen = list(listed.order_by("invoice_date", "invoice_id"))
    missing = set(wanted.invoices) - {one.invoice_id for one in chosen}
    if missing:
        raise NotToBeChosen(invoices=_named(missing), cutoff=wanted.billing_date)
    currencies = sorted({one.currency for one in chosen})
    if len(currencies) > 1:
        raise CurrenciesMixed(currencies=" and ".join(currencies))
    return chosen


def _members_after(wanted: Edit, *, old: ConsolidatedBilling) -> list[BillingMember]:
    """Return the members that an edit leaves and adds, in the order they are listed."""
    if not wanted.invoices:
        raise NothingChosen
    ids = set(wanted.invoices)
    kept = list(old.members.filter(invoice_id__in=ids).select_related("invoice"))
    added = list(
        to_add(old).filter(invoice_id__in=ids - {one.invoice_id for one in kept}).select_related("invoice")
    )
    missing = ids - {one.invoice_id for one in [*kept, *added]}
    if missing:
        raise NotToBeAdded(invoices=_named(missing), currency=old.currency)
    members = [
        BillingMember(invoice=one.invoice, kind=one.kind, was_locked=one.was_locked) for one in kept
    ] + [BillingMember(invoice=one.invoice, kind=one.kind, was_locked=one.is_locked) for one in added]
    return sorted(members, key=lambda member: (member.invoice.invoice_date, member.invoice_id))


def _member(queued: QueuedInvoice) -> BillingMember:
    return BillingMember(invoice_id=queued.invoice_id, kind=queued.kind, was_locked=queued.is_locked)


def _sums(members: Sequence[QueuedInvoice] | Sequence[Invoice]) -> dict[str, int]:
    return {
        "member_count": len(members),
        "tax_minor": sum(one.tax_minor for one in members),
        "gross_minor": sum(one.gross_minor for one in members),
    }


def _typed(wanted: ByHand | Edit, *, customer: BillingCustomer) -> dict[str, object]:
    """Return what was typed, the due date by terms where none was (8.5)."""
    terms = customer.payment_terms or the_organisation().payment_terms
    due_on = wanted.due_on or parse_terms(terms).due_date(wanted.billing_date)
    if due_on < wanted.billing_date:
        raise DueBeforeBilling(due_on=due_on, billing_date=wanted.billing_date)
    if wanted.branch_id is not None:
        Branch.objects.get(pk=wanted.branch_id)
    return {
        "billing_date": wanted.billing_date,
        "due_on": due_on,
        "description": wanted.description,
        "po_number": wanted.po_number,
    }


def _live(billing_ids: Sequence[int]) -> list[ConsolidatedBilling]:
    """Return billings that are live. Raises `BillingIsVoid` and `EditedMeanwhile`."""
    found = actions.lock_billings(billing_ids)
    for billing in found:
        if queries.is_void(billing):
            if billing.void.replaced_by_id:
                raise EditedMeanwhile(number=billing.number, newest=billing.void.replaced_by.number)
            raise BillingIsVoid(number=billing.number, instead=sentence("Its invoices can be billed anew."))
    return found


def _need_used(billings: Sequence[ConsolidatedBilling]) -> None:
    """Raise `WouldWaitForNothing` for one of *billings* whose customer uses consolidation no more."""
    customers = {billing.customer_id for billing in billings}
    used = set(customers_to_bill().filter(pk__in=customers).values_list("pk", flat=True))
    for billing in billings:
        if billing.customer_id not in used:
            raise WouldWaitForNothing(customer=billing.customer.account, number=billing.number)


def _seq_for(sequence: BillingSequence, *, typed: str) -> int:
    if not typed.strip():
        return _next_seq(sequence)
    seq = parse_number(typed)
    if ConsolidatedBilling.objects.filter(seq=seq).exists():
        raise BillingNumberTaken(number=billing_number(seq=seq, revision=0))
    return seq


def _next_seq(sequence: BillingSequence) -> int:
    taken = queries.seqs_taken(after=sequence.next_seq)
    return next_seqs(after=sequence.next_seq, count=1, taken=taken)[0]


def _named(invoice_ids: set[int]) -> str:
    """Return the numbers of invoices, the first few of them."""
    found = Invoice.objects.filter(pk__in=invoice_ids).order_by("pk").values_list("pk", "number__number")
    names = {pk: number or f"draft {pk}" for pk, number in found}
    all_names = [names.get(pk, f"invoice {pk}") for pk in sorted(invoice_ids)]
    more = len(all_names) - MOST_NAMED
    return ", ".join(all_names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
