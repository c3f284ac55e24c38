"""What a report on a file says in numbers, for a file taken in at once and for one that a worker takes in."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.importing.report import ImportReport, KindCount, RowState
from counterfoil.web.display import count_text, current_locale

STATES = {RowState.NEW: _("New"), RowState.CHANGED: _("Changed"), RowState.SAME: _("As stored")}


def states_of(report: ImportReport) -> list[tuple[str, str, int, int]]:
    """Return the states that rows are in, each with its word, how many objects are, and how many rows are listed."""
    counts = {
        RowState.NEW: sum(one.created for one in report.counts),
        RowState.CHANGED: sum(one.changed for one in report.counts),
        RowState.SAME: sum(one.unchanged for one in report.counts),
    }
    listed = Counter(one.state for one in report.outcomes)
    return [(state.value, STATES[state], counts[state], listed[state]) for state in RowState]


def counted(one: KindCount) -> str:
    """Return what becomes of the objects of a kind, in a line."""
    told = {
        name: count_text(count, locale=current_locale())
        for name, count in (("new", one.created), ("changed", one.changed), ("same", one.unchanged))
    }
    return gettext("%(new)s new, %(changed)s changed, %(same)s as stored") % told
