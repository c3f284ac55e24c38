"""Exceptions: what a run could not bill, with its reason and its remedy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import does, reads
from counterfoil.api.seeing import seen_runs
from counterfoil.api.shapes import BillingDate, DecimalText, Id, Key, Reason, Request
from counterfoil.clock import now
from counterfoil.core.money import format_minor
from counterfoil.flows.billing.confirming import confirm, would_bill
from counterfoil.records.billing.models import VISIBLE_STATUSES, BillingException
from counterfoil.records.organisation.models import Role

router = Router(tags=["exceptions"])
SEES = Need("exceptions:read")
CONFIRMS = Need("runs:write", frozenset({Role.BILLER}))


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


class ExceptionAhead(ExceptionShape):
    """An exception with what confirming it would bill, net; null where that cannot be said, or nothing is owed."""

    would_bill_currency: str | None
    would_bill_net: DecimalText | None


@reads(router, "/{exception_id}", need=SEES, answer=ExceptionAhead)
def get_exception(request: HttpRequest, exception_id: Path[Id]) -> ExceptionAhead:
    """Return one exception, with what confirming it would bill where it is about a long unbilled past."""
    found = get_object_or_404(seen_exceptions(request).select_related("run"), pk=exception_id)
    ahead = would_bill([found]).get(found.pk)
    currency = ahead.currency if ahead else ""
    return ExceptionAhead(
        **exception_shape(found).model_dump(),
        would_bill_currency=currency or None,
        would_bill_net=format_minor(ahead.net_minor, currency) if ahead and currency else None,
    )


class ConfirmationWanted(Request):
    """Why the periods are owed, and the first day no longer confirmed; null: the run's cut-off."""

    reason: Reason
    ends_before: BillingDate | None = None


class Confirmed(Schema):
    """The charge whose unbilled periods are billed by the next run, as far as they end by `ends_before`."""

    charge: str
    ends_before: date


@does(router, "/{exception_id}/confirm", need=CONFIRMS, answer=Confirmed)
def confirm_exception(
    request: HttpRequest, exception_id: Path[Id], wanted: ConfirmationWanted
) -> HttpResponse:
    """Confirm that many unbilled past periods of a charge are owed; the next run bills them."""
    get_object_or_404(seen_exceptions(request), pk=exception_id)

    def act() -> Confirmed:
        [done] = confirm(
            [exception_id],
            reason=wanted.reason,
            by=user_of(request),
            now=now(),
            ends_before=wanted.ends_before,
        )
        return Confirmed(charge=done.charge, ends_before=done.ends_before)

    return once(request, act)


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
