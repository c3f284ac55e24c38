"""Recurring revenue, 13 months: what was issued by kind of charge or by dealer, and what waits to be issued."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.records.billing import sums
from counterfoil.records.billing.models import DocumentType, IssuedRevenue, RecurringRevenue, Run
from counterfoil.records.billing.sums import CREDITED, Revenue
from counterfoil.records.catalog.models import Kind
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale, current_zone, month_text
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.charts import Series, bars
from counterfoil.web.lists.columns import Column as FileColumn
from counterfoil.web.lists.columns import Kind as Holds
from counterfoil.web.lists.export import csv_response

MONTHS_SHOWN = 13
MOST_SERIES = 6
WAITING, OTHERS = "waiting", "others"
MONTHLY = "monthly"
STILL_BILLED = 2
"""Of the present month and the one before charges in arrears are billed later, so what recurs then is not whole."""

FILE_COLUMNS = (
    FileColumn(name="month", label=_("Month"), kind=Holds.DATE),
    FileColumn(name="key", label=_("Code"), kind=Holds.CODE),
    FileColumn(name="name", label=_("Name")),
    FileColumn(name="net_minor", label=_("Net"), kind=Holds.MONEY, currency="currency"),
)
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
    by, is_monthly = _asked(request)
    found = _found(request, months=months)
    expected = {} if is_monthly else _expected(waiting)
    currencies = sorted({row.currency for row in found} | {code for _month, code in expected})
    asked = request.GET.get("currency", "")
    chosen = asked if asked in currencies else (currency if currency in currencies else "")
    chosen = chosen or (currencies[0] if currencies else currency)
    address = _page_of_dealer if is_monthly else _address_by_dealer if by == "dealer" else _address_by_kind
    shown = [row for row in found if row.currency == chosen]
    if is_monthly:
        expected = _so_far(shown, months=months[-STILL_BILLED:])
        shown = [row for row in shown if row.month < months[-STILL_BILLED]]
    columns = _columns(shown, by=by, address=address)
    drafts = {month: amount for (month, code), amount in expected.items() if code == chosen}
    if is_monthly and drafts:
        columns.append((WAITING, gettext("Still being billed"), drafts, {}))
    elif any(month in drafts for month in months):
        columns.append(
            (WAITING, gettext("Waiting, as generated"), drafts, dict.fromkeys(drafts, _address_of_waiting()))
        )
    return {
        "by": by,
        "is_monthly": is_monthly,
        "measure": f"&measure={MONTHLY}" if is_monthly else "",
        "file": f"{reverse('revenue-file')}?by={by}{f'&measure={MONTHLY}' if is_monthly else ''}",
        "currency": chosen,
        "currencies": currencies,
        "names": [name for _key, name, _amounts, _addresses in columns],
        "rows": _rows(months, columns, is_monthly=is_monthly),
        "chart": _chart(months, columns, currency=chosen),
        "total": sum(amount for _k, _n, amounts, _a in columns for amount in amounts.values()),
    }


@needs(Role.VIEWER)
def revenue_file(request: HttpRequest) -> HttpResponseBase:
    """Give the figures behind the chart as CSV: every dealer, every currency."""
    today = clock.now().astimezone(current_zone()).date()
    rows = _found(request, months=sums.first_of_months(today, months=MONTHS_SHOWN))
    by, is_monthly = _asked(request)
    name = f"{'recurring' if is_monthly else 'issued'}-by-{by}"
    return csv_response(rows, columns=FILE_COLUMNS, name=name)


def _asked(request: HttpRequest) -> tuple[str, bool]:
    """Return by what the address asks for revenue, and whether for what recurs a month instead of what was issued."""
    by = "dealer" if request.GET.get("by") == "dealer" else "kind"
    return by, request.GET.get("measure") == MONTHLY


def _found(request: HttpRequest, *, months: Sequence[date]) -> list[Revenue]:
    """Return what was issued in the *months*, or what recurring charges were a month in each of them."""
    by, is_monthly = _asked(request)
    sight = sight_of(request)
    if not is_monthly:
        kept = sight.limits(IssuedRevenue.objects.all())
        return (sums.by_dealer if by == "dealer" else sums.by_kind)(kept, since=months[0])
    recurring = sight.limits(RecurringRevenue.objects.all())
    read = sums.monthly_by_dealer if by == "dealer" else sums.monthly_by_kind
    return read(recurring, since=months[0], until=months[-1])


Column = tuple[str, str, Mapping[date, int], Mapping[date, str]]


def _columns(found: Sequence[Revenue], *, by: str, address: Callable[[Revenue], str]) -> list[Column]:
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
        columns.append((key, names[key], amounts, {row.month: address(row) for row in mine}))
    rest: dict[date, int] = {}
    for row in found:
        if row.key not in keys:
            rest[row.month] = rest.get(row.month, 0) + row.net_minor
    if rest:
        columns.append((OTHERS, gettext("Other dealers"), rest, dict.fromkeys(rest, reverse("dealers"))))
    return columns


def _rows(months: Sequence[date], columns: Sequence[Column], *, is_monthly: bool) -> list[Row]:
    return [
        Row(
            month=month,
            address="" if is_monthly else address_of_month(month),
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


def _so_far(found: Sequence[Revenue], *, months: Sequence[date]) -> dict[tuple[date, str], int]:
    """Return what recurs in the last *months* as far as it is billed, by month and currency."""
    sums_so_far: dict[tuple[date, str], int] = {}
    for row in found:
        if row.month in months:
            place = (row.month, row.currency)
            sums_so_far[place] = sums_so_far.get(place, 0) + row.net_minor
    return sums_so_far


def _expected(waiting: Sequence[Run]) -> dict[tuple[date, str], int]:
    """Return what the *waiting* runs came to when they were generated, by the month of their date and currency."""
    found: dict[tuple[date, str], int] = {}
    for run in waiting:
        for total in run.came_to:  # type: ignore[attr-defined]
            place = (run.invoice_date.replace(day=1), total["currency"])
            found[place] = found.get(place, 0) + total["net_minor"]
    return found


def _address_by_kind(row: Revenue) -> str:
    return address_of_month(row.month, document_type=DOCUMENTS_OF.get(row.key, ""))  # type: ignore[call-overload]


def _address_by_dealer(row: Revenue) -> str:
    return _page_of_dealer(row) or address_of_month(row.month)


def _page_of_dealer(row: Revenue) -> str:
    """Return the dealer's page; what is a month was billed in other months, too, and so has no list of documents."""
    return reverse("dealer", args=[row.dealer_id]) if row.dealer_id else ""


def _address_of_waiting() -> str:
    return f"{reverse('invoices')}?state=draft"


def address_of_month(month: date, **filters: str) -> str:
    """Return the list of the issued documents dated in *month*, narrowed by *filters*."""
    next_month = (month + timedelta(days=32)).replace(day=1)
    narrowed = {"state": "issued", "since": month, "until": next_month - timedelta(days=1), **filters}
    return f"{reverse('invoices')}?{urlencode(narrowed)}"
