"""How many rows match: exact up to 10,000, beyond that the planner's estimate, and said so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.db.models import QuerySet

from counterfoil.web.display import count_text

EXACT_UP_TO = 10_000


@dataclass(frozen=True)
class Count:
    """A number of rows, and whether it was counted or estimated."""

    number: int
    is_exact: bool = True

    def text(self, *, locale: Locale) -> str:
        """Return "1,240", or "about 1,200,000" for an estimate, which has two figures that say something."""
        if self.is_exact:
            return count_text(self.number, locale=locale)
        return f"about {count_text(_two_figures(self.number), locale=locale)}"


def count_of(queryset: QuerySet[Any]) -> Count:
    """Return how many rows *queryset* has, reading no more than 10,001 of them."""
    counted = queryset.order_by().values("pk")[: EXACT_UP_TO + 1].count()
    if counted <= EXACT_UP_TO:
        return Count(counted)
    return Count(max(EXACT_UP_TO, _planner_estimate(queryset)), is_exact=False)


def _planner_estimate(queryset: QuerySet[Any]) -> int:
    plan = json.loads(queryset.order_by().values("pk").explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _two_figures(number: int) -> int:
    """Return *number* with all but its first two figures made zero: 1,234,567 is 1,200,000."""
    step = 10 ** max(0, len(str(number)) - 2)
    return number // step * step
