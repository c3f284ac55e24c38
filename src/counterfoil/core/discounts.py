"""Discounts: percentages before amounts, off lines before off whole invoices, each dated (billing-rules 4.5).

Every discount is an amount of its own, rounded once, and is off what the earlier ones left. A line's net is its
amount less its discounts. Amounts are whole minor units; percentages and amounts off are in millionths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from counterfoil.core.money import PERCENT_STEPS, STEPS, Rounding, minor_digits, round_ratio, share_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A percentage, or an amount in the customer's currency; taken from *starts_on* until before *ends_before*.

    Exactly one of *percent_steps* and *amount_steps* is set; None is open for the dates. An amount off a line is
    that of a whole charge period.
    """

    name: str
    percent_steps: int | None = None
    amount_steps: int | None = None
    starts_on: date | None = None
    ends_before: date | None = None

    def is_taken_on(self, day: date) -> bool:
        """Whether *day* lies in its days."""
        has_begun = self.starts_on is None or self.starts_on <= day
        return has_begun and (self.ends_before is None or day < self.ends_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one discount takes off a line, in minor units; it has the sign of the line's amount."""

    name: str
    minor: int


def in_order(discounts: Iterable[Discount]) -> list[Discount]:
    """Return percentages before amounts, each kind in the order given (billing-rules 4.5)."""
    return sorted(discounts, key=lambda discount: discount.percent_steps is None)


def line_discounts(
    amount_minor: int,
    discounts: Iterable[Discount],
    *,
    first_day: date,
    fraction: Fraction,
    currency: str,
    rounding: Rounding = Rounding.HALF_AWAY,
) -> list[Taken]:
    """Return what each discount that applies on *first_day* takes off a line of *amount_minor* (4.5).

    An amount counts for a whole charge period and is taken times *fraction*, never more than is left; off a line
    that is not above zero no amount is taken. 10 % of 9.95 is 1.00 (0.995), the line's net 8.95.
    """
    taken, left = [], amount_minor
    for discount in in_order(discounts):
        if not discount.is_taken_on(first_day):
            continue
        off = _off(left, discount, share=fraction, currency=currency, rounding=rounding)
        taken.append(Taken(name=discount.name, minor=off))
        left -= off
    return taken


def invoice_discounts(
    amounts: Sequence[int],
    discounts: Iterable[Discount],
    *,
    invoice_date: date,
    currency: str,
    rounding: Rounding = Rounding.HALF_AWAY,
) -> list[list[Taken]]:
    """Return for each line, by *amounts* in the order of the invoice, what the invoice's discounts take off it.

    Each is computed of what all lines together have left and spread over them by that (billing-rules 9), so no
    line's sign turns. Off an invoice that is not above zero nothing is taken.
    """
    taken: list[list[Taken]] = [[] for _ in amounts]
    left = list(amounts)
    for discount in in_order(discounts):
        whole = sum(left)
        if whole <= 0 or not discount.is_taken_on(invoice_date):
            continue
        off = _off(whole, discount, share=Fraction(1), currency=currency, rounding=rounding)
        for place, part in enumerate(share_out(off, left, rounding=rounding)):
            taken[place].append(Taken(name=discount.name, minor=part))
            left[place] -= part
    return taken


def _off(amount_minor: int, discount: Discount, *, share: Fraction, currency: str, rounding: Rounding) -> int:
    """Return what *discount* takes off *amount_minor*, rounded once and at most all of it."""
    if discount.percent_steps is not None:
        return round_ratio(amount_minor * discount.percent_steps, PERCENT_STEPS, rounding=rounding)
    exact = (discount.amount_steps or 0) * 10 ** minor_digits(currency) * share.numerator
    off = round_ratio(exact, STEPS * share.denominator, rounding=rounding)
    return min(off, max(amount_minor, 0))
