"""The branches of the organisation."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import Id, Key, Request
from counterfoil.flows.organising import add_branch, change_branch
from counterfoil.records.organisation.models import Branch as BranchRow
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches

router = Router(tags=["branches"])
SEES = Need("organisation:read")
CHANGES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))

Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class Branch(Schema):
    """A branch. Its code may stand in document numbers, so it stays."""

    id: int
    code: str
    name: str
    address: str
    postcode: str
    city: str
    email: str
    phone: str


class BranchWanted(Request):
    """A new branch."""

    code: Key
    name: Key
    address: Text = ""
    postcode: Text = ""
    city: Text = ""
    email: Text = ""
    phone: Text = ""


class BranchChange(Request):
    """What is to be changed; what is not named stays."""

    name: Key | None = None
    address: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    email: Text | None = None
    phone: Text | None = None


@reads(router, "", need=SEES, answer=Page[Branch])
def list_branches(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the branches you may see, oldest first."""
    rows = within_branches(BranchRow.objects.all(), user=user_of(request), path="pk")
    return page_of(rows, paging=paging, shape=_shape)


@does(router, "", need=CHANGES, answer=Branch, status=201)
def create_branch(request: HttpRequest, wanted: BranchWanted) -> HttpResponse:
    """Add a branch."""
    return once(request, lambda: _shape(add_branch(**wanted.dict())), status=201)


@changes(router, "/{branch_id}", need=CHANGES, answer=Branch)
def edit_branch(request: HttpRequest, branch_id: Path[Id], wanted: BranchChange) -> HttpResponse:
    """Change a branch; documents issued before keep what they said."""
    given = {name: value for name, value in wanted.dict().items() if value is not None}

    def act() -> Branch:
        return _shape(change_branch(get_object_or_404(BranchRow, pk=branch_id).code, **given))

    return once(request, act)


def _shape(branch: BranchRow) -> Branch:
    return Branch(**{name: getattr(branch, name) for name in Branch.model_fields})
