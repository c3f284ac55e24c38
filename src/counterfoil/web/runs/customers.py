"""The list of the customers of a run: what each is billed, what it was last time, what became of it (C3, C4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import (
    BillingException,
    CustomerVariance,
    Invoice,
    Run,
)
from counterfoil.records.billing.run_customers import COUNTS, main_reason, state_in_run
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


class CustomerFilters(django_filters.FilterSet):
    """Those of the customers of a run; `many` where what is asked for leaves more than few of them."""

    _many: Many | None = None
    _leaves_few = False

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
            "in": documents.filter(COUNTS, hold__isnull=True),
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
            self._leaves_few = True
            return among(rows, sorted(keys))
        customers = of_customers.order_by().values("customer").distinct()
        self._many = Many(customers, within=BillingCustomer.objects.all())
        one = of_customers.filter(customer=OuterRef("pk")).order_by("pk").values("pk")[:1]
        return rows.annotate(asked_for=Subquery(one)).filter(asked_for__isnull=False)

    @property
    def many(self) -> Many | None:
        """Return what the filters left, if none of them left few."""
        return None if self._leaves_few else self._many

    def _run(self) -> int:
        return int(self.request.resolver_match.kwargs["key"])


def tell(run: Run, rows: Sequence[Any]) -> None:
    """Put on *rows*, all customers of a page, what the columns show of what the run has of each."""
    for row in rows:
        own, before = row.by_currency, row.differences
        row.run_id = run.pk
        row.documents = sum(one["counted"] for one in own)
        row.state = state_in_run(row)
        row.now = _money((one["currency"], one["net"]) for one in own if one["counted"])
        row.last = _money((one["currency"], one["before_minor"]) for one in before)
        row.difference = _money((one["currency"], one["difference_minor"]) for one in before)
        row.reason = main_reason(row)


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
