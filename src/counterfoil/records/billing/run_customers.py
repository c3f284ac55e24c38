"""The customers of a run: what each is billed, what it was last time, and what became of it (product C3, C4).

Listed are those the run bills or holds something for, those it sets something aside for, and those billed last
time and not now. Nothing is kept for it: where a run has few documents their customers are looked up by keys; in a
large one nearly every customer is among them, and each is asked for as the page comes to it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject

from counterfoil.records.billing.models import BillingException, CustomerVariance, Invoice, Run
from counterfoil.records.keys import among
from counterfoil.records.parties.models import BillingCustomer

FEW = 10_000
"""So many customers are looked up by their keys."""

COUNTS = Q(exclusion__isnull=True, void__isnull=True)
"""Which documents count: those that nobody took out."""

_OF_A_DIFFERENCE = ("currency", "before_minor", "difference_minor", "reason")


def customers_of(run: Run, *, documents: int) -> QuerySet[BillingCustomer]:
    """Return the customers of *run*, of which it generated so many *documents*, with what they are sorted by."""
    own = Invoice.objects.filter(run=run, customer=OuterRef("pk")).order_by("pk")
    live = own.filter(COUNTS)
    differing = CustomerVariance.objects.filter(comparison=run.pk, customer=OuterRef("pk")).order_by(
        "currency"
    )
    aside = BillingException.objects.filter(run=run, customer=OuterRef("pk")).order_by("pk")
    rows = BillingCustomer.objects.annotate(
        # One value a customer, asked for as the page comes to it: what a planner would read of a whole run for EXISTS.
        documented=Subquery(own.values("pk")[:1]),
        compared=Subquery(differing.values("pk")[:1]),
        set_aside=Subquery(aside.values("pk")[:1]),
        billed=Subquery(live.values("pk")[:1]),
        now_minor=_or_nothing(
            live.order_by().values("customer").annotate(net=Sum("net_minor")).values("net")[:1]
        ),
        last_minor=_or_nothing(differing.values("before_minor")[:1]),
        difference_minor=_or_nothing(differing.values("difference_minor")[:1]),
        # And what the page shows of each, all currencies of it.
        by_currency=ArraySubquery(_by_currency(own)),
        differences=ArraySubquery(
            differing.values_list(JSONObject(**{name: name for name in _OF_A_DIFFERENCE}))
        ),
        exceptions=Subquery(aside.order_by().values("customer").annotate(n=Count("pk")).values("n")),
    )
    keys = _few(run) if documents <= FEW else None
    if keys is not None:
        return among(rows, keys)
    is_here = Q(documented__isnull=False) | Q(compared__isnull=False) | Q(set_aside__isnull=False)
    return rows.filter(is_here)


def _or_nothing(amount: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(amount), 0, output_field=BigIntegerField())


def _by_currency(documents: QuerySet[Invoice]) -> QuerySet[Any, Any]:
    """Return of *documents* by currency how many count, their net, how many are held and how many excluded."""
    summed = documents.order_by("currency").values("currency")
    return summed.annotate(
        row=JSONObject(
            currency="currency",
            counted=Count("pk", filter=COUNTS),
            net=Sum("net_minor", filter=COUNTS, default=0, output_field=BigIntegerField()),
            held=Count("pk", filter=COUNTS & Q(hold__isnull=False)),
            excluded=Count("pk", filter=Q(exclusion__isnull=False, exclusion__replaced_by__isnull=True)),
        )
    ).values("row")


def _few(run: Run) -> list[int] | None:
    """Return the keys of the customers of *run*, None if they are many."""
    billed = Invoice.objects.filter(run=run).order_by().values_list("customer")
    compared = CustomerVariance.objects.filter(comparison=run.pk).order_by().values_list("customer")
    aside = BillingException.objects.filter(run=run, customer__isnull=False).order_by()
    found = [key for (key,) in billed.union(compared, aside.values_list("customer"))[: FEW + 1]]
    return sorted(found) if len(found) <= FEW else None


def documents_of(run: Run) -> int:
    """Return how many documents *run* generated, counted up to where they are not few any more."""
    return Invoice.objects.filter(run=run)[: FEW + 1].count()


def state_in_run(customer: Any) -> str:
    """Return what one of `customers_of` is in the run: the first that is true of any of its documents, or of none."""
    if customer.exceptions:
        return "exception"
    for name, state in (("held", "held"), ("counted", "in"), ("excluded", "excluded")):
        if any(one[name] for one in customer.by_currency):
            return state
    return "gone"


def main_reason(customer: Any) -> str:
    """Return why one of `customers_of` is billed otherwise than last time: of its largest difference, "" for none."""
    found = max(customer.differences, key=lambda one: abs(one["difference_minor"]), default=None)
    return found["reason"] if found else ""
