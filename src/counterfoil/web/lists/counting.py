"""How many rows match: exact up to 10,000, beyond that the planner's estimate, and said so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.db.models import QuerySet
from django.utils.translation import gettext

from counterfoil.records.keys import among
from counterfoil.web.display import count_text
from counterfoil.web.lists.finding import FEW, Found, few_keys
from counterfoil.web.lists.keyset import KeysetPage, Order, Position, keys_at, page_looked_for, page_of

EXACT_UP_TO = FEW
LOOKED_AT = 20_000
"""So many rows are looked at for one page of those with words that no index finds."""


@dataclass(frozen=True)
class Count:
    """A number of rows, and whether it was counted or estimated."""

    number: int
    is_exact: bool = True

    @property
    def is_long(self) -> bool:
        """Return whether the rows are too many to be sorted without an index."""
        return not self.is_exact or self.number > EXACT_UP_TO

    def text(self, *, locale: Locale) -> str:
        """Return "1,240", or "about 1,200,000" for an estimate, which has two figures that say something."""
        if self.is_exact:
            return count_text(self.number, locale=locale)
        return gettext("about %(count)s") % {"count": count_text(_two_figures(self.number), locale=locale)}


def count_of(queryset: QuerySet[Any]) -> Count:
    """Return how many rows *queryset* has, reading no more than 10,001 of them; one query.

    The plan as carried out says both: how many were read before it was stopped, and how many the planner expected.
    """
    stopped = _plan(queryset.order_by().values("pk")[: EXACT_UP_TO + 1], analyze=True, timing=False)
    counted = int(stopped.get("Actual Rows", 0))
    if counted <= EXACT_UP_TO:
        return Count(counted)
    [everything] = [one for one in stopped["Plans"] if one["Parent Relationship"] == "Outer"]
    return _estimated(everything, least=EXACT_UP_TO)


def estimate_of(queryset: QuerySet[Any], *, least: int = 0) -> Count:
    """Return about how many rows *queryset* has, as the planner sees it, and at least *least*."""
    asked = queryset if queryset.query.distinct else queryset.order_by().values("pk")
    return _estimated(_plan(asked), least=least)


@dataclass(frozen=True)
class Counted:
    """Rows and how many they are. *keys* are their primary keys, where they are few enough to be looked up by them.

    Rows *within* which they are to be looked for, a stretch at a time, are given where no index finds them.
    """

    rows: QuerySet[Any]
    count: Count
    keys: Sequence[Any] | None = None
    within: QuerySet[Any] | None = None

    def page_at(
        self, position: Position | None, *, order: Order, size: int, shown: QuerySet[Any]
    ) -> KeysetPage:
        """Return the page at *position*, looked for no further than `LOOKED_AT` rows where no index finds it.

        *shown* are all rows of the list, as they are shown.
        """
        place: dict[str, Any] = {"order": order, "position": position, "size": size, "shown": shown}
        if self.within is not None:
            return page_looked_for(self.rows, within=self.within, most=LOOKED_AT, **place)
        if self.keys is None:
            return page_of(self.rows, **place)
        return page_of(among(shown, keys_at(self.keys, order=order, position=position, size=size)), **place)


@dataclass(frozen=True)
class Many:
    """What a filter left, where it knows by itself that it is more than few: about how many there are as *rows* has,
    and *within* which they are found in any order.
    """

    rows: QuerySet[Any]
    within: QuerySet[Any]


def counted(found: Found, *, is_narrowed: bool, is_filtered: bool, many: Many | None = None) -> Counted:
    """Return the rows found and how many they are; where filters or words leave few, with their keys.

    Where a filter says that it leaves *many*, and no words are looked for, nothing is counted, since one might have to
    read nearly all of the list for it.
    What has only words that many rows have is looked for among the few that filters leave, or else not counted, since
    nobody knows how far one would have to read.
    """
    rows = found.rows
    if many is not None and found.within is None:
        return Counted(rows, estimate_of(many.rows, least=EXACT_UP_TO), within=many.within)
    if found.within is not None:
        left = few_keys(found.within) if is_filtered else None
        if left is None:
            return Counted(rows, estimate_of(rows), within=found.within)
        rows = among(rows, left)
    if not is_narrowed:
        count = count_of(rows)
        return Counted(rows if count.number else rows.none(), count)
    keys = few_keys(rows)
    if keys is None:
        return Counted(rows, estimate_of(rows, least=EXACT_UP_TO))
    return Counted(found.rows, Count(len(keys)), keys)


def _estimated(plan: dict[str, Any], *, least: int) -> Count:
    return Count(max(least, int(plan["Plan Rows"])), is_exact=False)


def _plan(queryset: QuerySet[Any], **options: bool) -> dict[str, Any]:
    """Return the plan of *queryset*; with `analyze` it is carried out. Empty where nothing need be asked."""
    told = queryset.explain(format="json", **options)
    return json.loads(told)[0]["Plan"] if told else {}  # type: ignore[no-any-return]


def _two_figures(number: int) -> int:
    """Return *number* with all but its first two figures made zero: 1,234,567 is 1,200,000."""
    step = 10 ** max(0, len(str(number)) - 2)
    return number // step * step
