"""What the address says about a list: words, filters, order, page, columns. The address is the whole state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.keyset import Order, Position, read, written
from counterfoil.web.lists.listing import DEFAULT_SIZE, PAGE_SIZES, Listing

WORDS, SORT, SIZE, AT, COLUMN, EXPORT, VIEW = "q", "sort", "size", "at", "column", "export", "view"
OWN_NAMES = frozenset({WORDS, SORT, SIZE, AT, COLUMN, EXPORT, VIEW})


@dataclass(frozen=True)
class ListState:
    """One listing as one address shows it. One that *is_long* is sorted by indexed columns only.

    *chosen* are the columns the person likes to see where the address names none.
    """

    listing: Listing
    query: QueryDict
    is_long: bool = False
    chosen: Sequence[str] = ()

    @property
    def words(self) -> str:
        return self.query.get(WORDS, "").strip()

    @property
    def sort(self) -> str:
        """Return the sort asked for if the listing has it and can do it, else its default."""
        asked = self.query.get(SORT, "")
        column = self.listing.column(asked.removeprefix("-"))
        can_sort = column is not None and self.can_sort_by(column)
        return asked if can_sort else self.listing.default_sort

    def can_sort_by(self, column: Column) -> bool:
        """Return whether the rows can be sorted by *column*: at any number by an index, else only a few."""
        return bool(column.sort) and (bool(column.index) or not self.is_long)

    @property
    def order(self) -> Order:
        """Return the order of the rows."""
        return self.listing.order_of(self.sort)

    @property
    def size(self) -> int:
        asked = self.query.get(SIZE, "")
        return int(asked) if asked.isdecimal() and int(asked) in PAGE_SIZES else DEFAULT_SIZE

    @property
    def position(self) -> Position | None:
        """Return where the page begins, None for the first page."""
        return read(self.query[AT], order=self.order) if AT in self.query else None

    @property
    def columns(self) -> list[Column]:
        """Return the columns to show: the first always, then those chosen, else those shown by default."""
        first, *others = self.listing.columns
        chosen = self.query.getlist(COLUMN) or self.chosen
        return [first, *[c for c in others if (c.name in chosen if chosen else c.is_shown)]]

    @property
    def is_narrowed(self) -> bool:
        """Return whether words or filters leave some rows out."""
        return any(value for name, value in self.query.items() if name == WORDS or name not in OWN_NAMES)

    @property
    def is_filtered(self) -> bool:
        """Return whether filters, beside words, leave some rows out."""
        return any(value for name, value in self.query.items() if name not in OWN_NAMES)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the names and values that a filter form carries along unseen."""
        names = [SORT, SIZE, COLUMN, VIEW]
        return [(name, value) for name in names for value in self.query.getlist(name) if value]

    def address(self, **changes: str | None) -> str:
        """Return the query string with *changes* made (None removes); the page begins anew unless `at` is given."""
        query = self.query.copy()
        query.pop(AT, None)
        query.pop(EXPORT, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        for name in [name for name, values in query.lists() if not any(values)]:
            del query[name]
        return f"?{query.urlencode()}"

    def address_at(self, position: Position | None) -> str:
        """Return the query string of the page at *position*, "" for None."""
        return self.address(at=written(position)) if position else ""

    @property
    def address_unnarrowed(self) -> str:
        """Return the query string with words and filters taken away; it shows everything, whatever opens the list."""
        query = QueryDict(mutable=True)
        for name, value in self.kept:
            query.appendlist(name, value)
        query[VIEW] = "all"
        return f"?{query.urlencode()}"
