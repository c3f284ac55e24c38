"""Files sent to be imported, all of one or nothing of it."""

from __future__ import annotations

import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import NotAllowed
from counterfoil.api.repeating import once
from counterfoil.api.routes import does
from counterfoil.api.seeing import seen_branches
from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.models import Role

router = Router(tags=["imports"])
IMPORTS = Need("imports:write", frozenset({Role.BILLER}))


class RowError(Schema):
    """One thing that is wrong with a file; `row` as a spreadsheet numbers it, null for the file as a whole."""

    kind: str | None
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str


class KindCount(Schema):
    """What became of the objects of a kind."""

    kind: str
    rows: int
    created: int
    changed: int
    unchanged: int


class FieldChange(Schema):
    """A column of a row that changes what is stored: both cells, as an export writes them."""

    column: str
    before: str
    after: str


class RowOutcome(Schema):
    """What a row would do to the object called `key`: `new`, `changed`, with its `changes`, or `same`."""

    kind: str
    row: int | None
    key: str
    state: str
    changes: list[FieldChange]


class Imported(Schema):
    """What a file did or would do. Nothing is `stored` in a dry run, or with an error: the first hundred are here.

    Rows that say nothing yet, such as meters without a reading, are `left_out`. The `outcomes` are of a dry run: the
    first two hundred rows of each kind and state.
    """

    file: str
    kind: str
    dry_run: bool
    stored: bool
    rows: int
    left_out: int
    read_as: str
    counts: list[KindCount]
    outcomes: list[RowOutcome]
    errors: list[RowError]
    error_count: int


class How(Schema):
    """Whether to do everything but store it."""

    dry_run: bool = False


@does(router, "/{kind}", need=IMPORTS, answer=Imported)
def import_kind(request: HttpRequest, kind: Path[str], how: Query[How]) -> HttpResponse:
    """Import the body of the request, a CSV or Excel file of at most 5 MB, as objects of *kind*, all or nothing.

    What is wrong with the file is in the answer, row by row. Importing the same file again changes nothing.
    """
    if seen_branches(request):
        raise NotAllowed(
            reason="its user is limited to branches, and a file may be of every one", scope=IMPORTS.scope
        )

    def act() -> Imported:
        report = import_file(
            kind=kind,
            file=io.BytesIO(request.body),
            name="the file sent",
            dry_run=how.dry_run,
            by=user_of(request),
        )
        told: dict[str, Any] = report.to_json()
        return Imported(**told)

    return once(request, act)
