"""The only writer of billing customers, dealers and clients.

The own client of a customer or a dealer follows it, in the statement after the one that changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000

_FOLLOW_CUSTOMERS = """
UPDATE parties_client AS client
SET name = owner.name, branch_id = owner.branch_id, address = owner.address, postcode = owner.postcode,
    city = owner.city
FROM parties_billingcustomer AS owner
WHERE owner.id = client.own_of_customer_id AND client.own_of_customer_id IN ({changed})
  AND (client.name, client.branch_id, client.address, client.postcode, client.city)
      IS DISTINCT FROM (owner.name, owner.branch_id, owner.address, owner.postcode, owner.city)
"""
_FOLLOW_DEALERS = """
UPDATE parties_client AS client
SET name = owner.name, branch_id = owner.branch_id, customer_id = owner.customer_id
FROM parties_dealer AS owner
WHERE owner.id = client.own_of_dealer_id AND client.own_of_dealer_id IN ({changed})
  AND (client.name, client.branch_id, client.customer_id)
      IS DISTINCT FROM (owner.name, owner.branch_id, owner.customer_id)
"""


def create_customers(customers: Iterable[BillingCustomer]) -> list[BillingCustomer]:
    """Store new billing *customers* and return them with their ids."""
    return BillingCustomer.objects.bulk_create(customers, batch_size=ROWS_A_STATEMENT)


def change_customers(customers: Iterable[BillingCustomer], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing billing *customers*; their own clients follow."""
    changed = list(customers)
    BillingCustomer.objects.bulk_update(changed, fields, batch_size=ROWS_A_STATEMENT)
    _let_follow(_FOLLOW_CUSTOMERS, "SELECT unnest(%s::bigint[])", [[one.pk for one in changed]])


def create_dealers(dealers: Iterable[Dealer]) -> list[Dealer]:
    """Store new *dealers* and return them with their ids."""
    return Dealer.objects.bulk_create(dealers, batch_size=ROWS_A_STATEMENT)


def change_dealers(dealers: Iterable[Dealer], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *dealers*; their own clients follow."""
    changed = list(dealers)
    Dealer.objects.bulk_update(changed, fields, batch_size=ROWS_A_STATEMENT)
    _let_follow(_FOLLOW_DEALERS, "SELECT unnest(%s::bigint[])", [[one.pk for one in changed]])


def create_clients(clients: Iterable[Client]) -> list[Client]:
    """Store new *clients* and return them with their ids."""
    return Client.objects.bulk_create(clients, batch_size=ROWS_A_STATEMENT)


def change_clients(clients: Iterable[Client], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *clients*."""
    Client.objects.bulk_update(clients, fields, batch_size=ROWS_A_STATEMENT)


def store_customers(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change billing customers from the temporary table *rows*; see `store_rows`. Own clients follow."""
    stored = store_rows(model=BillingCustomer, rows=rows, columns=columns)
    _let_follow(_FOLLOW_CUSTOMERS, f"SELECT id FROM {rows}")  # noqa: S608
    return stored


def store_dealers(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change dealers from the temporary table *rows*; see `store_rows`. Own clients follow."""
    stored = store_rows(model=Dealer, rows=rows, columns=columns)
    _let_follow(_FOLLOW_DEALERS, f"SELECT id FROM {rows}")  # noqa: S608
    return stored


def store_clients(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change clients from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Client, rows=rows, columns=columns)


def leave_clients_to_their_dealers() -> int:
    """Let clients whose default customer is their dealer's have none of their own; return how many.

    A dealer's own client keeps it: the dealer pays for itself in either mode.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(
            "UPDATE parties_client AS client SET customer_id = NULL FROM parties_dealer AS dealer"
            " WHERE dealer.id = client.dealer_id AND dealer.customer_id = client.customer_id"
            " AND client.own_of_dealer_id IS NULL"
        )
        return int(cursor.rowcount)


def _let_follow(statement: str, changed: str, values: Sequence[object] = ()) -> None:
    """Let the own clients of what *changed*, SQL that gives ids, be as their owners are."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(statement.format(changed=changed), values or None)
