"""Usage once more, slowly: unit by unit and day by day, sharing no code with counterfoil.core (billing-rules 4.4).

Units and money are Fractions. A tariff is priced by walking over its units one step at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

Tiers = Sequence[tuple[Fraction, Fraction, Fraction]]
"""Lower bound, unit price and fee of each tier, in order."""


def cost(
    units: Fraction,
    *,
    share: Fraction,
    step: Fraction,
    allowance: Fraction,
    minimum: Fraction,
    tiers: Tiers,
    volume: bool,
) -> tuple[Fraction, Fraction]:
    """Return the units billed and what they cost, by counting in steps and pricing piece by piece."""
    billed = Fraction(0)
    while billed < units:
        billed += step
    over = max(billed - allowance * share, Fraction(0))
    edges = [lower * share for lower, _, _ in tiers]
    reached = [number for number, edge in enumerate(edges) if edge <= over]
    total = Fraction(0)
    if reached and volume:
        _, price, fee = tiers[reached[-1]]
        total = over * price + fee
    elif reached:
        total = sum((tiers[number][2] for number in reached), Fraction(0))
        # Every stretch between two marks lies in one tier: that of the highest edge at or below its beginning.
        marks = sorted({edges[0], over, *(edge for edge in edges if edge <= over)})
        for begin, end in pairwise(marks):
            number = max(at for at in reached if edges[at] <= begin)
            total += (end - begin) * tiers[number][1]
    return billed, max(total, minimum * share)


def stand(
    readings: dict[date, int], day: date, *, digits: int | None, tolerance: int, estimated: bool
) -> int | None:
    """Return what a counter stood at, counted without beginning again at 0: looking outwards day by day."""
    counted, turns, before = {}, 0, 0
    for read_on in sorted(readings):
        if digits is not None and readings[read_on] < before:
            turns += 1
        before = readings[read_on]
        counted[read_on] = before + turns * 10 ** (digits or 0) * 10**6
    for away in range(tolerance + 1):
        for near in (day - timedelta(days=away), day + timedelta(days=away)):
            if near in counted:
                return counted[near]
    earlier = [read_on for read_on in sorted(counted) if read_on < day]
    later = [read_on for read_on in sorted(counted) if read_on > day]
    if not estimated or not earlier or len(counted) < 2:
        return None
    left, right = (earlier[-1], later[0]) if later else (earlier[-2], earlier[-1])
    slope = Fraction(counted[right] - counted[left], (right - left).days)
    exact = counted[left] + slope * (day - left).days
    # Half away from zero.
    doubled = abs(exact) * 2 + 1
    whole = doubled // 2
    return int(whole if exact >= 0 else -whole)
