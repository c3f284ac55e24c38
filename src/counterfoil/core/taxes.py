"""Tax: which rate applies, once per group, shared over lines, and out of inclusive prices (billing-rules 5).

Rates are percentages in millionths: 19 % is 19,000,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate

from counterfoil.core.money import PERCENT_STEPS, Rounding, differences, round_ratio, share_out


class TaxStatus(StrEnum):
    """How the seller or the customer stands to the tax (billing-rules 5.1)."""

    STANDARD = "standard"
    ZERO = "zero"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """The rate of a tax category from *valid_from* until a later one of that category."""

    tax_category: str
    rate_steps: int
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedAmount:
    """One amount to be taxed: a line's net in minor units (its gross where prices include tax)."""

    tax_category: str
    rate_steps: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTotal:
    """Net and tax of all lines with one category and rate."""

    tax_category: str
    rate_steps: int
    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """Net and tax together."""
        return self.net_minor + self.tax_minor


def applicable_status(*, seller: TaxStatus, customer: TaxStatus) -> TaxStatus:
    """Return the status a supply is taxed by: the seller's where it is not standard, else the customer's."""
    return customer if seller is TaxStatus.STANDARD else seller


def rate_in_force(rates: Iterable[TaxRate], *, tax_category: str, tax_point: date) -> int | None:
    """Return the rate of *tax_category* in force on *tax_point*, in steps; None if there is none yet (5.1).

    The tax point is the invoice date unless set otherwise. A rate is in force from the day it is valid from.
    """
    known = [rate for rate in rates if rate.tax_category == tax_category and rate.valid_from <= tax_point]
    return max(known, key=lambda rate: rate.valid_from).rate_steps if known else None


def effective_rate(*, rate_steps: int, seller: TaxStatus, customer: TaxStatus) -> int:
    """Return the rate to charge: *rate_steps* where both sides are standard, else 0 (billing-rules 5.1)."""
    is_taxed = applicable_status(seller=seller, customer=customer) is TaxStatus.STANDARD
    return rate_steps if is_taxed else 0


def tax_on(net_minor: int, *, rate_steps: int, rounding: Rounding = Rounding.HALF_AWAY) -> int:
    """Return the tax on a group's net, rounded once (billing-rules 5.2)."""
    return round_ratio(net_minor * rate_steps, PERCENT_STEPS, rounding=rounding)


def group_totals(
    lines: Iterable[TaxedAmount], *, rounding: Rounding = Rounding.HALF_AWAY
) -> list[GroupTotal]:
    """Return net and tax per (category, rate), in the order first met (billing-rules 5.2)."""
    nets: dict[tuple[str, int], int] = {}
    for line in lines:
        key = (line.tax_category, line.rate_steps)
        nets[key] = nets.get(key, 0) + line.amount_minor
    return [
        GroupTotal(
            tax_category=category,
            rate_steps=rate_steps,
            net_minor=net,
            tax_minor=tax_on(net, rate_steps=rate_steps, rounding=rounding),
        )
        for (category, rate_steps), net in nets.items()
    ]


def line_taxes(nets: Sequence[int], *, rate_steps: int, rounding: Rounding = Rounding.HALF_AWAY) -> list[int]:
    """Return each line's part of its group's tax by cumulative rounding, in the group's order (5.3).

    The parts sum to the group's tax, also when nets cancel.
    """
    return differences(
        [tax_on(net, rate_steps=rate_steps, rounding=rounding) for net in accumulate(nets)],
    )


def inclusive_total(
    grosses: Sequence[int], *, tax_category: str, rate_steps: int, rounding: Rounding = Rounding.HALF_AWAY
) -> GroupTotal:
    """Return net and tax of a group whose prices include the tax: the gross is fixed (billing-rules 5.4)."""
    gross = sum(grosses)
    net = _net_of(gross, rate_steps=rate_steps, rounding=rounding)
    return GroupTotal(tax_category=tax_category, rate_steps=rate_steps, net_minor=net, tax_minor=gross - net)


def inclusive_line_nets(
    grosses: Sequence[int], *, rate_steps: int, rounding: Rounding = Rounding.HALF_AWAY
) -> list[int]:
    """Return each line's net where prices include the tax: the group's net by 9 over line grosses (5.4).

    Where the grosses cancel there is no proportion to share by; then the cumulative gross is turned into net
    line by line, which sums just as well.
    """
    if sum(grosses) == 0:
        return differences(
            [_net_of(gross, rate_steps=rate_steps, rounding=rounding) for gross in accumulate(grosses)]
        )
    net = _net_of(sum(grosses), rate_steps=rate_steps, rounding=rounding)
    return share_out(net, grosses, rounding=rounding)


def _net_of(gross_minor: int, *, rate_steps: int, rounding: Rounding) -> int:
    return round_ratio(gross_minor * PERCENT_STEPS, PERCENT_STEPS + rate_steps, rounding=rounding)
