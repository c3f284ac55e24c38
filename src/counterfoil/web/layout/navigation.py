"""Where one can go: the groups and entries at the side of every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from counterfoil.records.organisation.models import Role
from counterfoil.web.access import Need


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page one can go to. After `g`, the letter *key* goes there; *roles* see it, VIEWER being everybody.

    `covers` are the beginnings of further addresses whose pages belong to it.
    """

    label: str
    address_name: str
    key: str = ""
    roles: tuple[Role, ...] = (Role.VIEWER,)
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries that belong together, under a heading ("" for none)."""

    label: str
    icon: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it."""

    label: str
    address: str
    key: str
    is_here: bool


@dataclass(frozen=True)
class Section:
    """A group as a page shows it."""

    label: str
    icon: str
    links: Sequence[Link]


def sections(groups: Sequence[Group], *, role: str, path: str) -> list[Section]:
    """Return what somebody with *role* sees of *groups* on the page at *path*, without empty groups."""
    seen = [(group, [entry for entry in group.entries if _may_see(entry, role=role)]) for group in groups]
    known = {start: entry for _, entries in seen for entry in entries for start in _starts(entry)}
    nearest = _nearest(list(known), path=path)
    here = reverse(known[nearest].address_name) if nearest else ""
    return [
        Section(group.label, group.icon, [_link(entry, here=here) for entry in entries])
        for group, entries in seen
        if entries
    ]


def _starts(entry: Entry) -> tuple[str, ...]:
    """Return how the addresses of the pages begin that belong to *entry*."""
    return (reverse(entry.address_name), *entry.covers)


def _may_see(entry: Entry, *, role: str) -> bool:
    return Need(roles=frozenset(entry.roles)).is_met_by(role)


def _link(entry: Entry, *, here: str) -> Link:
    address = reverse(entry.address_name)
    return Link(label=entry.label, address=address, key=entry.key, is_here=address == here)


def _nearest(addresses: Sequence[str], *, path: str) -> str:
    """Return the longest of *addresses* that *path* lies under, "" if none: /runs/7/ lies under /runs/."""
    above = [
        address for address in addresses if path == address or (address != "/" and path.startswith(address))
    ]
    return max(above, key=len, default="")
