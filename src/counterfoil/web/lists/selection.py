"""What is ticked in a list: some rows by their keys, or everything that matches the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.http import QueryDict

from counterfoil.web.display import money_text
from counterfoil.web.lists.counting import Count, count_of
from counterfoil.web.lists.listing import Listing

SELECTED, EVERYTHING = "selected", "everything"
MOST_SELECTED = 1_000


@dataclass(frozen=True)
class Selection:
    """The rows something will be done to. `queryset` can be narrowed and written with further."""

    listing: Listing
    queryset: QuerySet[Any]
    keys: tuple[str, ...] = ()
    is_everything: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.is_everything and not self.keys

    def count(self) -> Count:
        """Return how many rows are selected."""
        return count_of(self.queryset) if self.is_everything else Count(self.queryset.count())

    def ids(self) -> list[int]:
        """Return the keys of all selected rows, in order."""
        return list(self.queryset.order_by("pk").values_list("pk", flat=True))

    def fields(self) -> list[tuple[str, str]]:
        """Return the names and values by which a confirming form hands the selection on."""
        if self.is_everything:
            return [(EVERYTHING, "1")]
        return [(SELECTED, key) for key in self.keys]

    def sentence(self, *, locale: Locale) -> str:
        """Return "1,240 invoices, €48,200.00": how many, and what they add up to where that is quick to know."""
        count = self.count()
        parts = [f"{count.text(locale=locale)} {self.listing.noun.for_count(count.number)}"]
        if count.is_exact:
            parts += self._sums(locale=locale)
        return ", ".join(parts)

    def _sums(self, *, locale: Locale) -> list[str]:
        texts = []
        for amount, currency in self.listing.sums:
            totals = self.queryset.order_by(currency).values_list(currency).annotate(total=Sum(amount))
            texts += [money_text(int(total), code, locale=locale) for code, total in totals]
        return texts


def chosen(posted: QueryDict, *, listing: Listing, matching: QuerySet[Any]) -> Selection:
    """Return what the posted form ticked among *matching*, the rows the list's address shows to this person.

    Keys that are none, or not among them, are left out.
    """
    if posted.get(EVERYTHING):
        return Selection(listing, matching, is_everything=True)
    keys = _real_keys(posted.getlist(SELECTED)[:MOST_SELECTED], matching)
    return Selection(listing, matching.filter(pk__in=keys), keys=tuple(keys))


def _real_keys(given: Sequence[str], queryset: QuerySet[Any]) -> list[str]:
    field = queryset.query.get_meta().pk
    keys = []
    for key in given:
        try:
            field.run_validators(field.to_python(key))
        except ValidationError:
            continue
        keys.append(key)
    return keys
