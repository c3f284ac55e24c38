"""Batch definitions: the saved descriptions of runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.shapes import Key
from counterfoil.records.billing.models import BatchDefinition

router = Router(tags=["definitions"])
SEES = Need("definitions:read")


class Definition(Schema):
    """What a run selects, how it groups, and where it sends. `branch` null: every branch."""

    id: int
    name: str
    title: str
    kinds: list[str]
    payer: str
    branch: str | None
    grouping: str
    amalgamated: bool
    keeps_zero: bool
    credit_basis: str
    past_periods_allowed: int
    connector: str
    send_email: bool
    authorised: bool
    is_active: bool


@reads(router, "", need=SEES, answer=Page[Definition])
def list_definitions(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return the batch definitions, oldest first."""
    return page_of(BatchDefinition.objects.select_related("branch"), paging=paging, shape=_shape)


@reads(router, "/{name}", need=SEES, answer=Definition)
def get_definition(request: HttpRequest, name: Path[Key]) -> Definition:  # noqa: ARG001
    """Return the batch definition with that name."""
    return _shape(get_object_or_404(BatchDefinition.objects.select_related("branch"), name=name))


def _shape(definition: BatchDefinition) -> Definition:
    plain = {name: getattr(definition, name) for name in Definition.model_fields if name != "branch"}
    return Definition(**plain, branch=definition.branch.code if definition.branch else None)
