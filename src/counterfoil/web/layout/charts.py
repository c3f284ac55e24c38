"""Charts as data: what `charts.js` draws, with each figure's text and the address of the list behind it.

Amounts are minor units; they become lengths in the browser and nothing else. Every chart stands beside a table of
the same figures.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, pgettext

from counterfoil.web.display import current_locale, money_text, short_money_text


@dataclass(frozen=True, kw_only=True)
class Series:
    """The bars of one colour, one a label: amounts, and where each leads ("" nowhere)."""

    name: str
    amounts: Sequence[int]
    addresses: Sequence[str] = field(default_factory=tuple)
    is_pale: bool = False


def bars(*, labels: Sequence[str], series: Sequence[Series], currency: str) -> dict[str, Any]:
    """Return bars that are stacked, one a label; the table's figures in the order of *series*."""
    totals = [sum(amounts) for amounts in zip(*(one.amounts for one in series), strict=True)]
    return {
        "kind": "bars",
        "labels": list(labels),
        "all": pgettext("sum", "All"),
        "totals": [_text(total, currency) for total in totals],
        "shorts": [short_money_text(total, currency, locale=current_locale()) for total in totals],
        "series": [
            {
                "name": one.name,
                "isPale": one.is_pale,
                "values": list(one.amounts),
                "texts": [_text(amount, currency) for amount in one.amounts],
                "addresses": list(one.addresses),
            }
            for one in series
        ],
    }


def walk(
    *,
    before_minor: int,
    now_minor: int,
    parts: Sequence[tuple[str, int, str]],
    currency: str,
    quiet: Collection[str] = (),
) -> dict[str, Any]:
    """Return the walk from last time to now by *parts*: name, amount, and the address of what makes it.

    Each part begins where the one before it ended; those of 0 are left out. Those whose names are *quiet* are drawn as
    neither good nor bad.
    """
    steps = [_step(gettext("Last time"), start=0, end=before_minor, currency=currency, is_total=True)]
    running = before_minor
    for name, amount, address in parts:
        if amount:
            end = running + amount
            step = _step(name, start=running, end=end, currency=currency, address=address)
            steps.append({**step, "isQuiet": name in quiet})
            running = end
    steps.append(_step(gettext("Now"), start=0, end=now_minor, currency=currency, is_total=True))
    return {"kind": "walk", "steps": steps}


def _step(
    name: str, *, start: int, end: int, currency: str, address: str = "", is_total: bool = False
) -> dict[str, Any]:
    sign = "+" if end > start and not is_total else ""
    return {
        "name": name,
        "start": start,
        "end": end,
        "text": sign + _text(end - start, currency),
        "short": sign + short_money_text(end - start, currency, locale=current_locale()),
        "address": address,
        "isTotal": is_total,
    }


def _text(amount: int, currency: str) -> str:
    return money_text(amount, currency, locale=current_locale())
