"""Questions about billing customers, clients and dealers."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import within_branches_of
from counterfoil.records.parties.models import Client, Dealer, LogNote

IS_SITE = Q(own_of_customer=None, own_of_dealer=None)
"""Whether a client is serviced, and does not stand for a customer or a dealer itself."""


def notes_seen_by(user: User) -> QuerySet[LogNote]:
    """Return the notes for everybody, and those on the customers, clients and dealers that *user* may see."""
    return within_branches_of(
        LogNote.objects.select_related("client", "customer", "dealer", "written_by"),
        user=user,
        paths=["client__branch_id", "customer__branch_id", "dealer__branch_id"],
        also=Q(client__isnull=True, customer__isnull=True, dealer__isnull=True),
    )


def sites() -> QuerySet[Client]:
    """Return the clients that are serviced: none that stand for a customer or a dealer itself."""
    return Client.objects.filter(IS_SITE)


def owner_of(account_id: int, *, besides: Client | Dealer | None = None) -> Client | Dealer | None:
    """Return a client or dealer whose account, or default customer, this is, *besides* one; None if there is none.

    An own client is nobody: it stands for the customer or the dealer itself.
    """
    clients = sites().filter(customer=account_id)
    dealers = Dealer.objects.filter(customer=account_id)
    if besides is not None and besides.pk is not None:
        if isinstance(besides, Client):
            clients = clients.exclude(pk=besides.pk)
        else:
            dealers = dealers.exclude(pk=besides.pk)
    return clients.first() or dealers.first()
