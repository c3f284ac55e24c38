"""What the web pages are about, in one place: where one can go, what can be found, what may be running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from counterfoil.web.layout.navigation import Group
from counterfoil.web.layout.search import SearchKind
from counterfoil.web.layout.work import Work

NAVIGATION: tuple[Group, ...] = ()

SEARCHES: tuple[SearchKind, ...] = ()

# Each returns the work going on now that the user may see; together they may cost one query a page.
RUNNING: tuple[Callable[[Any], Sequence[Work]], ...] = ()
