"""Where a charge's terms come from: the override chain (billing-rules 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

P = TypeVar("P")


class Level(StrEnum):
    """Who may set a charge's terms, the strongest first."""

    ASSIGNMENT = "assignment"
    CUSTOMER = "customer"
    DEALER = "dealer"
    MASTER = "master"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms(Generic[P]):
    """What one level sets; None means the level leaves it to the next. An empty text or a 0 is set.

    *charge_period* is whatever names a charge period where the terms come from, for example its key.
    """

    unit_price_steps: int | None = None
    quantity_steps: int | None = None
    charge_period: P | None = None
    description: str | None = None
    while_commissioned: bool | None = None
    assignable: bool | None = None
    tax_category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTerms(Generic[P]):
    """The terms that apply, and by name which level set each; a term no level sets is None and not named."""

    terms: Terms[P]
    set_by: Mapping[str, Level]


def resolve(
    *,
    assignment: Terms[P],
    customer: Terms[P] | None = None,
    dealer: Terms[P] | None = None,
    master: Terms[P],
) -> ResolvedTerms[P]:
    """Return each term from the first level that sets it, looked up separately (billing-rules 4.1).

    *customer* is the billing customer's override, which exists in standard customer mode only: pass None in
    legacy mode, and for a charge without a dealer or without overrides.
    """
    chain = [
        (Level.ASSIGNMENT, assignment),
        (Level.CUSTOMER, customer),
        (Level.DEALER, dealer),
        (Level.MASTER, master),
    ]
    values: dict[str, object] = {}
    set_by: dict[str, Level] = {}
    for field in fields(Terms):
        for level, terms in chain:
            value = None if terms is None else getattr(terms, field.name)
            if value is not None:
                values[field.name], set_by[field.name] = value, level
                break
    return ResolvedTerms(terms=Terms(**values), set_by=MappingProxyType(set_by))  # type: ignore[arg-type]
