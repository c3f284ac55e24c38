"""What a move to the other customer mode comes to, in numbers, and what stands in its way, with the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.db import connection

from counterfoil.core.paying import CustomerMode
from counterfoil.core.sentences import sentence

SQL = Path(__file__).parent / "sql"
MOST_NAMED = 10

FIGURES = {
    "customers_of_clients": sentence("Accounts of clients that become billing customers"),
    "customers_of_dealers": sentence("Accounts of dealers that become billing customers"),
    "charges_assigned": sentence("Charges assigned to their dealer's customer"),
    "charges_by_default": sentence("Charges left to their client's default customer"),
    "charges_of_nobody": sentence("Charges that nobody pays, before and after"),
    "events_assigned": sentence("Events not billed yet, assigned to their dealer's customer"),
    "accounts_of_clients": sentence("Billing customers that become accounts of clients"),
    "accounts_of_dealers": sentence("Billing customers that become accounts of dealers"),
    "clients_left_to_dealers": sentence("Clients without an account of their own, since their dealer pays"),
    "charges_marked_dealer": sentence("Charges marked as paid by the dealer"),
    "charges_marked_direct": sentence("Charges marked as paid directly"),
    "events_freed": sentence("Events not billed yet that name a customer no more"),
}
_BLOCKERS = {
    "dealer_without_account": (
        sentence(
            "The dealer pays these charges and has no account; in standard mode their client would "
            "begin to pay."
        ),
        sentence("Enter the account on the dealer's page, or mark the charges as paid directly."),
    ),
    "event_of_dealer_without_account": (
        sentence(
            "The dealer pays these events and has no account; in standard mode their client would "
            "begin to pay."
        ),
        sentence("Enter the account on the dealer's page, or use a master charge that is paid directly."),
    ),
    "event_of_several": (
        sentence(
            "These events are paid by client and dealer, or billed in part; in standard mode an "
            "event has one customer."
        ),
        sentence("Bill them first, or record what the other pays as an event of its own."),
    ),
    "prices_of_customer": (
        sentence("Price lists of customers count in standard customer mode only."),
        sentence("Remove these prices, or set them on the charges."),
    ),
    "account_of_several": (
        sentence(
            "These billing customers are those of several clients or dealers; in legacy mode each "
            "has its own."
        ),
        sentence("Give each a billing customer of its own, or let the dealer pay."),
    ),
    "paid_by_somebody_else": (
        sentence("These charges are paid by neither their client's default customer nor their dealer's."),
        sentence("Make who pays the client's default customer, or assign the charge to one of the two."),
    ),
    "event_paid_otherwise": (
        sentence(
            "The master charges of these events, not billed yet, are marked otherwise than the "
            "events are paid."
        ),
        sentence("Bill them first, or use master charges with the other mark."),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """Something that stands in the way: how often, some of the objects it is about, and what to do."""

    code: str
    count: int
    named: Sequence[str]
    message: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A move to the mode *to*: its *figures* by name, and its blockers; with any of these nothing is moved."""

    to: CustomerMode
    figures: Mapping[str, int]
    blockers: Sequence[Blocker]

    @property
    def labelled(self) -> list[tuple[str, int]]:
        """Return the figures as people read them."""
        return [(FIGURES[name], count) for name, count in self.figures.items()]


def plan(to: CustomerMode) -> Plan:
    """Return what a move to the mode *to*, from the other one, comes to now; two queries."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"to_{to.value}.sql").read_text())
        names = [column.name for column in cursor.description]
        figures = dict(zip(names, cursor.fetchone(), strict=True))
        cursor.execute((SQL / f"blockers_to_{to.value}.sql").read_text())
        found = cursor.fetchall()
    return Plan(to=to, figures=figures, blockers=[_blocker(code, rows) for code, rows in _by_code(found)])


def _by_code(found: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    return [(code, [name for _, name in rows]) for code, rows in groupby(found, key=lambda row: row[0])]


def _blocker(code: str, objects: Sequence[str]) -> Blocker:
    message, remedy = _BLOCKERS[code]
    return Blocker(code=code, count=len(objects), named=objects[:MOST_NAMED], message=message, remedy=remedy)
