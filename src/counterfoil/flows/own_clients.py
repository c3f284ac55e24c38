"""The clients that stand for billing customers and dealers themselves, so that these can be charged (product A1).

An own client is made when something is first charged to its customer or dealer. Its owner pays: the customer itself,
or the dealer's billing customer. It follows the owner (`records.parties.actions`), so nobody changes it by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from counterfoil.core.paying import PaidBy
from counterfoil.core.refusals import Refusal
from counterfoil.records.charges.models import Charge
from counterfoil.records.parties.actions import create_clients
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

Owner = BillingCustomer | Dealer

LONGEST_CODE = 64


class DealerPaysForNothing(Refusal):
    """The dealer {dealer} has no billing customer, so nobody would pay what it is charged itself. Enter one on the
    dealer's page first.
    """


def own_client(owner: Owner) -> Client:
    """Return the client that stands for *owner* itself, stored if it was not. Whoever makes it at the same time waits.

    Raises `DealerPaysForNothing`.
    """
    [client] = stored(locked_own_clients([owner]))
    return client


def would_be_own_client(owner: Owner) -> Client:
    """Return the client that stands for *owner* itself: the stored one, else one that is not stored yet.

    A query for each, unless *owner* was read with its own client.
    """
    there: Client | None = getattr(owner, "own_client", None)
    if there is None:
        [there] = _new([owner])
    return there


def locked_own_clients(owners: Sequence[Owner]) -> list[Client]:
    """Return the client of each of *owners*, of one kind, some of them not `stored` yet; others wait for the owners.

    Raises `DealerPaysForNothing`.
    """
    if not owners:
        return []
    kind: Any = type(owners[0])
    rows = kind.objects.select_for_update(no_key=True)
    found = rows.in_bulk([owner.pk for owner in sorted(owners, key=lambda owner: owner.pk)])
    present = [found[owner.pk] for owner in owners]
    for owner in present:
        if isinstance(owner, Dealer) and owner.customer_id is None:
            raise DealerPaysForNothing(dealer=owner)
    return _own_clients(present)


def stored(clients: Sequence[Client]) -> list[Client]:
    """Store those of *clients* that are not stored yet; return all, in their order."""
    create_clients([client for client in clients if client.pk is None])
    return list(clients)


def fit(charge: Charge) -> None:
    """Let a *charge* of an own client say what follows from that: who pays in legacy mode, and no commissioning."""
    if charge.client.is_own:
        charge.paid_by = charge.paid_by or mark_of(charge.client)
        if charge.while_commissioned is None:
            charge.while_commissioned = False


def mark_of(client: Client) -> str:
    """Return whose account pays what an own *client* is charged, in legacy customer mode."""
    return PaidBy.DEALER.value if client.own_of_dealer_id else PaidBy.DIRECT.value


def _own_clients(owners: Sequence[Owner]) -> list[Client]:
    """Return the client of each of *owners*, of one kind; two queries."""
    of_customers = isinstance(owners[0], BillingCustomer)
    link = "own_of_customer" if of_customers else "own_of_dealer"
    there = Client.objects.filter(**{f"{link}__in": [owner.pk for owner in owners]})
    known = {getattr(client, f"{link}_id"): client for client in there.select_related("customer", "dealer")}
    new = iter(_new([owner for owner in owners if owner.pk not in known]))
    return [known.get(owner.pk) or next(new) for owner in owners]


def _new(owners: Sequence[Owner]) -> list[Client]:
    codes = _free_codes([_key(owner) for owner in owners])
    return [_standing_for(owner, code=code) for owner, code in zip(owners, codes, strict=True)]


def _standing_for(owner: Owner, *, code: str) -> Client:
    same = {"code": code, "name": owner.name, "branch_id": owner.branch_id}
    if isinstance(owner, Dealer):
        return Client(**same, own_of_dealer=owner, dealer=owner, customer_id=owner.customer_id)
    return Client(
        **same,
        own_of_customer=owner,
        customer=owner,
        address=owner.address,
        postcode=owner.postcode,
        city=owner.city,
    )


def _key(owner: Owner) -> str:
    return owner.account if isinstance(owner, BillingCustomer) else owner.code


def _free_codes(keys: Sequence[str]) -> list[str]:
    """Return a code for each of *keys* that no client has: the key itself, else with a word behind it."""
    candidates = {key: _candidates(key) for key in keys}
    free: dict[str, str] = {}
    while left := [key for key in keys if key not in free]:
        proposed = {key: next(candidates[key]) for key in left}
        rows = Client.objects.filter(code__in=proposed.values())
        taken = {*rows.values_list("code", flat=True), *free.values()}
        for key, code in proposed.items():
            if code not in taken:
                free[key] = code
                taken.add(code)
    return [free[key] for key in keys]


def _candidates(key: str) -> Iterator[str]:
    yield key
    yield f"{_stem(key)}-own"
    yield from (f"{_stem(key)}-own-{number}" for number in count(2))


def _stem(key: str) -> str:
    return key[: LONGEST_CODE - len("-own-999")]
