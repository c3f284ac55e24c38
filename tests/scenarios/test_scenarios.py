"""The stories of the *.yaml files beside this one, told to the real engine and database.

A file names its rule and holds `periods`, `charges` and `then`: what happens, one step after the other. A table is
text: a line of headings, then a line for each row, columns parted by two blanks or more. What follows `#` is the
arithmetic, for who reads it. Steps:

    run: 2026-06-01               bill what is due on that day; `credit: 2026-06-01` credits what is not served
    lines: a table                the lines of that run: charge, days from and to (the last day), net
    exceptions: a table           what it set aside: charge, code
    change: a table               charge, field, value: dates as people type them, the end as the last day
    issue:                        authorise and issue it; `numbers:` are those given
    hold / release / exclude / waive: a charge      what a person does with the draft that bills it
    void:                         void the newest run
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction

from counterfoil.core.money import format_minor
from counterfoil.flows.billing import issue, review, revising, run, voiding
from counterfoil.flows.checking import check
from counterfoil.records.billing.models import BillingException, DocumentNumber, Invoice, InvoiceLine, Run
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge
from counterfoil.records.charges.actions import change_charges
from counterfoil.records.charges.models import Charge, PriceChange
from tests import build

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
ONE_DAY = timedelta(days=1)
DECISION: dict[str, Any] = {"reason": "told so", "by": None, "now": build.NOW}
Row = dict[str, str]


def rows_of(table: str) -> list[Row]:
    """Return the rows of a text *table* by their headings."""
    lines = [line.split("#")[0].rstrip() for line in table.splitlines()]
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines if line.strip()]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


class Story:
    """One file: its charges in the database, and the newest run."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.newest: Run | None = None

    def tell(self) -> None:
        """Set the scene, then do one step after the other."""
        build.organisation()
        for name, values in self.told["periods"].items():
            build.monthly(name=name, **{"anchor": date(2020, 1, 1), **values})
        self._masters, self._clients = {}, {}
        for row in rows_of(self.told["charges"]):
            self._store_charge(row)
        for step in self.told["then"]:
            [(name, value)] = step.items()
            step_named: Callable[[Any], None] = getattr(self, f"_{name}")
            step_named(value)

    def _store_charge(self, row: Row) -> None:
        period = ChargePeriod.objects.get(name=row["period"])
        customer = row.get("customer", "one")
        if customer not in self._clients:
            self._clients[customer] = build.client(customer=build.customer(account=customer))
        master = MasterCharge.objects.first() or build.master(charge_period=period)
        build.charge(
            key=row["charge"],
            client=self._clients[customer],
            master_charge=master,
            charge_period=period,
            unit_price=row["price"],
            quantity=row.get("quantity", "1"),
            starts_on=date.fromisoformat(row["from"]),
            ends_before=_after(row.get("to", "-")),
        )

    def _run(self, cutoff: date, **selection: Any) -> None:
        request = replace(
            build.request(cutoff=cutoff, **{**self.told.get("definition", {}), **selection}),
            invoice_date=cutoff,
        )
        self.newest = run.generate(request, by=None, now=build.now)

    def _credit(self, asked: Any) -> None:
        asked = asked if isinstance(asked, dict) else {"cutoff": asked}
        self._run(asked["cutoff"], credit_basis=asked.get("basis", "daily"))

    def _lines(self, table: str | None) -> None:
        found = InvoiceLine.objects.filter(invoice__run=self._known(), invoice__exclusion__isnull=True)
        told = [tuple(row.values()) for row in rows_of(table or "")]
        assert [_told(line) for line in found.order_by("charge__key", "period_start", "pk")] == told

    def _exceptions(self, table: str) -> None:
        found = BillingException.objects.filter(run=self._known()).order_by("charge__key")
        told = [tuple(row.values()) for row in rows_of(table)]
        assert list(found.values_list("charge__key", "code")) == told

    def _change(self, table: str) -> None:
        for row in rows_of(table):
            charge = Charge.objects.get(key=row["charge"])
            if row["field"] == "to":
                charge.ends_before = _after(row["value"])
            elif row["field"] == "from":
                charge.starts_on = date.fromisoformat(row["value"])
            else:
                charge.unit_price = Decimal(row["value"])
            with transaction.atomic():
                change_charges([charge], fields=["ends_before", "starts_on", "unit_price"])

    def _price(self, table: str) -> None:
        for row in rows_of(table):
            charge = Charge.objects.get(key=row["charge"])
            PriceChange.objects.create(
                charge=charge, valid_from=date.fromisoformat(row["from"]), unit_price=row["price"]
            )

    def _issue(self, _nothing: None) -> None:
        known = self._known()
        if known.status == "in_review":
            issue.authorise(known.pk, by=None, now=build.NOW)
        issue.issue(known.pk, today=known.invoice_date, now=build.now)

    def _numbers(self, told: list[str]) -> None:
        assert list(DocumentNumber.objects.order_by("pk").values_list("number", flat=True)) == told

    def _hold(self, key: str) -> None:
        review.hold([self._draft(key).pk], **DECISION)

    def _release(self, key: str) -> None:
        review.release([self._draft(key).pk])

    def _exclude(self, key: str) -> None:
        review.exclude([self._draft(key).pk], **DECISION)

    def _waive(self, key: str) -> None:
        lines = InvoiceLine.objects.filter(invoice=self._draft(key), charge__key=key)
        revising.waive(list(lines.values_list("pk", flat=True)), **DECISION)

    def _void(self, _nothing: None) -> None:
        voiding.void_run(self._known().pk, **DECISION)

    def _draft(self, key: str) -> Invoice:
        drafts = Invoice.objects.filter(run=self._known(), lines__charge__key=key, exclusion__isnull=True)
        return drafts.distinct().get()

    def _known(self) -> Run:
        assert self.newest is not None
        return Run.objects.get(pk=self.newest.pk)


def _after(last_day: str) -> date | None:
    """Return the day after the last one, None for `-`."""
    return None if last_day == "-" else date.fromisoformat(last_day) + ONE_DAY


def _told(line: InvoiceLine) -> tuple[str, ...]:
    assert line.charge is not None
    last_day = line.period_end - ONE_DAY
    return (
        line.charge.key,
        line.period_start.isoformat(),
        last_day.isoformat(),
        format_minor(line.net_minor, "EUR"),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_comes_to_what_the_accountant_expects(path: Path) -> None:
    Story(yaml.safe_load(path.read_text(encoding="utf-8"))).tell()
    assert check().violations == []
