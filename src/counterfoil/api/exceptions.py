"""Exceptions: what a run could not bill, with its reason and its remedy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.routes import reads
from counterfoil.api.seeing import seen_runs
from counterfoil.api.shapes import Id, Key
from counterfoil.records.billing.models import VISIBLE_STATUSES, BillingException

router = Router(tags=["exceptions"])
SEES = Need("exceptions:read")


class ExceptionShape(Schema):
    """Something that could not be billed: `message` says why, `remedy` what to do about it."""

    id: int
    run: int
    code: str
    message: str
    remedy: str
    charge: str | None
    customer: str | None
    client: str | None


class ExceptionFilter(Schema):
    """Which exceptions are asked for."""

    run: Id | None = None
    code: Key | None = None


@reads(router, "", need=SEES, answer=Page[ExceptionShape])
def list_exceptions(
    request: HttpRequest, wanted: Query[ExceptionFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the exceptions of the runs you may see, oldest first; of one run or one code."""
    rows = seen_exceptions(request)
    if wanted.run is not None:
        rows = rows.filter(run_id=wanted.run)
    if wanted.code is not None:
        rows = rows.filter(code=wanted.code)
    return page_of(rows, paging=paging, shape=exception_shape)


def seen_exceptions(request: HttpRequest) -> Any:
    """Return the exceptions of the runs the person sees, once these are generated."""
    runs = seen_runs(request).filter(status__in=VISIBLE_STATUSES)
    rows = BillingException.objects.select_related("charge", "customer", "client")
    return rows.filter(run__in=runs.values("pk"))


def exception_shape(found: BillingException) -> ExceptionShape:
    """Return an exception as the API shows it."""
    return ExceptionShape(
        id=found.pk,
        run=found.run_id,
        code=found.code,
        message=found.message,
        remedy=found.remedy,
        charge=found.charge.key if found.charge else None,
        customer=found.customer.account if found.customer else None,
        client=found.client.code if found.client else None,
    )
