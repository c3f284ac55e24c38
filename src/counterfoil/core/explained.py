"""What an explanation of a line is made from and of: plain values in, steps out (A8); `core.explaining` makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from counterfoil.core.counting import share_in_days
from counterfoil.core.money import Rounding, format_minor
from counterfoil.core.periods import DateRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an explanation: what, how much, why, and the rule of billing-rules it follows ("3.1")."""

    topic: str
    label: str
    value: str
    why: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """One value of a charge as it was when the line was rated, and the *level* that set it.

    *level* None: it is not known any more, and *note* says why.
    """

    topic: str
    label: str
    value: str
    level: str | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPiece:
    """What of the same grid period was billed before, and on which document."""

    period: DateRange
    fraction: Fraction
    net_minor: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxUsed:
    """Which tax rate was taken and why. *valid_from* and *country* None: the rate is not among those known."""

    category: str
    rate_steps: int
    tax_point: date
    valid_from: date | None
    country: str | None
    customer_status: str
    seller_status: str
    includes_tax: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The group of lines a line is taxed with: how many they are, their net and their tax (5.2)."""

    lines: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSeen:
    """A credit of the line: on which document, of which day, its negative net, its reason if one was given."""

    document: str
    dated: date
    net_minor: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A line and everything its explanation is made from. *document* is None for a line of a preview."""

    kind: str
    currency: str
    period: DateRange
    grid: DateRange
    bill_date: date
    fraction: Fraction
    part_charging: str
    day_count: str
    quantity_steps: int
    unit_price_steps: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    rounding: Rounding
    tax: TaxUsed
    group: TaxGroup
    values: Sequence[SetValue] = ()
    earlier: Sequence[EarlierPiece] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    document: str | None = None
    run: str | None = None
    said: str | None = None
    refers_to: str | None = None
    credits: Sequence[CreditSeen] = ()

    def money(self, minor: int) -> str:
        """Return *minor* units with the currency's digits."""
        return format_minor(minor, self.currency)

    def share(self, fraction: Fraction) -> str:
        """Return *fraction* of the charge period as `17/31`."""
        return share_in_days(
            fraction, grid=self.grid, part_charging=self.part_charging, day_count=self.day_count
        )
