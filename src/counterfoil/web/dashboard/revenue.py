"""Recurring revenue, 13 months: what was issued by kind of charge or by dealer, and what waits to be issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.records.billing import sums
from counterfoil.records.billing.models import DocumentType, IssuedRevenue, Run
from counterfoil.records.billing.sums import CREDITED, Revenue
from counterfoil.records.catalog.models import Kind
from counterfoil.web.display import current_locale, month_text
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.charts import Series, bars

MONTHS_SHOWN = 13
MOST_SERIES = 6
WAITING, OTHERS = "waiting", "others"
KINDS_IN_ORDER = (*Kind.values, CREDITED)
DOCUMENTS_OF = {
    Kind.SERVICE: DocumentType.CONTRACT,
    Kind.ACTIVATION: DocumentType.SERVICE,
    Kind.WORK_ORDER: DocumentType.SERVICE,
    Kind.DISPATCH: DocumentType.SERVICE,
    Kind.SALE: DocumentType.SALES,
    CREDITED: DocumentType.CREDIT_NOTE,
}


@dataclass(frozen=True)
class Row:
    """One month of the table: what each column comes to, and all of them."""

    month: date
    address: str
    cells: Sequence[tuple[int, str]]
    total: int


def revenue_panel(
    request: HttpRequest, *, today: date, waiting: Sequence[Run], currency: str
) -> dict[str, Any]:
    """Return the chart and the table of what was issued, in the currency and by what the address asks for."""
    months = sums.first_of_months(today, months=MONTHS_SHOWN)
    by = "dealer" if request.GET.get("by") == "dealer" else "kind"
    kept = sight_of(request).limits(IssuedRevenue.objects.all())
    found = (sums.by_dealer if by == "dealer" else sums.by_kind)(kept, since=months[0])
    expected = _expected(waiting)
    currencies = sorted({row.currency for row in found} | {code for _month, code in expected})
    asked = request.GET.get("currency", "")
    chosen = asked if asked in currencies else (currency if currency in currencies else "")
    chosen = chosen or (currencies[0] if currencies else currency)
    columns = _columns([row for row in found if row.currency == chosen], by=by)
    drafts = {month: amount for (month, code), amount in expected.items() if code == chosen}
    if any(month in drafts for month in months):
        columns.append(
            (WAITING, gettext("Waiting, as generated"), drafts, dict.fromkeys(drafts, _address_of_waiting()))
        )
    return {
        "by": by,
        "currency": chosen,
        "currencies": currencies,
        "names": [name for _key, name, _amounts, _addresses in columns],
        "rows": _rows(months, columns),
        "chart": _chart(months, columns, currency=chosen),
        "total": sum(amount for _k, _n, amounts, _a in columns for amount in amounts.values()),
    }


Column = tuple[str, str, Mapping[date, int], Mapping[date, str]]


def _columns(found: Sequence[Revenue], *, by: str) -> list[Column]:
    """Return the kinds in their order, or the dealers that come to most and the others together."""
    weights: dict[str, int] = {}
    for row in found:
        weights[row.key] = weights.get(row.key, 0) + abs(row.net_minor)
    if by == "kind":
        keys = [key for key in KINDS_IN_ORDER if key in weights]
    else:
        keys = sorted(weights, key=lambda key: (-weights[key], key))[:MOST_SERIES]
    names = {row.key: row.name for row in found}
    columns: list[Column] = []
    for key in keys:
        mine = [row for row in found if row.key == key]
        amounts = {row.month: row.net_minor for row in mine}
        columns.append((key, names[key], amounts, {row.month: _address_of(row, by=by) for row in mine}))
    rest: dict[date, int] = {}
    for row in found:
        if row.key not in keys:
            rest[row.month] = rest.get(row.month, 0) + row.net_minor
    if rest:
        columns.append((OTHERS, gettext("Other dealers"), rest, dict.fromkeys(rest, reverse("dealers"))))
    return columns


def _rows(months: Sequence[date], columns: Sequence[Column]) -> list[Row]:
    return [
        Row(
            month=month,
            address=address_of_month(month),
            cells=[(amounts.get(month, 0), places.get(month, "")) for _k, _n, amounts, places in columns],
            total=sum(amounts.get(month, 0) for _k, _n, amounts, _p in columns),
        )
        for month in months
    ]


def _chart(months: Sequence[date], columns: Sequence[Column], *, currency: str) -> dict[str, Any]:
    return bars(
        labels=[month_text(month, locale=current_locale()) for month in months],
        currency=currency,
        series=[
            Series(
                name=name,
                amounts=[amounts.get(month, 0) for month in months],
                addresses=[places.get(month, "") for month in months],
                is_pale=key == WAITING,
            )
            for key, name, amounts, places in columns
        ],
    )


def _expected(waiting: Sequence[Run]) -> dict[tuple[date, str], int]:
    """Return what the *waiting* runs came to when they were generated, by the month of their date and currency."""
    found: dict[tuple[date, str], int] = {}
    for run in waiting:
        for total in run.came_to:  # type: ignore[attr-defined]
            place = (run.invoice_date.replace(day=1), total["currency"])
            found[place] = found.get(place, 0) + total["net_minor"]
    return found


def _address_of(row: Revenue, *, by: str) -> str:
    if by == "kind":
        return address_of_month(row.month, document_type=DOCUMENTS_OF.get(row.key, ""))  # type: ignore[call-overload]
    return reverse("dealer", args=[row.dealer_id]) if row.dealer_id else address_of_month(row.month)


def _address_of_waiting() -> str:
    return f"{reverse('invoices')}?state=draft"


def address_of_month(month: date, **filters: str) -> str:
    """Return the list of the issued documents dated in *month*, narrowed by *filters*."""
    next_month = (month + timedelta(days=32)).replace(day=1)
    narrowed = {"state": "issued", "since": month, "until": next_month - timedelta(days=1), **filters}
    return f"{reverse('invoices')}?{urlencode(narrowed)}"
