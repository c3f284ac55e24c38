"""How documents are numbered, by branch and type (billing-rules 7.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, reads
from counterfoil.api.shapes import Key, Request
from counterfoil.clock import today
from counterfoil.flows.numbering import Numbering, change_numbering, numbering_of, numberings
from counterfoil.records.billing.models import DocumentType
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.organisation.queries import the_organisation, within_branches

router = Router(tags=["numbering"])
SEES = Need("organisation:read")
WRITES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))


class NumberingShape(Schema):
    """The series of one branch and type of document; `next_number` is what the next one issued today gets."""

    branch: str
    document_type: str
    pattern: str
    restarts_each_year: bool
    in_date_order: bool
    next_seq: int
    next_number: str
    last_date: date | None


class NumberingChanges(Request):
    """What is to be changed of how documents are numbered; what is not sent stays."""

    pattern: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]+$")] | None = None
    restarts_each_year: bool | None = None
    in_date_order: bool | None = None


class NumberingList(Schema):
    """Every branch and type of document you may see."""

    items: list[NumberingShape]


@reads(router, "", need=SEES, answer=NumberingList)
def list_numbering(request: HttpRequest) -> NumberingList:
    """Return how documents are numbered; of series nobody set up, how they would be."""
    found = numberings(today=_today(), branches=list(_branches(request)))
    return NumberingList(items=[_shape(one) for one in found])


@changes(router, "/{branch}/{document_type}", need=WRITES, answer=NumberingShape)
def change_series(
    request: HttpRequest, branch: Path[Key], document_type: Path[DocumentType], wanted: NumberingChanges
) -> HttpResponse:
    """Number the documents of a type at a branch so from now on; what has a number keeps it."""
    get_object_or_404(_branches(request), code=branch)

    def act() -> NumberingShape:
        now = numbering_of(branch, document_type.value, today=_today())
        chosen = {
            name: getattr(now if getattr(wanted, name) is None else wanted, name)
            for name in NumberingChanges.model_fields
        }
        changed = change_numbering(branch=branch, document_type=document_type.value, today=_today(), **chosen)
        return _shape(changed)

    return once(request, act)


def _branches(request: HttpRequest) -> QuerySet[Branch]:
    return within_branches(Branch.objects.order_by("code"), user=user_of(request), path="pk")


def _today() -> date:
    return today(the_organisation().timezone)


def _shape(one: Numbering) -> NumberingShape:
    return NumberingShape(**{name: getattr(one, name) for name in NumberingShape.model_fields})
