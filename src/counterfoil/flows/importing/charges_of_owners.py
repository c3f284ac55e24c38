"""Charges of billing customers and dealers themselves, in the file of charges: own clients are found or made."""

from __future__ import annotations

from typing import Any

from django.db import connection

from counterfoil.flows.importing.columns import StoredCheck
from counterfoil.flows.importing.parties import IS_OWN
from counterfoil.flows.importing.report import MOST_PROBLEMS_KEPT, RowProblem
from counterfoil.flows.own_clients import locked_own_clients, stored
from counterfoil.records.parties.models import BillingCustomer, Dealer

PLACE = """(
    SELECT CASE WHEN placed.own_of_customer_id IS NOT NULL THEN 'customer'
                WHEN placed.own_of_dealer_id IS NOT NULL THEN 'dealer' ELSE 'client' END
    FROM parties_client AS placed WHERE placed.id = {client})"""
"""SQL that says where something is used that is assigned to the client whose id is *client*, itself SQL."""


def one_of(client: str | None, of_customer: str | None, of_dealer: str | None) -> None:
    """Raise ValueError(why, remedy) unless the row says once who is charged."""
    if sum(cell is not None for cell in (client, of_customer, of_dealer)) != 1:
        raise ValueError(
            "The row does not say once who is charged.",
            "Fill client, or of_customer for a billing customer itself, or of_dealer for a dealer itself.",
        )


def client_cell(code: str, own_of_customer: int | None, own_of_dealer: int | None) -> str | None:
    """Return the client of a charge as a file names it: empty where it is of a customer or a dealer itself."""
    return code if own_of_customer is None and own_of_dealer is None else None


_NAMES_OWNERS = """
SELECT EXISTS (SELECT FROM {rows} AS row WHERE row.of_customer IS NOT NULL OR row.of_dealer IS NOT NULL)
"""
_WITHOUT_PAYER = """
SELECT row.row_no, row.of_dealer, count(*) OVER ()
FROM {rows} AS row JOIN parties_dealer AS dealer ON dealer.code = row.of_dealer
WHERE dealer.customer_id IS NULL ORDER BY row.row_no LIMIT {most}
"""
_OWNERS = """
SELECT DISTINCT owner.id FROM {rows} AS row JOIN {table} AS owner ON owner.{key} = row.{column} ORDER BY owner.id
"""
_NAME = """
UPDATE {rows} AS row SET client = own.code
FROM parties_client AS own JOIN {table} AS owner ON owner.id = own.own_{column}_id
WHERE owner.{key} = row.{column}
"""
# What a new charge says by itself where its row leaves it open; those that are stored say it already.
_FIT = """
UPDATE {rows} AS row
SET paid_by = COALESCE(NULLIF(row.paid_by, ''), CASE WHEN own.own_of_dealer_id IS NULL THEN 'direct' ELSE 'dealer' END),
    while_commissioned = COALESCE(row.while_commissioned, FALSE)
FROM parties_client AS own
WHERE own.code = row.client AND (own.own_of_customer_id IS NOT NULL OR own.own_of_dealer_id IS NOT NULL)
"""


_OWNED: tuple[tuple[Any, str, str], ...] = (
    (BillingCustomer, "of_customer", "account"),
    (Dealer, "of_dealer", "code"),
)


def name_own_clients(rows: str) -> tuple[list[RowProblem], int]:
    """Let the staged *rows* that name a customer or a dealer name its own client, made where there is none.

    Return the first problems by row, and how many there are: dealers for which nobody would pay.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NAMES_OWNERS.format(rows=rows))
        if cursor.fetchone() == (True,):
            cursor.execute(_WITHOUT_PAYER.format(rows=rows, most=MOST_PROBLEMS_KEPT))
            found = cursor.fetchall()
            if found:
                return [_without_payer(row, dealer) for row, dealer, _ in found], found[0][2]
            for kind, column, key in _OWNED:
                named = {"rows": rows, "table": kind._meta.db_table, "column": column, "key": key}
                cursor.execute(_OWNERS.format(**named))
                ids = [pk for (pk,) in cursor.fetchall()]
                owners = kind.objects.filter(pk__in=ids).order_by("pk")
                stored(locked_own_clients(list(owners)))
                cursor.execute(_NAME.format(**named))
        cursor.execute(_FIT.format(rows=rows))
    return [], 0


def own_checks() -> tuple[StoredCheck, ...]:
    """Return what must hold of a charge of a customer or a dealer itself."""
    is_own = IS_OWN.format(id="row.client_id")
    is_dealers = PLACE.format(client="row.client_id") + " = 'dealer'"
    return (
        StoredCheck(
            column="client",
            fails="row.changes_owner",
            problem="A charge of a customer or a dealer itself stays its own, and one of a client becomes none.",
            remedy="End the charge, and give the row an identifier that no charge has.",
        ),
        StoredCheck(
            column="customer",
            fails=f"row.customer_id IS NOT NULL AND {is_own}",
            problem="What a customer or a dealer is charged itself, it pays itself.",
            remedy="Leave the cell empty.",
        ),
        StoredCheck(
            column="paid_by",
            fails=f"{is_own} AND row.paid_by <> CASE WHEN {is_dealers} THEN 'dealer' ELSE 'direct' END",
            problem="What a customer or a dealer is charged itself, it pays itself.",
            remedy="Leave the cell empty.",
        ),
        StoredCheck(
            column="while_commissioned",
            fails=f"row.while_commissioned AND {is_own}",
            problem="A customer or a dealer itself is not commissioned, so it would never be billed.",
            remedy="Write no, or leave the cell empty.",
        ),
    )


def _without_payer(row: int | None, dealer: str) -> RowProblem:
    return RowProblem(
        kind="charges",
        row=row or None,
        column="of_dealer",
        value=dealer,
        message=f"The dealer {dealer!r} has no billing customer, so nobody would pay.",
        remedy="Give the dealer one first, with a file of dealers or on its page.",
    )
