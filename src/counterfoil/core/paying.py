"""Who pays for a charge, in either customer mode (product B1, B2).

In standard mode a charge is assigned to a billing customer, else its client's default customer pays. In legacy mode
clients and dealers have accounts of their own, and a charge is marked as paid directly or by the dealer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

K = TypeVar("K")


class CustomerMode(StrEnum):
    """How the organisation says who is invoiced."""

    STANDARD = "standard"
    LEGACY = "legacy"


class PaidBy(StrEnum):
    """The mark of a charge in legacy mode: whose account it is invoiced to."""

    DIRECT = "direct"
    DEALER = "dealer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying(Generic[K]):
    """Who pays, None for nobody, and whether that is the dealer: the kind of definition that bills it."""

    customer: K | None
    by_dealer: bool


def who_pays(
    *,
    mode: CustomerMode,
    assigned: K | None,
    of_client: K | None,
    of_dealer: K | None,
    paid_by: PaidBy,
) -> Paying[K]:
    """Return who pays: *assigned* is the charge's own customer, the others are the client's and its dealer's.

    In standard mode *paid_by* says nothing, in legacy mode *assigned* does not. A dealer pays in standard mode where
    the customer is the dealer's, in legacy mode where the mark says so, whether or not the dealer has an account.
    """
    if mode is CustomerMode.LEGACY:
        by_dealer = paid_by is PaidBy.DEALER
        return Paying(customer=of_dealer if by_dealer else of_client, by_dealer=by_dealer)
    customer = of_client if assigned is None else assigned
    return Paying(customer=customer, by_dealer=customer is not None and customer == of_dealer)
