"""Choosing: what a batch lists, what of it is checked, and what each billing would come to (billing-rules 8.3, 8.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from django.db import connection
from django.db.models import F, Q, QuerySet

from counterfoil.core.consolidation import short_text
from counterfoil.records.billing.models import QueuedInvoice
from counterfoil.records.parties.models import ConsolidationSettings

LISTED = (Path(__file__).parent / "sql" / "listed.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What of a batch's list is checked.

    It *begins_with* what is checked beforehand (8.4), all or none; *checked* and *unchecked* (ids of invoices) are
    changed by hand after that. *branches* are those that somebody may see, None for all.
    """

    cutoff: date
    begins_with: Literal["beforehand", "all", "none"] = "beforehand"
    checked: tuple[int, ...] = ()
    unchecked: tuple[int, ...] = ()
    branches: tuple[int, ...] | None = None

    def with_checked(self, invoices: Sequence[int], *, is_checked: bool) -> Selection:
        """Return the selection with *invoices* checked, or unchecked."""
        changed = set(invoices)
        on, off = set(self.checked) - changed, set(self.unchecked) - changed
        return replace(
            self,
            checked=tuple(sorted(on | changed if is_checked else on)),
            unchecked=tuple(sorted(off if is_checked else off | changed)),
        )


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One billing that a batch could make: what is listed and checked, and why it would not be made."""

    customer_id: int
    account: str
    name: str
    currency: str
    branch_id: int | None
    branch: str
    invoices: int
    invoices_checked: int
    total_minor: int
    next_date: date | None
    short: str

    @property
    def is_billed(self) -> bool:
        """Return whether creating makes this billing."""
        return self.invoices_checked > 0 and not self.short


def eligible(
    cutoff: date, *, branches: Sequence[int] | None = None, customer_id: int | None = None
) -> QuerySet[QueuedInvoice]:
    """Return what a batch with *cutoff* lists (8.3), within *branches*, or of one customer."""
    its = "customer__consolidation__"
    rows = QueuedInvoice.objects.filter(
        Q(**{f"{its}next_date": None})
        | Q(**{f"{its}next_date__lte": cutoff, "invoice_date__lte": F(f"{its}next_date")}),
        invoice_date__lte=cutoff,
        **{f"{its}is_used": True},
    )
    if branches is not None:
        rows = rows.filter(branch_id__in=branches)
    return rows if customer_id is None else rows.filter(customer_id=customer_id)


def values_of(selection: Selection, *, customers: Sequence[int] | None = None) -> dict[str, Any]:
    """Return what `sql/listed.sql` asks for."""
    return {
        "cutoff": selection.cutoff,
        "begins_with": selection.begins_with,
        "checked": list(selection.checked),
        "unchecked": list(selection.unchecked),
        "branches": None if selection.branches is None else list(selection.branches),
        "customers": None if customers is None else list(customers),
    }


_BY_GROUP = f"""
SELECT listed.customer_id, customer.account, customer.name, listed.currency, listed.in_branch,
       COALESCE(branch.code, ''), count(*), count(*) FILTER (WHERE listed.is_checked), max(listed.checked_minor),
       max(listed.next_date), max(listed.minimum_minor)
FROM ({LISTED}) AS listed
JOIN parties_billingcustomer AS customer ON customer.id = listed.customer_id
LEFT JOIN organisation_branch AS branch ON branch.id = listed.in_branch
GROUP BY listed.customer_id, customer.account, customer.name, listed.currency, listed.in_branch, branch.code
ORDER BY customer.account, listed.currency, branch.code
"""  # noqa: S608  a file of ours


def groups_of(selection: Selection, *, customers: Sequence[int] | None = None) -> list[Listed]:
    """Return what a batch of *selection* would make, billing by billing, with who falls short and why (8.4).

    Of some *customers* alone, if they are given.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_GROUP, values_of(selection, customers=customers))
        rows = cursor.fetchall()
    # Only who has a minimum that is not reached falls short: of most customers nothing more need be known.
    may_be_short = {row[0] for row in rows if row[-1] is not None and row[-3] < row[-1]}
    settings = ConsolidationSettings.objects.select_related("customer").in_bulk(may_be_short)
    return [
        Listed(
            customer_id=customer,
            account=account,
            name=name,
            currency=currency,
            branch_id=branch_id,
            branch=branch,
            invoices=invoices,
            invoices_checked=checked,
            total_minor=total,
            next_date=next_date,
            short=short_text(total, settings=settings[customer].rules(), currency=currency)
            if checked and customer in settings
            else "",
        )
        for customer, account, name, currency, branch_id, branch, invoices, checked, total, next_date, _ in rows
    ]


_OF_SOME = f"""
SELECT listed.invoice_id, listed.is_checked, listed.unchecked, listed.kind_minor, listed.limit_minor
FROM ({LISTED}) AS listed WHERE listed.invoice_id = ANY(%(invoices)s)
"""  # noqa: S608  a file of ours


@dataclass(frozen=True, kw_only=True)
class Check:
    """Whether an invoice of the list is checked, and why it was not beforehand."""

    is_checked: bool
    unchecked: str
    kind_minor: int | None
    limit_minor: int | None


def checks_of(selection: Selection, *, rows: Sequence[QueuedInvoice]) -> dict[int, Check]:
    """Return for *rows* of the list, by invoice, whether each is checked and why not."""
    values = values_of(selection, customers=sorted({row.customer_id for row in rows}))
    with connection.cursor() as cursor:
        cursor.execute(_OF_SOME, {**values, "invoices": [row.invoice_id for row in rows]})
        return {
            invoice: Check(is_checked=checked, unchecked=why, kind_minor=kind, limit_minor=limit)
            for invoice, checked, why, kind, limit in cursor.fetchall()
        }
