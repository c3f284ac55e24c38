"""Customer groups, by which definitions can select."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import Id, Request
from counterfoil.flows.grouping_customers import remove_group, store_group
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import CustomerGroup as GroupRow

router = Router(tags=["customers"])
SEES = Need("customers:read")
CHANGES = Need("customers:write", frozenset({Role.BILLER}))


class CustomerGroup(Schema):
    """Billing customers that belong together; each is in one group at most."""

    id: int
    name: str


class CustomerGroupList(Schema):
    """All customer groups."""

    items: list[CustomerGroup]


class CustomerGroupWanted(Request):
    """A customer group to be added, or its new name."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]


class CustomerGroupRemoved(Schema):
    """A group that is no longer there, and how many customers were in it."""

    id: int
    customers: int


@reads(router, "", need=SEES, answer=CustomerGroupList)
def list_customer_groups(request: HttpRequest) -> CustomerGroupList:  # noqa: ARG001
    """Return all customer groups, by name."""
    return CustomerGroupList(items=[_shape(one) for one in GroupRow.objects.all()])


@does(router, "", need=CHANGES, answer=CustomerGroup, status=201)
def create_customer_group(request: HttpRequest, wanted: CustomerGroupWanted) -> HttpResponse:
    """Add a customer group."""
    return once(request, lambda: _shape(store_group(GroupRow(name=wanted.name))), status=201)


@changes(router, "/{group_id}", need=CHANGES, answer=CustomerGroup)
def rename_customer_group(
    request: HttpRequest, group_id: Path[Id], wanted: CustomerGroupWanted
) -> HttpResponse:
    """Rename a customer group; its customers and definitions stay with it."""

    def act() -> CustomerGroup:
        group = get_object_or_404(GroupRow, pk=group_id)
        group.name = wanted.name
        return _shape(store_group(group))

    return once(request, act)


@does(router, "/{group_id}/remove", need=CHANGES, answer=CustomerGroupRemoved)
def remove_customer_group(request: HttpRequest, group_id: Path[Id]) -> HttpResponse:
    """Take a customer group away that no definition selects; its customers are in none then."""

    def act() -> CustomerGroupRemoved:
        group = get_object_or_404(GroupRow, pk=group_id)
        return CustomerGroupRemoved(id=group_id, customers=remove_group(group))

    return once(request, act)


def _shape(group: GroupRow) -> CustomerGroup:
    return CustomerGroup(id=group.pk, name=group.name)
