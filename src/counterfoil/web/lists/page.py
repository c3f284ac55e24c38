"""Answer a request with a list: the page, a download of it, or the bar that says what is ticked.

    @needs(Role.VIEWER)
    def customers(request):
        return list_page(request, listing=CUSTOMERS, queryset=visible_customers(request.user))

A page costs two queries, whatever the list holds: the count and the rows; words typed cost one more, and filters that
leave many an estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from babel import Locale
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.web.access import Need
from counterfoil.web.display import count_text, current_locale
from counterfoil.web.lists.columns import Cell, Column, cell
from counterfoil.web.lists.counting import Count, Counted, counted
from counterfoil.web.lists.export import csv_response, excel_response, rows_of
from counterfoil.web.lists.finding import Found, found, is_short
from counterfoil.web.lists.keeping import Kept, kept_of, told
from counterfoil.web.lists.keyset import END, KeysetPage
from counterfoil.web.lists.listing import PAGE_SIZES, BulkAction, Listing
from counterfoil.web.lists.selection import Selection, chosen
from counterfoil.web.lists.state import EXPORT, ListState

ASCENDING, DESCENDING, UNSORTED = "ascending", "descending", "none"


@dataclass(frozen=True)
class Header:
    """The head of a column: where it leads to sort by it ("" nowhere), and how it is sorted now."""

    column: Column
    address: str
    direction: str
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the page."""

    key: str
    name: str
    cells: Sequence[Cell]
    row: Any = None


@dataclass(frozen=True)
class ListPage:
    """Everything the template of a list needs."""

    listing: Listing
    state: ListState
    count: Count
    count_text: str
    headers: Sequence[Header]
    lines: Sequence[Line]
    filters: Any
    actions: Sequence[BulkAction]
    first: str
    previous: str
    next: str
    last: str
    looked_at: int | None = None
    bulk_arguments: Sequence[Any] = ()
    kept: Kept = field(default_factory=lambda: Kept((), ()))

    @property
    def query_told(self) -> str:
        """Return what of the address a view would keep."""
        return told(self.state.query)

    @property
    def address_without_columns(self) -> str:
        """Return the query string without columns: those the person chose are shown."""
        return self.state.address(column=None)

    @property
    def further(self) -> str:
        """Return where to look on: behind this page, or before it where one went backwards."""
        went_back = self.state.position is not None and self.state.position.is_before
        return self.previous if went_back else self.next

    @property
    def is_behind_all(self) -> bool:
        """Return whether one has gone on behind the last row that was found."""
        return not self.lines and self.state.position is not None

    @property
    def looked_at_text(self) -> str:
        """Return how far this page was looked for, and that there may be more further on."""
        return gettext(
            "{count} {rows} looked at for this page, {found} found. There may be more further on."
        ).format(
            count=count_text(self.looked_at or 0, locale=current_locale()),
            rows=self.listing.noun.many,
            found=len(self.lines),
        )

    @property
    def short_words(self) -> Sequence[str]:
        """Return the words that were looked for only where words begin."""
        paths = any(path.endswith("__icontains") for path in self.listing.search)
        return [word for word in self.state.words.split() if paths and is_short(word)]

    @property
    def bulk(self) -> Sequence[tuple[BulkAction, str]]:
        """Return what can be done with many, each with the address that does it."""
        place = self.state.address()
        return [
            (action, reverse(action.address_name, args=self.bulk_arguments) + place)
            for action in self.actions
        ]

    @property
    def noun(self) -> str:
        return self.listing.noun.for_count(self.count.number)

    @property
    def choosable(self) -> Sequence[tuple[Column, bool]]:
        """Return the columns that may be hidden, each with whether it is shown."""
        shown = {column.name for column in self.state.columns}
        return [(column, column.name in shown) for column in self.listing.columns[1:]]

    @property
    def size_addresses(self) -> Sequence[tuple[int, str]]:
        """Return how many rows a page may have, each with the address that gives so many."""
        return [(size, self.state.address(size=str(size))) for size in PAGE_SIZES]

    @property
    def csv_address(self) -> str:
        return self.state.address(export="csv")

    @property
    def excel_address(self) -> str:
        return self.state.address(export="xlsx")


def list_page(
    request: HttpRequest,
    *,
    listing: Listing,
    queryset: QuerySet[Any],
    title: str,
    context: dict[str, Any] | None = None,
    bulk_arguments: Sequence[Any] = (),
    known: int | None = None,
    is_form: bool = False,
) -> HttpResponseBase:
    """Return the answer for *listing* over *queryset*, the rows this person may see.

    *context* goes to the listing's template with `page` (a `ListPage`) and `title`; *bulk_arguments* are what
    the addresses of its bulk actions take. *known* is how many rows there are, where sums that are kept say so.
    Where the list *is a form* a request that sends it is answered with the list, not with what is ticked.
    """
    kept = kept_of(request.user, listing=listing.name, query=request.GET)
    if request.method == "GET" and not request.GET and kept.opens_with:
        return HttpResponseRedirect(request.path + kept.opens_with.address)
    state = ListState(listing, request.GET, chosen=kept.columns)
    filters, looked_up = _narrowed(request, listing=listing, queryset=queryset)
    matching = looked_up.rows
    if request.method == "POST" and not is_form:
        return _bulk_bar(chosen(request.POST, listing=listing, matching=matching))
    if known is not None and not state.is_narrowed:
        result = Counted(matching, Count(known))
    else:
        many = None if state.words else getattr(filters, "many", None)
        result = counted(looked_up, is_narrowed=state.is_narrowed, is_filtered=state.is_filtered, many=many)
    state = replace(state, is_long=result.count.is_long)
    if EXPORT in request.GET:
        return _export(request, state=state, matching=matching)
    page = _page(request, state=state, matching=result, shown=queryset, filters=filters)
    page = replace(page, bulk_arguments=bulk_arguments, kept=kept)
    return render(request, listing.template, {"page": page, "title": title, **(context or {})})


def narrowed(request: HttpRequest, *, listing: Listing, queryset: QuerySet[Any]) -> tuple[Any, QuerySet[Any]]:
    """Return the bound filters (None without any) and the rows of *queryset* that the address asks for."""
    filters, looked_up = _narrowed(request, listing=listing, queryset=queryset)
    return filters, looked_up.rows


def _narrowed(request: HttpRequest, *, listing: Listing, queryset: QuerySet[Any]) -> tuple[Any, Found]:
    """Return what `narrowed` does, the rows with those among which they are to be looked for."""
    filters = None
    if listing.filters is not None:
        filters = listing.filters(request.GET, queryset=queryset, request=request, prefix=None)
        queryset = filters.qs
    words = ListState(listing, request.GET).words
    return filters, found(queryset, words=words, paths=listing.search, lookup=listing.lookup)


def selection_of(request: HttpRequest, *, listing: Listing, queryset: QuerySet[Any]) -> Selection:
    """Return what the posted form ticked among the rows of *queryset* that the address asks for."""
    _filters, matching = narrowed(request, listing=listing, queryset=queryset)
    return chosen(request.POST, listing=listing, matching=matching)


def _page(
    request: HttpRequest, *, state: ListState, matching: Counted, shown: QuerySet[Any], filters: Any
) -> ListPage:
    locale = current_locale()
    keyset = _keyset_page(state, matching, shown=shown)
    if state.listing.complete is not None:
        state.listing.complete(keyset.rows)
    need = [
        (action, Need(roles=frozenset({action.role, *action.also}))) for action in state.listing.bulk_actions
    ]
    return ListPage(
        listing=state.listing,
        state=state,
        count=matching.count,
        count_text=matching.count.text(locale=locale),
        headers=[_header(state, column) for column in state.columns],
        lines=[_line(state, row, locale=locale) for row in keyset.rows],
        filters=filters,
        actions=[action for action, needed in need if needed.is_met_by(request.user.role)],
        first=state.address() if keyset.previous else "",
        previous=state.address_at(keyset.previous),
        next=state.address_at(keyset.next),
        last=state.address_at(END) if keyset.next else "",
        looked_at=keyset.looked_at,
    )


def _keyset_page(state: ListState, matching: Counted, *, shown: QuerySet[Any]) -> KeysetPage:
    """Return the page asked for; the first one where nothing is left at that place."""
    order, size = state.order, state.size
    page = matching.page_at(state.position, order=order, size=size, shown=shown)
    if not page.rows and state.position is not None and matching.within is None:
        return matching.page_at(None, order=order, size=size, shown=shown)
    return page


def _header(state: ListState, column: Column) -> Header:
    if not column.sort:
        return Header(column, "", UNSORTED)
    if state.sort == column.name:
        return Header(column, state.address(sort=f"-{column.name}"), ASCENDING)
    if state.sort == f"-{column.name}":
        return Header(column, state.address(sort=column.name), DESCENDING)
    if not state.can_sort_by(column):
        return Header(column, "", UNSORTED, gettext("Sorts once filters leave 10,000 rows or fewer"))
    return Header(column, state.address(sort=column.name), UNSORTED)


def _line(state: ListState, row: Any, *, locale: Locale) -> Line:
    cells = [cell(column, row, locale=locale) for column in state.columns]
    return Line(key=str(row.pk), name=cells[0].text, cells=cells, row=row)


def _export(request: HttpRequest, *, state: ListState, matching: QuerySet[Any]) -> HttpResponseBase:
    name = state.listing.name
    columns = state.listing.file_columns or state.columns
    rows = rows_of(matching.order_by(*state.order.terms(backwards=False)), complete=state.listing.complete)
    if request.GET[EXPORT] == "csv":
        return csv_response(rows, columns=columns, name=name)
    return excel_response(rows, columns=columns, name=name)


def _bulk_bar(selection: Selection) -> HttpResponse:
    """Return the bar's words: what is ticked, and what it adds up to."""
    sentence = gettext("none") if selection.is_empty else selection.sentence(locale=current_locale())
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")
