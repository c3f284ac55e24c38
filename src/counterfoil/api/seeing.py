"""What the person behind a token sees: the rows of their branches, or all if they were given none."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from counterfoil.api.auth import user_of
from counterfoil.api.errors import NotAllowed
from counterfoil.clock import today
from counterfoil.records.billing.consolidating_queries import with_billing_due
from counterfoil.records.billing.models import BatchDefinition, Invoice, Run
from counterfoil.records.billing.queries import visible_invoices
from counterfoil.records.organisation.queries import NotInstalled, given_branches, surroundings_of

AnyModel = TypeVar("AnyModel", bound=Model)


def seen(rows: QuerySet[AnyModel], *, request: HttpRequest, path: str = "branch") -> QuerySet[AnyModel]:
    """Return those of *rows* whose branch, found at *path*, the person sees."""
    given = seen_branches(request)
    return rows.filter(**{f"{path}__in": given}) if given else rows


def seen_runs(request: HttpRequest) -> QuerySet[Run]:
    """Return the runs the person sees; somebody limited to branches sees the runs of one of these alone."""
    rows = Run.objects.select_related("definition", "generated_by", "authorised_by")
    return seen(rows, request=request, path="selection__branch_id")


def seen_invoices(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the invoices the person sees, with all that lies beside them."""
    rows = visible_invoices().select_related(
        "run", "customer", "branch", "hold", "exclusion", "number", "void", "credits__number"
    )
    return seen(with_billing_due(rows), request=request)


def check_definition_seen(request: HttpRequest, definition: BatchDefinition, *, scope: str) -> None:
    """Raise `NotAllowed` if running *definition* would bill branches that the person does not see."""
    given = seen_branches(request)
    if given and definition.branch_id not in given:
        raise NotAllowed(reason="its user is limited to branches, and the definition is not", scope=scope)


def today_of(request: HttpRequest) -> date:
    """Return today's civil date where the organisation is. Raises `NotInstalled`."""
    organisation = surroundings_of(user_of(request)).organisation
    if organisation is None:
        raise NotInstalled
    return today(organisation.timezone)


def seen_branches(request: HttpRequest) -> list[int]:
    """Return the ids of the branches the person was given; none means that all are seen."""
    return given_branches(user_of(request))
