"""What is going on now, for the top bar of every page: whatever takes longer than a moment, with how far it is."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.flows.news.reading import WorkGoingOn, WorkKind
from counterfoil.web.layout.work import Work


def shown(work: WorkGoingOn) -> Work:
    """Return *work* with its words and its page."""
    title, stage, unit, page = _SAID[work.kind](work.key)
    return Work(
        title=title,
        stage=stage,
        done=min(work.done, work.planned),
        total=work.planned,
        unit=unit,
        started_at=work.begun_at,
        address=reverse(page, args=[work.key]),
    )


Said = tuple[str, str, str, str]
"""Title, stage, unit, and the name of the page that shows it."""


def _of_run(key: int) -> str:
    return gettext("Run %(run)s") % {"run": key}


_SAID: dict[WorkKind, Callable[[int], Said]] = {
    WorkKind.GENERATING: lambda key: (
        _of_run(key),
        gettext("Generating invoices"),
        gettext("charges"),
        "run",
    ),
    WorkKind.ISSUING: lambda key: (_of_run(key), gettext("Issuing invoices"), gettext("invoices"), "run"),
    WorkKind.DELIVERING: lambda key: (
        _of_run(key),
        gettext("Sending documents"),
        gettext("documents"),
        "run-deliveries",
    ),
    WorkKind.STATEMENTS: lambda _key: (
        gettext("Statements"),
        gettext("Sending statements"),
        gettext("statements"),
        "statement-round",
    ),
    WorkKind.PRINTING: lambda _key: (
        gettext("Print batch"),
        gettext("Printing documents"),
        gettext("documents"),
        "print-batch",
    ),
    WorkKind.BILLINGS: lambda _key: (
        gettext("Consolidated billings"),
        gettext("Sending consolidated billings"),
        gettext("billings"),
        "billing-batch",
    ),
    WorkKind.CHECKING_FILE: lambda _key: (
        gettext("File import"),
        gettext("Checking the file"),
        gettext("rows"),
        "file-import",
    ),
    WorkKind.TAKING_IN_FILE: lambda _key: (
        gettext("File import"),
        gettext("Taking the file in"),
        gettext("rows"),
        "file-import",
    ),
}
