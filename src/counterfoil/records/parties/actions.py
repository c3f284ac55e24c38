"""The only writer of billing customers, dealers and clients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000


def create_customers(customers: Iterable[BillingCustomer]) -> list[BillingCustomer]:
    """Store new billing *customers* and return them with their ids."""
    return BillingCustomer.objects.bulk_create(customers, batch_size=ROWS_A_STATEMENT)


def change_customers(customers: Iterable[BillingCustomer], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing billing *customers*."""
    BillingCustomer.objects.bulk_update(customers, fields, batch_size=ROWS_A_STATEMENT)


def create_dealers(dealers: Iterable[Dealer]) -> list[Dealer]:
    """Store new *dealers* and return them with their ids."""
    return Dealer.objects.bulk_create(dealers, batch_size=ROWS_A_STATEMENT)


def change_dealers(dealers: Iterable[Dealer], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *dealers*."""
    Dealer.objects.bulk_update(dealers, fields, batch_size=ROWS_A_STATEMENT)


def create_clients(clients: Iterable[Client]) -> list[Client]:
    """Store new *clients* and return them with their ids."""
    return Client.objects.bulk_create(clients, batch_size=ROWS_A_STATEMENT)


def change_clients(clients: Iterable[Client], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *clients*."""
    Client.objects.bulk_update(clients, fields, batch_size=ROWS_A_STATEMENT)


def store_customers(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change billing customers from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=BillingCustomer, rows=rows, columns=columns)


def store_dealers(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change dealers from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Dealer, rows=rows, columns=columns)


def store_clients(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change clients from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Client, rows=rows, columns=columns)


def leave_clients_to_their_dealers() -> int:
    """Let clients whose default customer is their dealer's have none of their own; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        cursor.execute(
            "UPDATE parties_client AS client SET customer_id = NULL FROM parties_dealer AS dealer"
            " WHERE dealer.id = client.dealer_id AND dealer.customer_id = client.customer_id"
        )
        return int(cursor.rowcount)
