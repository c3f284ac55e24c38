"""Many charges at once: assign a master charge, copy the charges of a template client, end charges.

What they are assigned to are clients, or billing customers or dealers themselves: the own client of each is made
where it gets its first charge.

Each says first what it would come to, by doing it in a transaction that is rolled back, so that the two agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import UniqueViolation

from counterfoil.core.crediting import CreditBasis
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import sentence
from counterfoil.engine.crediting import credit
from counterfoil.flows.billing.load import ShardRange
from counterfoil.flows.billing.run import Request, terms_of_request
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.crediting.loading import load_creditable
from counterfoil.flows.own_clients import fit, locked_own_clients
from counterfoil.flows.own_clients import stored as stored_clients
from counterfoil.flows.using import NotActiveThen, NotUsedThere, check_use, place_of
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.catalog.models import MasterCharge, Place
from counterfoil.records.catalog.queries import assignable_masters
from counterfoil.records.charges import actions
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.queries import terms_of_charges
from counterfoil.records.organisation.queries import is_legacy
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

Whom = QuerySet[Client] | QuerySet[BillingCustomer] | QuerySet[Dealer]

MOST_AT_ONCE = 5_000
COPIED = (
    "master_charge", "quantity", "unit_price", "description", "charge_period", "tax_category", "while_commissioned",
    "escalation", "paid_by",
)  # fmt: skip


_NOT_FOR = {
    Place.CLIENT: sentence("cannot be assigned it: it is not for clients"),
    Place.CUSTOMER: sentence("cannot be assigned it: it is not for billing customers themselves"),
    Place.DEALER: sentence("cannot be assigned it: it is not for dealers themselves"),
}


class TooManyAtOnce(Refusal):
    """{count} are too many to be changed in one step; {most} are the most. Narrow the list, or use a file."""


class IdentifiersTaken(Refusal):
    """Somebody else stored charges with the same identifiers at this moment, so nothing was assigned. Assign again."""


class EndsBeforeItStarts(Refusal):
    """{charge} starts on {starts_on}, so it cannot end before {ends_before}. Choose a later day, or leave it out."""


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What assigning comes to: the new charges, clients left out by the reason, and what a whole period costs."""

    charges: Sequence[Charge]
    left_out: Mapping[str, int]
    price_of_a_period: Mapping[str, Decimal]
    without_payer: int = 0
    without_price: int = 0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What ending comes to: charges with the end they had before, those left out, and what will be credited.

    *credited* is net in minor units by currency, by the organisation's own credit definition; *notes* the documents.
    """

    before: Mapping[int, date | None]
    unchanged: int
    credited: Mapping[str, int] = field(default_factory=dict)
    notes: int = 0
    findings: Sequence[str] = ()


def assign(
    whom: Whom,
    *,
    like: Sequence[Charge],
    starts_on: date | None,
    ends_before: date | None = None,
) -> Assigned:
    """Assign to each of *whom* charges *like* these, unless it may not have or has one of the kind in these days.

    Without *starts_on* each starts when its client was commissioned. Raises `TooManyAtOnce` and `IdentifiersTaken`.
    """
    with transaction.atomic():
        return _assign(whom, like=like, starts_on=starts_on, ends_before=ends_before)


def would_assign(
    whom: Whom,
    *,
    like: Sequence[Charge],
    starts_on: date | None,
    ends_before: date | None = None,
) -> Assigned:
    """Return what `assign` would come to now; nothing is stored."""
    with transaction.atomic():
        found = _assign(whom, like=like, starts_on=starts_on, ends_before=ends_before)
        transaction.set_rollback(True)
        return found


def charges_of_template(client: Client, *, on: date) -> list[Charge]:
    """Return copies of the charges that a template *client* has on the day *on* or later, without who pays."""
    running = client.charges.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=on))
    return [
        Charge(**{name: getattr(one, name) for name in COPIED})
        for one in running.select_related("master_charge").order_by("key")
    ]


def end(charge_ids: Iterable[int], *, ends_before: date) -> Ended:
    """Let charges end before the day *ends_before*; one that does already stays. Raises `EndsBeforeItStarts`."""
    with transaction.atomic():
        return _end(list(charge_ids), ends_before=ends_before)


def would_end(charge_ids: Iterable[int], *, ends_before: date) -> Ended:
    """Return what `end` would come to now, with what the next credit run would give back; nothing is stored."""
    with transaction.atomic():
        ended = _end(list(charge_ids), ends_before=ends_before)
        found = _with_credits(ended, ends_before=ends_before) if ended.before else ended
        transaction.set_rollback(True)
        return found


def end_as_before(before: Mapping[int, date | None], *, ended_before: date) -> int:
    """Undo `end`: give charges the end they had *before*, unless it was changed meanwhile; return how many."""
    with transaction.atomic():
        rows = Charge.objects.select_for_update().filter(pk__in=before, ends_before=ended_before)
        charges = list(rows.order_by("pk"))
        for charge in charges:
            charge.ends_before = before[charge.pk]
        actions.change_charges(charges, fields=["ends_before"])
        return len(charges)


def _assign(
    whom: Whom, *, like: Sequence[Charge], starts_on: date | None, ends_before: date | None
) -> Assigned:
    # Who assigns to one of these at the same time waits, and then finds what they have got.
    locked: QuerySet[Any] = whom.select_for_update(of=("self",), no_key=True)
    found = list(locked.order_by("pk")[: MOST_AT_ONCE + 1])
    if len(found) * len(like) > MOST_AT_ONCE:
        raise TooManyAtOnce(count=len(found) * len(like), most=MOST_AT_ONCE)
    left_out: dict[str, int] = {}
    wanted = found if whom.model is Client else _own_clients(found, left_out=left_out, of_each=len(like))
    new: list[Charge] = []
    has, may, legacy = _kinds_running(wanted, since=starts_on), _Allowed(), is_legacy()
    for client in wanted:
        start = starts_on or client.commissioned_on
        for one in like:
            reason = _reason_against(
                client, one, start=start, ends_before=ends_before, has=has, may=may, is_legacy=legacy
            )
            if reason:
                left_out[reason] = left_out.get(reason, 0) + 1
                continue
            charge = copy(one)
            charge.client, charge.starts_on, charge.ends_before = client, start, ends_before
            if client.is_own:
                # What a template says of these is of a site.
                charge.paid_by, charge.while_commissioned = "", None
                fit(charge)
            new.append(charge)
    stored = _stored(new)
    return _counted(stored, left_out=left_out)


def _own_clients(
    owners: Sequence[BillingCustomer] | Sequence[Dealer], *, left_out: dict[str, int], of_each: int
) -> list[Client]:
    """Return the own clients of *owners*, new ones not stored; dealers that nobody pays for are *left out*."""
    paying = [owner for owner in owners if not (isinstance(owner, Dealer) and owner.customer_id is None)]
    if len(paying) < len(owners):
        reason = sentence("has no billing customer, so nobody would pay")
        left_out[reason] = (len(owners) - len(paying)) * of_each
    return locked_own_clients(paying)


def _stored(charges: Sequence[Charge]) -> list[Charge]:
    """Store *charges* with identifiers, and own clients among their clients that are new.

    Raises `IdentifiersTaken` where a file or a person was quicker with one of their keys.
    """
    new_clients = {id(charge.client): charge.client for charge in charges if charge.client.pk is None}
    try:
        with transaction.atomic():
            stored_clients(list(new_clients.values()))
            for charge in charges:
                charge.client = charge.client  # its id, where the client has only just got one
            _give_keys(charges)
            return actions.create_charges(charges)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise IdentifiersTaken from error


@dataclass
class _Allowed:
    """Which master charges may be assigned, remembered by customer and dealer."""

    known: dict[tuple[int | None, int | None], set[int]] = field(default_factory=dict)

    def __call__(self, *, customer_id: int | None, dealer_id: int | None) -> set[int]:
        whose = (customer_id, dealer_id)
        if whose not in self.known:
            rows = assignable_masters(customer_id=customer_id, dealer_id=dealer_id)
            self.known[whose] = set(rows.values_list("pk", flat=True))
        return self.known[whose]


def _reason_against(
    client: Client,
    charge: Charge,
    *,
    start: date | None,
    ends_before: date | None,
    has: set[tuple[int, int, str]],
    may: Callable[..., set[int]],
    is_legacy: bool,
) -> str:
    if start is None:
        return sentence("not commissioned, so there is no start")
    if ends_before is not None and ends_before <= start:
        return sentence("commissioned after the last day")
    if (client.pk, charge.master_charge_id, charge.description) in has:
        return sentence("has it already")
    try:
        check_use(charge.master_charge, on=place_of(client), day=start)
    except NotUsedThere:
        return _NOT_FOR[place_of(client)]
    except NotActiveThen:
        return sentence("would begin outside the days on which it is active")
    payer = None if is_legacy else charge.customer_id or client.customer_id
    if charge.master_charge_id not in may(customer_id=payer, dealer_id=client.dealer_id):
        return sentence("may not be assigned it by its price list")
    return ""


def _kinds_running(clients: Sequence[Client], *, since: date | None) -> set[tuple[int, int, str]]:
    """Return (client, master charge, description) of what the clients have that does not end before *since*."""
    rows = Charge.objects.filter(client__in=[client for client in clients if client.pk is not None])
    if since is not None:
        rows = rows.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=since))
    return set(rows.values_list("client_id", "master_charge_id", "description"))


def next_key(client: Client) -> str:
    """Return an identifier that no charge has yet, for the next one of *client*."""
    charge = Charge(client=client)
    _give_keys([charge])
    return charge.key


def _give_keys(charges: Sequence[Charge]) -> None:
    """Give new charges identifiers that nobody has: the client's code and a number."""
    codes = {charge.client_id: charge.client.code for charge in charges}
    taken = set(Charge.objects.filter(client__in=codes).values_list("key", flat=True))
    number = dict.fromkeys(codes, 0)
    while charges:
        proposed = []
        for charge in charges:
            number[charge.client_id] += 1
            while f"{codes[charge.client_id]}-{number[charge.client_id]}" in taken:
                number[charge.client_id] += 1
            charge.key = f"{codes[charge.client_id]}-{number[charge.client_id]}"
            proposed.append(charge.key)
        elsewhere = set(Charge.objects.filter(key__in=proposed).values_list("key", flat=True))
        taken |= elsewhere
        charges = [charge for charge in charges if charge.key in elsewhere]


def _counted(charges: Sequence[Charge], *, left_out: Mapping[str, int]) -> Assigned:
    prices: dict[str, Decimal] = {}
    without_payer = without_price = 0
    for terms in terms_of_charges(Charge.objects.filter(pk__in=[one.pk for one in charges])):
        price, master = terms.values["unit_price"], terms.charge.master_charge
        without_payer += terms.payer is None
        if price is None:
            without_price += 1
        else:
            sum_before = prices.get(master.currency, Decimal(0))
            prices[master.currency] = sum_before + price * (terms.values["quantity"] or 0)
    return Assigned(
        charges=charges,
        left_out=left_out,
        price_of_a_period=dict(sorted(prices.items())),
        without_payer=without_payer,
        without_price=without_price,
    )


def _end(charge_ids: Sequence[int], *, ends_before: date) -> Ended:
    if len(charge_ids) > MOST_AT_ONCE:
        raise TooManyAtOnce(count=len(charge_ids), most=MOST_AT_ONCE)
    rows = Charge.objects.select_for_update(of=("self",)).filter(pk__in=charge_ids).order_by("pk")
    ending = list(rows.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=ends_before)))
    for charge in ending:
        if charge.starts_on >= ends_before:
            raise EndsBeforeItStarts(charge=charge, starts_on=charge.starts_on, ends_before=ends_before)
    before = {charge.pk: charge.ends_before for charge in ending}
    for charge in ending:
        charge.ends_before = ends_before
    actions.change_charges(ending, fields=["ends_before"])
    unchanged = len(set(charge_ids)) - len(ending)
    return Ended(before=before, unchanged=unchanged)


def credit_basis() -> CreditBasis:
    """Return how the organisation's first credit definition credits; by days where there is none (rules 6.2, 6.3)."""
    stored = (
        BatchDefinition.objects.exclude(credit_basis="none")
        .order_by("pk")
        .values_list("credit_basis", flat=True)
    )
    return CreditBasis(stored.first() or "daily")


@dataclass(frozen=True, kw_only=True)
class Credits:
    """What a credit run would give back: net in minor units by currency, in how many *notes*, and what it could not."""

    net_minor: Mapping[str, int]
    notes: int
    findings: Sequence[str]


def _with_credits(ended: Ended, *, ends_before: date) -> Ended:
    found = credits_within(ended.before, on=ends_before)
    return replace(ended, credited=found.net_minor, notes=found.notes, findings=found.findings)


def credits_within(charge_ids: Iterable[int], *, on: date) -> Credits:
    """Return, by the stages of a credit run on the day *on*, what it gives back of charges, of the open transaction."""
    selection = Selection(kinds=(), credit_basis=credit_basis().value)
    request = Request(title="Ended", selection=selection, cutoff=on, invoice_date=on)
    ids = tuple(charge_ids)
    shard = ShardRange(number=1, first_customer=None, last_customer=None, charges=len(ids), credited=ids)
    loaded = load_creditable(shard, selection=selection)
    billed = credit(loaded, terms=terms_of_request(request), basis=credit_basis())
    currencies = dict(billed.invoices.select("invoice_no", "currency").iter_rows())
    credited: dict[str, int] = {}
    for number, net in billed.lines.select("invoice_no", "net_minor").iter_rows():
        credited[currencies[number]] = credited.get(currencies[number], 0) + net
    findings = [
        f"{told} {remedy}" for told, remedy in billed.findings.select("message", "remedy").iter_rows()
    ]
    return Credits(net_minor=dict(sorted(credited.items())), notes=len(currencies), findings=findings)


def like_one(master: MasterCharge, **values: object) -> list[Charge]:
    """Return the one charge of *master* that `assign` gives to each client."""
    return [Charge(master_charge=master, **values)]
