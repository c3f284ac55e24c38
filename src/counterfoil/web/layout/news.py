"""What the top bar tells a person, as it is shown: work going on, and notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.web.layout.work import Work

MOST_IN_MENU = 12


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notice: what there is to know, since when, and the page that shows it. New ones came since a person looked."""

    words: str
    since: str
    address: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class News:
    """All that the top bar tells."""

    works: Sequence[Work] = ()
    notices: Sequence[Told] = ()

    @property
    def new_count(self) -> int:
        """Return how many notices are new."""
        return sum(notice.is_new for notice in self.notices)

    @property
    def menu(self) -> Sequence[Told]:
        """Return the notices that the menu has room for: new ones first."""
        return sorted(self.notices, key=lambda notice: not notice.is_new)[:MOST_IN_MENU]

    @property
    def beyond_menu(self) -> int:
        """Return how many more there are than the menu shows."""
        return max(0, len(self.notices) - MOST_IN_MENU)
