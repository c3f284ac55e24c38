"""The customers of a run: what each is billed, what it was last time, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen, seen_runs
from counterfoil.api.shapes import DecimalText, Id, Key
from counterfoil.core.money import format_minor
from counterfoil.records.billing.run_customers import (
    customers_of,
    documents_of,
    main_reason,
    state_in_run,
)

router = Router(tags=["runs"])
SEES = Need("invoices:read")


class AmountOfRun(Schema):
    """What a customer is billed in one currency: documents that count, their net, and those held and excluded."""

    currency: str
    documents: int
    net: DecimalText
    held: int
    excluded: int


class Difference(Schema):
    """How a customer's net differs from the run before, and what makes most of it."""

    currency: str
    before: DecimalText
    difference: DecimalText
    reason: str


class CustomerOfRun(Schema):
    """A customer in a run: `exception`, `held`, `in`, `excluded`, or `gone` where it was billed last time alone."""

    id: int
    account: str
    name: str
    state: str
    amounts: list[AmountOfRun]
    differences: list[Difference]
    reason: str
    exceptions: int


class CustomerFilter(Schema):
    """Which customers are asked for."""

    account: Key | None = None


@reads(router, "/{run_id}/customers", need=SEES, answer=Page[CustomerOfRun])
def list_customers_of_run(
    request: HttpRequest, run_id: Path[Id], wanted: Query[CustomerFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the customers that a run bills, holds or sets something aside for, or that the one before billed."""
    run = get_object_or_404(seen_runs(request), pk=run_id)
    rows = seen(customers_of(run, documents=documents_of(run)), request=request)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    return page_of(rows, paging=paging, shape=_shape)


def _shape(customer: Any) -> CustomerOfRun:
    return CustomerOfRun(
        id=customer.pk,
        account=customer.account,
        name=customer.name,
        state=state_in_run(customer),
        amounts=[
            AmountOfRun(
                currency=one["currency"],
                documents=one["counted"],
                net=format_minor(one["net"], one["currency"]),
                held=one["held"],
                excluded=one["excluded"],
            )
            for one in customer.by_currency
        ],
        differences=[
            Difference(
                currency=one["currency"],
                before=format_minor(one["before_minor"], one["currency"]),
                difference=format_minor(one["difference_minor"], one["currency"]),
                reason=one["reason"],
            )
            for one in customer.differences
        ],
        reason=main_reason(customer),
        exceptions=customer.exceptions or 0,
    )
