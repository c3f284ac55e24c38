"""The parts of one pair's difference once more, in fractions and one row at a time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.core.oracle import rounded


@dataclass(frozen=True, kw_only=True)
class Side:
    """One line: plain numbers, amounts in minor units of a currency with two digits."""

    price: Fraction
    quantity: Fraction
    share: Fraction
    tax: Fraction = Fraction(0)
    includes_tax: bool = False
    discount: int = 0
    net: int = 0

    @property
    def off(self) -> int:
        """The discount, without the tax in it."""
        return rounded(self.discount / (1 + self.tax / 100)) if self.includes_tax else self.discount

    @property
    def gross(self) -> int:
        """What it came to before discounts."""
        return self.net + self.off


def amount(price: Fraction, quantity: Fraction, share: Fraction, *, tax: Fraction) -> int:
    """Return the amount before discounts, without the *tax* (percent) in it."""
    whole = rounded(price * quantity * share * 100)
    return rounded(whole / (1 + tax / 100)) if tax else whole


def parts(before: Side, now: Side) -> dict[str, int]:
    """Return what each factor that changed adds, walking from *before* to *now* in the stated order."""
    tax = before.tax if before.includes_tax else Fraction(0)
    tax_now = now.tax if now.includes_tax else Fraction(0)
    stops = []
    if before.share != now.share:
        stops.append(("period", amount(before.price, before.quantity, now.share, tax=tax)))
    if before.price != now.price:
        stops.append(("price", amount(now.price, before.quantity, now.share, tax=tax)))
    if before.quantity != now.quantity:
        stops.append(("quantity", amount(now.price, now.quantity, now.share, tax=tax)))
    if before.includes_tax != now.includes_tax or tax != tax_now:
        stops.append(("tax", now.gross))
    found = {"discount": before.off - now.off}
    place = before.gross
    for number, (name, there) in enumerate(stops, start=1):
        target = now.gross if number == len(stops) else there
        found[name] = target - place
        place = target
    found["other"] = (now.net - before.net) - sum(found.values())
    return {name: part for name, part in found.items() if part}
