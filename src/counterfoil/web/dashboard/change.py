"""What this month's runs differ by from the ones before them: new, gone, price, quantity, the calendar, the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.figures import kept_differences
from counterfoil.records.billing.models import Run, VarianceTotal
from counterfoil.web.invoices.lists import CALENDAR
from counterfoil.web.layout.charts import walk

BY_CALENDAR = "calendar"
SHOWN = {
    "new": ("new",),
    "gone": ("gone",),
    BY_CALENDAR: CALENDAR,
    "price": ("price",),
    "quantity": ("quantity",),
}
"""What people ask for by name, and the parts that each is made of; all other parts are shown as one."""

OTHER = "other"
WORDS = {
    "new": _("New"),
    "gone": _("Gone"),
    BY_CALENDAR: _("Calendar"),
    "price": _("Price"),
    "quantity": _("Quantity"),
    OTHER: _("Period and other"),
}


@dataclass(frozen=True)
class Part:
    """One part of the difference; `address` opens the lines that make it."""

    word: str
    minor: int
    address: str
    is_quiet: bool = False


@dataclass(frozen=True)
class Changed:
    """One run against the one before it, or all of them together (`run` None)."""

    run: Run | None
    before_minor: int
    now_minor: int
    parts: Sequence[Part]

    @property
    def difference_minor(self) -> int:
        return self.now_minor - self.before_minor


def change_panel(runs: Sequence[Run], *, currency: str) -> dict[str, Any]:
    """Return what *runs* differ by in *currency*, one by one and together, and how many are not compared yet.

    Each of *runs* has its `differences`.
    """
    changed = [
        _changed(run, total) for run in runs for total in kept_differences(run) if total.currency == currency
    ]
    together = _together(changed)
    return {
        "changed": changed,
        "together": together,
        "chart": walk(
            before_minor=together.before_minor,
            now_minor=together.now_minor,
            parts=[(part.word, part.minor, part.address) for part in together.parts],
            currency=currency,
            quiet=[WORDS[BY_CALENDAR]],
        ),
        "words": [WORDS[name] for name in (*SHOWN, OTHER)],
        "uncompared": [run for run in runs if not kept_differences(run) and run.definition_id],
    }


def parts_of(amounts: Mapping[str, int], *, address: str) -> list[Part]:
    """Return the parts that people ask for by name, and the others as one; *address* is the list of the lines."""
    named = [
        Part(
            WORDS[name],
            sum(amounts.get(part, 0) for part in made_of),
            f"{address}?part={name}" if address else "",
            is_quiet=name == BY_CALENDAR,
        )
        for name, made_of in SHOWN.items()
    ]
    rest = sum(amounts.values()) - sum(part.minor for part in named)
    return [*named, Part(WORDS[OTHER], rest, address)]


def _changed(run: Run, total: VarianceTotal) -> Changed:
    address = reverse("run-variance", args=[run.pk])
    return Changed(run, total.before_minor, total.now_minor, parts_of(total.parts(), address=address))


def _together(changed: Sequence[Changed]) -> Changed:
    """Return all of *changed* as one; a part leads to its lines where one run alone has any."""
    parts = []
    for place, name in enumerate((*SHOWN, OTHER)):
        mine = [one.parts[place] for one in changed if one.parts[place].minor]
        address = mine[0].address if len(mine) == 1 else ""
        minor = sum(part.minor for part in mine)
        parts.append(Part(WORDS[name], minor, address, is_quiet=name == BY_CALENDAR))
    return Changed(
        None, sum(one.before_minor for one in changed), sum(one.now_minor for one in changed), parts
    )
