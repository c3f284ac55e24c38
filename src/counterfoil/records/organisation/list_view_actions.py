"""The only writer of how people like to see their lists."""

from __future__ import annotations

from counterfoil.records.organisation.models import ListView, User


def keep_view(view: ListView) -> ListView:
    """Store *view*, new or changed; a default takes the place of the one there was."""
    if view.is_default:
        others = ListView.objects.filter(user=view.user_id, listing=view.listing, is_default=True)
        others.exclude(pk=view.pk).update(is_default=False)
    view.save()
    return view


def keep_columns(user: User, *, listing: str, query: str) -> None:
    """Store the columns chosen for a list, "" for those it has by itself."""
    if query:
        ListView.objects.update_or_create(user=user, listing=listing, name="", defaults={"query": query})
    else:
        ListView.objects.filter(user=user, listing=listing, name="").delete()


def drop_view(view: ListView) -> None:
    """Delete *view*."""
    view.delete()
