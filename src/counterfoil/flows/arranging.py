"""How a person arranges their lists: views kept under a name, and the columns they see."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation import list_view_actions as actions
from counterfoil.records.organisation.models import ListView, User

MOST_VIEWS = 50
MOST_NAME, MOST_QUERY = 60, 2_000


class ViewNeedsName(Refusal):
    """A view needs a name of at most {most} characters. Type one that says what the list then shows."""


class ViewNameTaken(Refusal):
    """You have a view called {name} of this list. Choose another name, or change that one."""


class TooManyViews(Refusal):
    """You have {most} views of this list, and that is as many as can be kept. Delete one first."""


class ViewTooLong(Refusal):
    """What the list shows is too long to be kept. Use fewer filters or columns."""


class NoSuchView(Refusal):
    """You have no such view any more. Reload the page."""


def save_view(user: User, *, listing: str, name: str, query: str, is_default: bool) -> ListView:
    """Keep a new view of *user*; as default the list opens with it.

    Raises `ViewNeedsName`, `ViewNameTaken`, `ViewTooLong` and `TooManyViews`.
    """
    view = ListView(user=user, listing=listing, name=_named(name), query=_short(query), is_default=is_default)
    if ListView.objects.filter(user=user, listing=listing).exclude(name="").count() >= MOST_VIEWS:
        raise TooManyViews(most=MOST_VIEWS)
    return _keep(view)


def change_view(key: int, *, by: User, name: str, query: str | None, is_default: bool) -> ListView:
    """Rename a view, make it the default or not, and with a *query* have it show that. Raises as `save_view` does."""
    view = _own(key, by=by)
    view.name, view.is_default = _named(name), is_default
    if query is not None:
        view.query = _short(query)
    return _keep(view)


def delete_view(key: int, *, by: User) -> str:
    """Delete a view and return its name. Raises `NoSuchView`."""
    view = _own(key, by=by)
    with transaction.atomic():
        actions.drop_view(view)
    return view.name


def choose_columns(user: User, *, listing: str, query: str) -> None:
    """Keep the columns *user* chose for a list; "" goes back to those it has by itself. Raises `ViewTooLong`."""
    with transaction.atomic():
        actions.keep_columns(user, listing=listing, query=_short(query))


def _own(key: int, *, by: User) -> ListView:
    view = ListView.objects.filter(pk=key, user=by).exclude(name="").first()
    if view is None:
        raise NoSuchView
    return view


def _named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > MOST_NAME:
        raise ViewNeedsName(most=MOST_NAME)
    return name


def _short(query: str) -> str:
    if len(query) > MOST_QUERY:
        raise ViewTooLong
    return query.replace("\x00", "")


def _keep(view: ListView) -> ListView:
    try:
        with transaction.atomic():
            return actions.keep_view(view)
    except IntegrityError as error:
        raise ViewNameTaken(name=shown(view.name)) from error
