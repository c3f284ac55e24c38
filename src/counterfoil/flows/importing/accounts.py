"""Clients and dealers with their accounts in the same row, as legacy systems keep them (product B2).

A row with an `account` is read as two objects: the billing customer of that account number, and the client or dealer
whose it is. A row without one leaves its client or dealer without an account.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.flows.importing.columns import Kind
from counterfoil.flows.importing.parties import CLIENTS, CUSTOMERS, DEALERS
from counterfoil.flows.importing.report import RowProblem
from counterfoil.flows.importing.steps import Step, header_problems

ACCOUNT = "account"
_SHARED = {"name", "address", "postcode", "city", "branch"}
"""What an account has from the row of its client or dealer, besides columns of its own."""

OF_ACCOUNTS = tuple(name for name in CUSTOMERS.column_names if name not in _SHARED | {"active"})
"""The columns that a row of a client or dealer may have about its account."""


def has_accounts(kind: Kind, *, names: Sequence[str]) -> bool:
    """Return whether a file of *kind* with columns called *names* brings accounts."""
    return kind in (CLIENTS, DEALERS) and ACCOUNT in [name.lower() for name in names]


def steps_with_accounts(kind: Kind, *, names: Sequence[str]) -> list[Step] | list[RowProblem]:
    """Return the steps for a file of *kind* that brings accounts: these first; or what is wrong with its columns."""
    lowered = [
        name.lower() if name.lower() in {*kind.column_names, *OF_ACCOUNTS, *_SHARED} else name
        for name in names
    ]
    own = [name for name in lowered if name not in OF_ACCOUNTS and name in kind.column_names]
    of_account = [name for name in lowered if name in {*OF_ACCOUNTS, *_SHARED}]
    unknown = [name for name in lowered if name not in {*own, *of_account}]
    problems = header_problems([*own, "customer", *unknown], kind=kind)
    if problems:
        return problems
    place = lowered.index(ACCOUNT)
    own_places = [*(lowered.index(name) for name in own), place]
    account_places = [lowered.index(name) for name in of_account]
    return [
        Step(
            kind=CUSTOMERS,
            given=tuple(of_account),
            cells=lambda rows: [[row[at] for row in rows] for at in account_places],
            only=lambda row: bool(row[place].strip()),
        ),
        Step(
            kind=kind,
            given=(*own, "customer"),
            cells=lambda rows: [[row[at] for row in rows] for at in own_places],
        ),
    ]
