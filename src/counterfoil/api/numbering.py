"""How documents are numbered, by branch and type (billing-rules 7.2)."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.routes import reads
from counterfoil.clock import today
from counterfoil.flows.numbering import numberings
from counterfoil.records.organisation.models import Branch
from counterfoil.records.organisation.queries import the_organisation, within_branches

router = Router(tags=["numbering"])
SEES = Need("organisation:read")


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


class NumberingList(Schema):
    """Every branch and type of document you may see."""

    items: list[NumberingShape]


@reads(router, "", need=SEES, answer=NumberingList)
def list_numbering(request: HttpRequest) -> NumberingList:
    """Return how documents are numbered; of series nobody set up, how they would be."""
    branches = within_branches(Branch.objects.order_by("code"), user=user_of(request), path="pk")
    found = numberings(today=today(the_organisation().timezone), branches=list(branches))
    shown = NumberingShape.model_fields
    return NumberingList(
        items=[NumberingShape(**{name: getattr(one, name) for name in shown}) for one in found]
    )
