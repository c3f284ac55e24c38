"""A list, declared: its columns, filters, search, order, what can be done with many, and what to say when empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_filters import FilterSet

from counterfoil.records.organisation.models import Role
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.finding import Lookup
from counterfoil.web.lists.keyset import Order

PAGE_SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
SEVERAL = 2


@dataclass(frozen=True)
class Noun:
    """What one row is called, and several: `Noun("invoice", "invoices")`, found by `make messages` as it stands."""

    singular: str
    plural: str

    @property
    def many(self) -> str:
        """Return what several are called, in the person's language."""
        return ngettext(self.singular, self.plural, SEVERAL)

    def for_count(self, number: int) -> str:
        """Return what *number* of them are called, without the number."""
        return ngettext(self.singular, self.plural, number)


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What to say where there is nothing yet: what this is, and the one thing to do first."""

    title: str
    explanation: str
    action: str = ""
    address_name: str = ""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something done to many rows at once. `address_name` is a page that confirms it before doing it.

    Whoever has *role*, or one of *also*, may.
    """

    label: str
    address_name: str
    role: Role
    also: tuple[Role, ...] = ()
    is_dangerous: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list as declared by its subject; `lists.page.list_page` answers a request with it.

    `search` holds query paths with their lookup ("number__istartswith"): each word typed must match one of
    them. One that codes begin with is best unique: its index then finds them. `lookup` says how a word is looked up
    where some of them have no index. `sums` are the money columns the bulk bar adds up, with the query paths of amount
    and currency.
    `more_labels` head what `more_template` shows behind the cells of each row, with `row`; `file_columns` are those of
    an export that differs from the page, such as a file to be filled in, which `file_words` say.
    `complete` is given the rows about to be shown, all of a page at once, to put on them what no join can.
    """

    name: str
    noun: Noun
    columns: tuple[Column, ...]
    default_sort: str
    empty: Empty
    filters: type[FilterSet] | None = None
    search: tuple[str, ...] = ()
    search_hint: str = _("Search")
    lookup: Lookup | None = None
    bulk_actions: tuple[BulkAction, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    complete: Callable[[Sequence[Any]], None] | None = None
    template: str = "counterfoil/lists/list_page.html"
    caption: str = ""
    more_labels: tuple[str, ...] = ()
    more_template: str = ""
    file_columns: tuple[Column, ...] = ()
    file_words: str = _("The rows and columns shown, in this order")
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.columns})
        sorted_column = self._by_name.get(self.default_sort.removeprefix("-"))
        if sorted_column is None or not sorted_column.sort or not sorted_column.index:
            raise DefaultSortNeedsAnIndex(listing=self.name, sort=self.default_sort)

    def column(self, name: str) -> Column | None:
        """Return the column called *name*, None if there is none."""
        return self._by_name.get(name)

    def order_of(self, sort: str) -> Order:
        """Return the order that *sort* means: a column's name, with a minus before it for downwards."""
        return Order(paths=self._by_name[sort.removeprefix("-")].sort, is_descending=sort.startswith("-"))

    @property
    def money_columns(self) -> list[Column]:
        return [column for column in self.columns if column.kind is Kind.MONEY]


class DefaultSortNeedsAnIndex(Exception):
    """The list {listing} opens sorted by {sort}, which names no column with an index. Name one that has it."""

    def __init__(self, *, listing: str, sort: str) -> None:
        super().__init__(str(self.__doc__).format(listing=listing, sort=sort))
