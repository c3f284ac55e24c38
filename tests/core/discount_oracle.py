"""Discounts once more, slowly: in fractions, sharing no code with counterfoil.core.

A discount is ("percent" or "amount", number, first day or None, first day not any more or None); amounts are in
whole currency units. Line amounts and what is taken are whole minor units.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.core.oracle import rounded

Off = tuple[str, Fraction, date | None, date | None]


def applies(off: Off, *, day: date) -> bool:
    """Say whether the discount is taken on that day."""
    _, _, first, after = off
    return not (first is not None and day < first) and not (after is not None and day >= after)


def turns(offs: list[Off], *, day: date) -> list[Off]:
    """List those that apply, first all percentages, then all amounts."""
    there = [off for off in offs if applies(off, day=day)]
    return [off for off in there if off[0] == "percent"] + [off for off in there if off[0] == "amount"]


def takes(off: Off, *, left: int, share: Fraction, digits: int, half: str) -> int:
    """Say what one discount takes of what is left."""
    kind, number, _, _ = off
    if kind == "percent":
        return rounded(left * number / 100, half=half)
    wanted = rounded(number * 10**digits * share, half=half)
    if left <= 0:
        return 0
    return wanted if wanted < left else left


def off_line(
    amount: int, offs: list[Off], *, day: date, share: Fraction, digits: int, half: str
) -> list[int]:
    """List what each discount takes off one line."""
    found = []
    for off in turns(offs, day=day):
        found.append(takes(off, left=amount - sum(found), share=share, digits=digits, half=half))
    return found


def off_invoice(amounts: list[int], offs: list[Off], *, day: date, digits: int, half: str) -> list[list[int]]:
    """List for each line what each discount takes off it: the share of all lines up to it, less the earlier ones'."""
    found: list[list[int]] = [[] for _ in amounts]
    for off in turns(offs, day=day):
        left = [amount - sum(parts) for amount, parts in zip(amounts, found, strict=True)]
        if sum(left) <= 0:
            continue
        whole = takes(off, left=sum(left), share=Fraction(1), digits=digits, half=half)
        given = 0
        for place in range(len(left)):
            reached = rounded(Fraction(whole * sum(left[: place + 1]), sum(left)), half=half)
            found[place].append(reached - given)
            given = reached
    return found
