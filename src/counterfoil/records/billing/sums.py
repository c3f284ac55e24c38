"""What was issued, month by month, and what is due when: read from the kept sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet, Sum
from django.db.models.functions import JSONObject

from counterfoil.core.money import STEPS, round_ratio
from counterfoil.records.billing.models import DocumentType
from counterfoil.records.billing.summing import IssuedDue, IssuedRevenue, RecurringRevenue
from counterfoil.records.catalog.models import Kind

CREDITED = "credited"
DIRECT = ""
AGES = (0, 30, 60, 90)
"""Days overdue up to which each age reaches; the last age has no end."""


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """Net of one month, currency, and kind of charge or dealer: `key` is the kind or the dealer's code.

    Credit notes are of the kind `CREDITED`, clients without a dealer `DIRECT`. `dealer_id` is set by dealer only.
    """

    month: date
    key: str
    name: str
    currency: str
    net_minor: int
    dealer_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Age:
    """What is due from [`due_from`, `due_until`], both included, None being open: gross and documents."""

    due_from: date | None
    due_until: date | None
    currency: str
    gross_minor: int
    documents: int


def first_of_months(today: date, *, months: int) -> list[date]:
    """Return the first days of the *months* that end with that of *today*, in order."""
    this = today.year * 12 + today.month - 1
    return [date(count // 12, count % 12 + 1, 1) for count in range(this - months + 1, this + 1)]


def by_kind(rows: QuerySet[IssuedRevenue], *, since: date) -> list[Revenue]:
    """Return what was issued from *since* on by month, kind and currency, credit notes as a kind of their own."""
    found: dict[tuple[date, str, str], int] = {}
    summed = _since(rows, since).values_list("month", "document_type", "kind", "currency")
    for month, document_type, kind, currency, net in summed.annotate(net=Sum("net_minor")):
        place = (month, CREDITED if document_type == DocumentType.CREDIT_NOTE else kind, currency)
        found[place] = found.get(place, 0) + int(net)
    names = {**dict(Kind.choices), CREDITED: "Credited"}
    return [
        Revenue(month=month, key=key, name=str(names.get(key, key)), currency=currency, net_minor=net)
        for (month, key, currency), net in sorted(found.items())
    ]


def by_dealer(rows: QuerySet[IssuedRevenue], *, since: date) -> list[Revenue]:
    """Return what was issued, less what was credited, from *since* on by month, dealer and currency."""
    summed = _since(rows, since).values_list("month", "dealer__code", "dealer__name", "currency", "dealer_id")
    return [
        Revenue(
            month=month,
            key=code or DIRECT,
            name=name or "Direct",
            currency=currency,
            net_minor=int(net),
            dealer_id=dealer_id,
        )
        for month, code, name, currency, dealer_id, net in summed.annotate(net=Sum("net_minor")).order_by(
            "month", "dealer__code", "currency"
        )
    ]


def monthly_by_kind(rows: QuerySet[RecurringRevenue], *, since: date, until: date) -> list[Revenue]:
    """Return what recurring charges were a month, net, in each month from *since* to *until*, by kind and currency."""
    summed = _between(rows, since, until).values_list("month", "kind", "currency")
    names = dict(Kind.choices)
    return [
        Revenue(
            month=month,
            key=kind,
            name=str(names.get(kind, kind)),
            currency=currency,
            net_minor=round_ratio(int(steps), STEPS),
        )
        for month, kind, currency, steps in summed.annotate(steps=Sum("monthly_steps")).order_by(
            "month", "kind", "currency"
        )
    ]


def monthly_by_dealer(rows: QuerySet[RecurringRevenue], *, since: date, until: date) -> list[Revenue]:
    """The same by dealer and currency."""
    summed = _between(rows, since, until).values_list(
        "month", "dealer__code", "dealer__name", "currency", "dealer_id"
    )
    return [
        Revenue(
            month=month,
            key=code or DIRECT,
            name=name or "Direct",
            currency=currency,
            net_minor=round_ratio(int(steps), STEPS),
            dealer_id=dealer_id,
        )
        for month, code, name, currency, dealer_id, steps in summed.annotate(
            steps=Sum("monthly_steps")
        ).order_by("month", "dealer__code", "currency")
    ]


def monthly_of_dealer(rows: QuerySet[RecurringRevenue], *, dealer: Any, month: date) -> ArraySubquery:
    """Return, for a query of dealers, what of *rows* the charges of clients of *dealer* are a month in *month*.

    It is by currency; `in_minor` makes amounts of it.
    """
    found = rows.filter(dealer=dealer, month=month).order_by("currency").values("currency")
    return ArraySubquery(
        found.annotate(steps=Sum("monthly_steps")).values(json=JSONObject(currency="currency", steps="steps"))
    )


def in_minor(recurring: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what `monthly_of_dealer` found in minor units, rounded."""
    return [
        {"currency": one["currency"], "minor": round_ratio(int(one["steps"]), STEPS)} for one in recurring
    ]


def _between(rows: QuerySet[RecurringRevenue], since: date, until: date) -> QuerySet[RecurringRevenue]:
    """Return the *rows* of the months from *since* to *until*: what is billed in advance is of months to come, too."""
    return rows.filter(month__gte=since, month__lte=until).order_by()


def _since(rows: QuerySet[IssuedRevenue], since: date) -> QuerySet[IssuedRevenue]:
    return rows.filter(month__gte=since).order_by()


def ages(rows: QuerySet[IssuedDue], *, today: date) -> list[Age]:
    """Return what was issued by how long it is overdue on *today*: not yet, up to 30, 60, 90 days, and longer.

    All ages of a currency are there, and only currencies in which something was issued. Nothing is taken off for
    payments: Counterfoil does not know them.
    """
    summed: dict[str, list[tuple[date, int, int]]] = {}
    per_day = rows.order_by("currency").values_list("currency", "due_on")
    for currency, due_on, gross, documents in per_day.annotate(g=Sum("gross_minor"), d=Sum("documents")):
        summed.setdefault(currency, []).append((due_on, int(gross), int(documents)))
    return [
        _age(days, currency=currency, due_from=start, due_until=end)
        for currency, days in summed.items()
        for start, end in _ranges(today)
    ]


def _ranges(today: date) -> list[tuple[date | None, date | None]]:
    """Return the days that each age covers, both included, the youngest age first."""
    ends = [today - timedelta(days=days) for days in AGES]
    before = [end - timedelta(days=1) for end in ends]
    return [(ends[0], None), *zip(ends[1:], before[:-1], strict=True), (None, before[-1])]


def _age(
    days: Sequence[tuple[date, int, int]], *, currency: str, due_from: date | None, due_until: date | None
) -> Age:
    within = [
        (gross, documents)
        for due_on, gross, documents in days
        if (due_from is None or due_on >= due_from) and (due_until is None or due_on <= due_until)
    ]
    return Age(
        due_from=due_from,
        due_until=due_until,
        currency=currency,
        gross_minor=sum(gross for gross, _documents in within),
        documents=sum(documents for _gross, documents in within),
    )
