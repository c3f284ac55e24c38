"""The customers of a run: what each is billed, what it was last time, and what became of it (product C3, C4).

Listed are those the run bills or holds something for, those it sets something aside for, and those billed last
time and not now. Nothing is kept for it: where a run has few documents their customers are looked up by keys; in a
large one nearly every customer is among them, and each is asked for as the page comes to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import (
    BillingException,
    CustomerVariance,
    Invoice,
    Run,
)
from counterfoil.records.keys import among
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.display import current_locale, money_text
from counterfoil.web.invoices.lists import REASONS
from counterfoil.web.lists import finding
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.counting import Many
from counterfoil.web.lists.listing import Empty, Listing, Noun

STATES = {
    "exception": State(_("Exception"), Tone.BAD),
    "held": State(_("Held"), Tone.WARNING),
    "in": State(_("In"), Tone.GOOD),
    "excluded": State(_("Excluded")),
    "gone": State(_("Not billed")),
}
"""What a customer is in a run: the first of them that is true of any of its documents, or of none of them."""

_COUNTS = Q(exclusion__isnull=True, void__isnull=True)
_OF_A_DIFFERENCE = ("currency", "before_minor", "difference_minor", "reason")


class CustomerFilters(django_filters.FilterSet):
    many: Many | None = None

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(name, state.word) for name, state in STATES.items()],
        empty_label=_("All"),
        method="in_state",
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason"),
        choices=[(name, state.word) for name, state in REASONS.items()],
        empty_label=_("All"),
        method="for_reason",
    )

    class Meta:
        model = BillingCustomer
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        """Return those of *rows* with a document in *state*, or an exception, or with nothing billed."""
        run = self._run()
        if state == "exception":
            return self._with_any(rows, BillingException.objects.filter(run=run, customer__isnull=False))
        documents = Invoice.objects.filter(run=run)
        if state == "gone":
            differing = CustomerVariance.objects.filter(comparison=run, now_minor=0, before_minor__gt=0)
            return self._with_any(rows, differing).filter(billed=None)
        ways = {
            "held": documents.filter(hold__isnull=False),
            "excluded": documents.filter(exclusion__isnull=False, exclusion__replaced_by__isnull=True),
            "in": documents.filter(_COUNTS, hold__isnull=True),
        }
        return self._with_any(rows, ways[state])

    def for_reason(self, rows: QuerySet[Any], _name: str, reason: str) -> QuerySet[Any]:
        """Return those of *rows* that differ from last time for *reason*."""
        differing = CustomerVariance.objects.filter(comparison=self._run(), reason=reason)
        return self._with_any(rows, differing)

    def _with_any(self, rows: QuerySet[Any], of_customers: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of *rows* that have any of *of_customers*: by their keys where they are few, else one by one."""
        keys = {key for (key,) in of_customers.order_by().values_list("customer")[: finding.FEW + 1]}
        if len(keys) <= finding.FEW:
            return among(rows, sorted(keys))
        customers = of_customers.order_by().values("customer").distinct()
        self.many = Many(customers, within=BillingCustomer.objects.all())
        one = of_customers.filter(customer=OuterRef("pk")).order_by("pk").values("pk")[:1]
        return rows.annotate(asked_for=Subquery(one)).filter(asked_for__isnull=False)

    def _run(self) -> int:
        return int(self.request.resolver_match.kwargs["key"])


def customers_of(run: Run, *, documents: int) -> QuerySet[BillingCustomer]:
    """Return the customers of *run*, of which it generated so many *documents*, with what they are sorted by."""
    own = Invoice.objects.filter(run=run, customer=OuterRef("pk")).order_by("pk")
    live = own.filter(_COUNTS)
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
    keys = _few(run) if documents <= finding.FEW else None
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
            counted=Count("pk", filter=_COUNTS),
            net=Sum("net_minor", filter=_COUNTS, default=0, output_field=BigIntegerField()),
            held=Count("pk", filter=_COUNTS & Q(hold__isnull=False)),
            excluded=Count("pk", filter=Q(exclusion__isnull=False, exclusion__replaced_by__isnull=True)),
        )
    ).values("row")


def _few(run: Run) -> list[int] | None:
    """Return the keys of the customers of *run*, None if they are many."""
    billed = Invoice.objects.filter(run=run).order_by().values_list("customer")
    compared = CustomerVariance.objects.filter(comparison=run.pk).order_by().values_list("customer")
    aside = BillingException.objects.filter(run=run, customer__isnull=False).order_by()
    found = [key for (key,) in billed.union(compared, aside.values_list("customer"))[: finding.FEW + 1]]
    return sorted(found) if len(found) <= finding.FEW else None


def tell(run: Run, rows: Sequence[Any]) -> None:
    """Put on *rows*, all customers of a page, what the columns show of what the run has of each."""
    for row in rows:
        own, before = row.by_currency, row.differences
        row.run_id = run.pk
        row.documents = sum(one["counted"] for one in own)
        row.state = _state(own, has_exceptions=bool(row.exceptions))
        row.now = _money((one["currency"], one["net"]) for one in own if one["counted"])
        row.last = _money((one["currency"], one["before_minor"]) for one in before)
        row.difference = _money((one["currency"], one["difference_minor"]) for one in before)
        row.reason = max(before, key=lambda one: abs(one["difference_minor"]))["reason"] if before else ""


def _state(documents: Sequence[dict[str, Any]], *, has_exceptions: bool) -> str:
    if has_exceptions:
        return "exception"
    for name, state in (("held", "held"), ("counted", "in"), ("excluded", "excluded")):
        if any(one[name] for one in documents):
            return state
    return "gone"


def _money(amounts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(money_text(minor, code, locale=current_locale()) for code, minor in amounts)


def _within(name: str, row: Any, words: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = words
    return f"{reverse(name, args=[row.run_id])}?{query.urlencode()}"


CUSTOMERS_OF_RUN = Listing(
    name="customers-of-run",
    noun=Noun(_("customer"), _("customers")),
    columns=(
        Column(
            name="account",
            label=_("Account"),
            kind=Kind.CODE,
            link="customer",
            sort=("account",),
            index="unique",
        ),
        Column(name="name", label=_("Customer"), link="customer", sort=("name",), index="customer_by_name"),
        Column(name="state", label=_("State"), kind=Kind.STATE, states=STATES),
        Column(
            name="documents",
            label=_("Invoices"),
            kind=Kind.COUNT,
            link=lambda row: _within("run", row, row.account),
        ),
        Column(name="now", label=_("Net"), is_figure=True, sort=("now_minor",)),
        Column(name="last", label=_("Last time"), is_figure=True, sort=("last_minor",)),
        Column(
            name="difference",
            label=_("Difference"),
            is_figure=True,
            sort=("difference_minor",),
            link=lambda row: _within("run-variance", row, row.account),
        ),
        Column(name="reason", label=_("Reason"), kind=Kind.STATE, states=REASONS),
        Column(
            name="exceptions",
            label=_("Exceptions"),
            kind=Kind.COUNT,
            link=lambda row: _within("run-exceptions", row, row.account),
        ),
    ),
    default_sort="account",
    filters=CustomerFilters,
    search=("name__icontains", "account__istartswith"),
    search_hint=_("Customer, account"),
    template="runs/review.html",
    empty=Empty(
        title=_("No customers"),
        explanation=_("This run bills nobody: nothing was due by its cut-off."),
    ),
)
