"""What a person keeps of a list: views under a name, and the columns they chose. Read with what is around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from counterfoil.core.refusals import Refusal
from counterfoil.flows import arranging
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import surroundings_of
from counterfoil.web.access import needs
from counterfoil.web.lists.state import AT, COLUMN, EXPORT, VIEW
from counterfoil.web.saying import said

EVERYTHING = "all"
MOST_LISTING = 40


@dataclass(frozen=True)
class KeptView:
    """A view of the person's and the address that shows it."""

    key: int
    name: str
    address: str
    is_default: bool
    is_here: bool
    is_changed: bool

    @property
    def change_address(self) -> str:
        return reverse("list-view", args=[self.key])

    @property
    def delete_address(self) -> str:
        return reverse("list-view-delete", args=[self.key])


@dataclass(frozen=True)
class Kept:
    """What a person keeps of one list."""

    views: Sequence[KeptView]
    columns: Sequence[str]

    @property
    def here(self) -> KeptView | None:
        """Return the view that the address shows, with changes or without."""
        return next((view for view in self.views if view.is_here), None)

    @property
    def opens_with(self) -> KeptView | None:
        """Return the view that the list opens with."""
        return next((view for view in self.views if view.is_default), None)


def kept_of(user: Any, *, listing: str, query: QueryDict) -> Kept:
    """Return what *user* keeps of *listing*, as the address with *query* shows it."""
    rows = [row for row in surroundings_of(user).list_views if row.listing == listing]
    here, now = query.get(VIEW, ""), told(query)
    views = [
        KeptView(
            key=row.pk,
            name=row.name,
            address=f"?{VIEW}={row.pk}" + (f"&{row.query}" if row.query else ""),
            is_default=row.is_default,
            is_here=here == str(row.pk),
            is_changed=row.query != now,
        )
        for row in rows
        if row.name
    ]
    columns = [name for row in rows if not row.name for name in QueryDict(row.query).getlist(COLUMN)]
    return Kept(views, columns)


def told(query: QueryDict) -> str:
    """Return what of the address is worth keeping: filters, order, size and columns, always in one order."""
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        values = [value for value in query.getlist(name) if value]
        if values and name not in (AT, EXPORT, VIEW):
            kept.setlist(name, values)
    return kept.urlencode()


@needs(Role.VIEWER)
@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Keep the ticked columns for this person, and go back to the list."""
    chosen = QueryDict(mutable=True)
    chosen.setlist(COLUMN, request.POST.getlist(COLUMN))

    def act() -> str:
        listing = _listing(request)
        arranging.choose_columns(request.user, listing=listing, query=chosen.urlencode())  # type: ignore[arg-type]
        return ""

    return _done(request, act, back=_way_back(request))


@needs(Role.VIEWER)
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what the list shows under a new name, and show it."""
    back = _way_back(request)

    def act() -> str:
        view = arranging.save_view(
            request.user,  # type: ignore[arg-type]
            listing=_listing(request),
            name=request.POST.get("name", ""),
            query=told(QueryDict(request.POST.get("query", ""))),
            is_default="is_default" in request.POST,
        )
        messages.success(
            request, gettext("The view “%(name)s” is kept. Find it under Views.") % {"name": view.name}
        )
        return f"{back.partition('?')[0]}?{VIEW}={view.pk}" + (f"&{view.query}" if view.query else "")

    return _done(request, act, back=back)


@needs(Role.VIEWER)
@require_POST
def change_view(request: HttpRequest, key: int) -> HttpResponse:
    """Rename a view, make it the one the list opens with, or have it show what the list shows now."""

    def act() -> str:
        view = arranging.change_view(
            key,
            by=request.user,  # type: ignore[arg-type]
            name=request.POST.get("name", ""),
            query=told(QueryDict(request.POST.get("query", ""))) if "shows_this" in request.POST else None,
            is_default="is_default" in request.POST,
        )
        messages.success(request, gettext("The view “%(name)s” was changed.") % {"name": view.name})
        return ""

    return _done(request, act, back=_way_back(request))


@needs(Role.VIEWER)
@require_POST
def delete_view(request: HttpRequest, key: int) -> HttpResponse:
    """Delete a view and show everything the list has."""
    back = _way_back(request)

    def act() -> str:
        name = arranging.delete_view(key, by=request.user)  # type: ignore[arg-type]
        messages.success(request, gettext("The view “%(name)s” was deleted.") % {"name": name})
        return back.partition("?")[0] + f"?{VIEW}={EVERYTHING}"

    return _done(request, act, back=back)


def _done(request: HttpRequest, act: Callable[[], str], *, back: str) -> HttpResponse:
    try:
        there = act()
    except Refusal as refusal:
        messages.error(request, said(refusal))
        there = ""
    return HttpResponseRedirect(there or back)


def _listing(request: HttpRequest) -> str:
    return request.POST.get("listing", "").replace("\x00", "")[:MOST_LISTING]


def _way_back(request: HttpRequest) -> str:
    """Return the address of the list the form was on."""
    address: Any = request.POST.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "/"
