"""The exceptions: an inbox grouped by what to do, each with a link to what is to be mended."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from counterfoil.core.findings import FindingCode
from counterfoil.records.billing.models import BillingException, RunStatus
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page

MOST_KINDS = 30


def words_of(code: str) -> str:
    """Return an exception's code as words: "No price"."""
    return code.replace("_", " ").capitalize()


def object_of(row: BillingException) -> str:
    """Return what the exception is about: its charge, else its client, else its customer."""
    return str(row.charge or row.client or row.customer or "the run")


def address_of(row: BillingException) -> str:
    """Return the page where it is mended."""
    if row.charge_id:
        return reverse("charge", args=[row.charge_id])
    if row.client_id:
        return reverse("client", args=[row.client_id])
    return reverse("customer", args=[row.customer_id]) if row.customer_id else ""


class ExceptionFilters(django_filters.FilterSet):
    code = django_filters.ChoiceFilter(
        label="Kind", choices=[(code.value, words_of(code)) for code in FindingCode], empty_label="All"
    )

    class Meta:
        model = BillingException
        fields: list[str] = []


def _listing(name: str, **more: Any) -> Listing:
    return Listing(
        name=name,
        noun=Noun("exception", "exceptions"),
        columns=(
            Column(
                name="id", label="About", value=object_of, link=address_of, sort=("pk",), index="primary key"
            ),
            Column(name="code", label="Kind", value=lambda row: words_of(row.code), sort=("code",)),
            Column(name="message", label="What happened"),
            Column(name="remedy", label="What to do"),
            Column(name="client", label="Client", value="client.name"),
            Column(
                name="run",
                label="Run",
                kind=Kind.CODE,
                value="run_id",
                link=lambda row: reverse("run", args=[row.run_id]),
            ),
        ),
        default_sort="-id",
        filters=ExceptionFilters,
        search=("message__icontains", "charge__key__istartswith", "client__name__icontains"),
        search_hint="Words, charge, client",
        empty=Empty(
            title="No exceptions",
            explanation="Everything that was due could be billed. What cannot be billed is listed here, with a remedy.",
        ),
        **more,
    )


EXCEPTIONS = _listing("exceptions", template="exceptions/exceptions.html")
EXCEPTIONS_OF_RUN = _listing("exceptions-of-run", template="runs/review.html")


def seen(user: Any) -> QuerySet[BillingException]:
    """Return the exceptions of runs in review or later that *user* may see, of each definition's newest runs."""
    from counterfoil.web.runs.seeing import runs_seen_by

    runs = runs_seen_by(user).exclude(status__in=[RunStatus.GENERATING, RunStatus.ABANDONED])
    newest = runs.order_by().values("title").annotate(newest=Max("pk")).values("newest")
    return BillingException.objects.filter(run__in=newest)


@needs(Role.VIEWER)
def exceptions(request: HttpRequest) -> HttpResponseBase:
    """List what the newest runs could not bill, with how many of each kind."""
    rows = seen(request.user)
    kinds = (
        rows.order_by().values("code").annotate(count=Count("pk"), remedy=Max("remedy")).order_by("-count")
    )
    context = {
        "kinds": [{**kind, "words": words_of(kind["code"])} for kind in kinds[:MOST_KINDS]],
        "chosen": request.GET.get("code", ""),
    }
    listed = rows.select_related("charge", "customer", "client", "run")
    return list_page(request, listing=EXCEPTIONS, queryset=listed, title="Exceptions", context=context)
