"""Events on columns: which are due, what they cost and which document they stand on (product C14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from counterfoil.core.money import STEPS
from counterfoil.engine.billing import Billed, bill
from counterfoil.engine.frames import PRICE_CHANGES
from tests.engine.tables import Row, customer, loaded, master, terms
from tests.engine.usage_tables import event, with_events


def bill_events(*events: dict[str, Any], rows: list[Row] | None = None, **tables: Any) -> Billed:
    return bill(with_events(loaded(rows or [], **tables), *events), terms=terms())


def test_c14_an_event_is_quantity_times_price_on_the_day_it_occurred() -> None:
    billed = bill_events(event(quantity=3 * STEPS, unit_price=1_005_000, event_description="Front door"))
    line = billed.lines.row(0, named=True)
    assert line["net_minor"] == 302  # 3 × 1.005 = 3.015
    assert (line["period_start"], line["period_end"]) == (date(2026, 5, 28), date(2026, 5, 29))
    assert (line["kind"], line["charge_id"], line["event_charge_id"]) == ("event", None, 1)
    assert line["description"] == "Monitoring (A-1, Front door)"
    assert billed.spans.is_empty()


def test_c14_what_is_to_be_billed_after_the_cut_off_is_not_due() -> None:
    assert bill_events(event(to_be_billed_on=date(2026, 6, 2))).lines.is_empty()
    assert bill_events(event(to_be_billed_on=date(2026, 6, 1))).lines.height == 1


def test_4_1_the_price_of_an_event_comes_from_the_chain() -> None:
    override = {
        "master_id": 1, "unit_price": 7 * STEPS, "quantity": None, "description": None,
        "charge_period_id": None, "tax_category_id": None, "while_commissioned": None,
    }  # fmt: skip
    at_customer = {"customer_overrides": [{**override, "customer_id": 1}]}
    at_dealer = {"dealer_overrides": [{**override, "dealer_id": 5}]}

    def priced(*, tables: Any = None, **values: Any) -> tuple[int, str]:
        lines = bill_events(event(**values), **(tables or {})).lines
        return lines.item(0, "net_minor"), lines.item(0, "price_level")

    assert priced() == (1000, "master")
    assert priced(tables=at_customer) == (700, "customer")
    assert priced(tables=at_dealer, dealer_id=5) == (700, "dealer")
    assert priced(tables=at_customer, unit_price=9 * STEPS) == (900, "assignment")


def test_12_3_an_event_that_cannot_be_rated_is_a_finding_that_names_it() -> None:
    billed = bill_events(event(), event(event_charge_id=2, event="A-2", customer_id=9, event_line=2))
    assert billed.lines.height == 1
    assert billed.findings.select("code", "message", "charge_id").row(0) == (
        "no_customer",
        "Activation A-2, line 2: The charge has no billing customer.",
        None,
    )


def test_12_3_an_event_priced_in_another_currency_is_a_finding() -> None:
    billed = bill_events(event(), customers=[customer(currency="USD")])
    assert billed.findings.get_column("code").to_list() == ["currency_mismatch"]


def test_documents_are_of_the_kind_of_what_is_on_them() -> None:
    billed = bill_events(
        event(event_kind="sale", unit_price=5 * STEPS),
        event(event_charge_id=2, event="W-1", event_kind="work_order", unit_price=6 * STEPS),
        event(event_charge_id=3, event="W-1", event_kind="work_order", event_line=2, unit_price=7 * STEPS),
        rows=[Row()],
    )
    documents = billed.invoices.select("document_type", "line_count", "net_minor").sort("document_type")
    assert list(documents.iter_rows()) == [("contract", 1, 1000), ("sales", 1, 500), ("service", 2, 1300)]
    assert billed.lines.get_column("invoice_no").n_unique() == 3


def test_a_work_orders_purchase_order_stands_on_its_invoice() -> None:
    billed = bill_events(event(po_number="PO-7"))
    assert billed.invoices.item(0, "po_number") == "PO-7"


def test_3_2_an_event_at_a_price_of_nothing_is_billed() -> None:
    billed = bill_events(event(), masters=[master(unit_price=0)])
    assert billed.lines.get_column("net_minor").to_list() == [0]
    assert billed.invoices.get_column("gross_minor").to_list() == [0]


def test_lines_of_an_event_follow_each_other() -> None:
    billed = bill_events(*(event(event_charge_id=number, event_line=number) for number in (3, 1, 2)))
    assert billed.lines.sort("line_no").get_column("event_charge_id").to_list() == [1, 2, 3]
    assert pl.Series(billed.lines.get_column("details")).str.contains('"event_line":1').any()


def test_4_2_an_event_is_priced_by_the_price_in_force_on_the_day_it_occurred() -> None:
    changes = pl.DataFrame(
        [
            {"master_id": 1, "valid_from": date(2026, 5, 1), "unit_price": 12 * STEPS},
            {"master_id": 1, "valid_from": date(2026, 6, 1), "unit_price": 15 * STEPS},
        ],
        schema=PRICE_CHANGES.schema,
    )

    def priced(**values: Any) -> int:
        billed = bill(replace(with_events(loaded([]), event(**values)), price_changes=changes), terms=terms())
        return int(billed.lines.item(0, "net_minor"))

    assert priced(occurred_on=date(2026, 4, 30)) == 1000
    assert priced(occurred_on=date(2026, 5, 1)) == 1200
    assert priced(occurred_on=date(2026, 6, 1)) == 1500
    assert priced(occurred_on=date(2026, 6, 1), unit_price=STEPS) == 100
