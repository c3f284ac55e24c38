"""The audit trail: who changed what, when, before and after, and why."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import NotAllowed
from counterfoil.api.paging import LARGEST_PAGE, USUAL_PAGE, Page, WrongCursor
from counterfoil.api.routes import reads
from counterfoil.api.shapes import Key
from counterfoil.flows.auditing import changes, told
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import given_branches
from counterfoil.records.organisation.trail import Change as ChangeRow

router = Router(tags=["audit"])
SEES = Need("audit:read", frozenset({Role.ACCOUNTANT}))


class Difference(Schema):
    """One field before and after, in words."""

    field: str
    before: str
    after: str


class Change(Schema):
    """What happened to one object at one moment; `user` null: a job or the command line did it."""

    id: str
    moment: datetime
    user: int | None
    who: str
    what: str
    kind: str
    object_id: int
    name: str
    differences: list[Difference]
    reason: str
    where: str


class ChangeFilter(Schema):
    """Which changes are asked for. Days are UTC's; `until` is the last one."""

    user: Key | None = None
    kind: Key | None = None
    name: Key | None = None
    field: Key | None = None
    since: date | None = None
    until: date | None = None


class TrailPaging(Schema):
    """Which page is asked for."""

    cursor: Annotated[str | None, Field(max_length=200)] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = USUAL_PAGE


@reads(router, "", need=SEES, answer=Page[Change])
def list_changes(
    request: HttpRequest, wanted: Query[ChangeFilter], paging: Query[TrailPaging]
) -> dict[str, Any]:
    """Return what was changed, the newest first."""
    if given_branches(user_of(request)):
        raise NotAllowed(reason="its user is limited to branches, and the trail is not", scope=SEES.scope)
    rows = changes(**{name: value for name, value in wanted.dict().items() if value is not None})
    if paging.cursor:
        moment, key = _place(paging.cursor)
        rows = rows.filter(Q(moment__lt=moment) | Q(moment=moment, id__lt=key))
    found: list[ChangeRow] = list(rows.order_by("-moment", "-id")[: paging.limit + 1])
    shown = found[: paging.limit]
    next_cursor = _cursor(shown[-1]) if len(found) > paging.limit else None
    return {"items": [_shape(one) for one in told(shown)], "next_cursor": next_cursor}


def _shape(one: Any) -> Change:
    facts = {name: getattr(one, name) for name in Change.model_fields if name not in ("user", "differences")}
    differences = [
        Difference(field=each.field, before=each.before, after=each.after) for each in one.differences
    ]
    return Change(**facts, user=one.by_id, differences=differences)


def _cursor(row: ChangeRow) -> str:
    return base64.urlsafe_b64encode(f"{row.moment.isoformat()} {row.id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, _, key = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").partition(" ")
        return datetime.fromisoformat(moment).astimezone(UTC), key
    except (binascii.Error, ValueError, OverflowError) as error:
        raise WrongCursor from error
