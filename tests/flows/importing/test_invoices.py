"""Files of sales invoices: rows with one key are the lines of one, each new one is a draft; all or nothing."""

from __future__ import annotations

import pytest

from counterfoil.flows.billing.review import abandon
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.closing import close_books
from counterfoil.flows.importing.export import export_rows
from counterfoil.flows.importing.run import import_file
from counterfoil.flows.organising import change_settings
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run
from counterfoil.records.charges.models import BillableEvent
from counterfoil.records.parties.models import Client
from tests import build
from tests.build import NOW
from tests.flows.consolidating.waiting import issued
from tests.flows.importing.files import counted, imported, told, workbook

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "invoice,customer,invoice_date,code,description,quantity,unit_price,tax_category,po_number"
ROWS = (
    "I-1,C-1,2026-06-01,CAM,,3,,,PO-7",
    "I-1,C-1,2026-06-01,,Cable,,7.05,standard,PO-7",
    "I-2,C-1,2026-06-01,CAM,,1,10.00,,",
    "I-3,C-2,2026-06-02,,Ladder,2,5.00,standard,",
)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()
    build.master(code="CAM", name="Camera", kind="sale", unit_price="19.99", charge_period=None)
    build.customer(account="C-1")
    build.customer(account="C-2")


def drafts() -> list[tuple[str, str, int, int, str]]:
    rows = Invoice.objects.order_by("pk").exclude(run__status="abandoned")
    values = rows.values_list("customer__account", "invoice_date", "line_count", "gross_minor", "po_number")
    return [(account, str(day), lines, gross, po) for account, day, lines, gross, po in values]


def test_rows_with_one_key_are_one_invoice_and_a_date_is_a_run() -> None:
    report = imported("invoices", HEADER, *ROWS)
    assert counted(report) == {"invoice-sales": (3, 0, 0), "invoices": (4, 0, 0), "drafts": (3, 0, 0)}
    assert drafts() == [
        ("C-1", "2026-06-01", 2, 8_243, "PO-7"),  # (3 × 19.99 + 7.05) × 1.23
        ("C-1", "2026-06-01", 1, 1_230, ""),
        ("C-2", "2026-06-02", 1, 1_230, ""),
    ]
    assert list(Run.objects.order_by("pk").values_list("title", flat=True)) == [
        "Imported sales invoices of 2026-06-01",
        "Imported sales invoices of 2026-06-02",
    ]
    assert set(Client.objects.values_list("code", "customer__account")) == {("C-1", "C-1"), ("C-2", "C-2")}
    for run in Run.objects.order_by("pk"):
        issued(run)
    assert Invoice.objects.filter(number__number__startswith="SAL-2026-").count() == 3


def test_free_text_has_a_ledger_code_of_its_own_or_the_organisations() -> None:
    header = "invoice,customer,invoice_date,code,description,unit_price,tax_category,ledger_code"
    own, usual = "I-1,C-1,2026-06-01,,Cable,7.05,standard,4950", "I-2,C-1,2026-06-01,,Ladder,5.00,standard,"
    imported("invoices", header, own, usual)
    assert list(InvoiceLine.objects.order_by("pk").values_list("ledger_code", flat=True)) == ["4950", "4900"]
    change_settings(text_ledger_code="")
    assert counted(imported("invoices", header, own, usual))["invoices"] == (0, 0, 2)
    lacks = imported("invoices", header, "I-3,C-1,2026-06-01,,Cable,7.05,standard,")
    assert "needs a ledger code" in told(lacks)[0][2]
    both = imported("invoices", header, "I-3,C-1,2026-06-01,CAM,,,,4100")
    assert told(both)[0][1] == "ledger_code"


def test_again_it_changes_nothing_and_what_is_billed_stays_as_it_is() -> None:
    imported("invoices", HEADER, *ROWS)
    again = imported("invoices", HEADER, *ROWS)
    assert counted(again) == {"invoice-sales": (0, 0, 3), "invoices": (0, 0, 4)}
    changed = imported("invoices", HEADER, ROWS[2].replace("10.00", "11.00"))
    assert "stays as it was billed" in str(told(changed))
    assert len(drafts()) == 3
    issued(Run.objects.order_by("pk")[0])
    second = Invoice.objects.get(lines__event_charge__event__key="I-2")
    void_invoices([second.pk], reason="wrong", by=None, now=NOW)
    assert imported("invoices", HEADER, ROWS[2].replace("10.00", "11.00")).is_stored
    assert len(drafts()) == 3  # the invoice is changed, and a person drafts it anew
    assert build.run(kinds=("sale",)).invoice_set.count() == 0


def test_once_its_run_is_abandoned_the_file_drafts_it_anew() -> None:
    imported("invoices", HEADER, *ROWS)
    second = Run.objects.get(title="Imported sales invoices of 2026-06-02")
    abandon(second.pk, reason="wrong price", now=NOW)
    again = imported("invoices", HEADER, *ROWS[:3], ROWS[3].replace("5.00", "6.00"))
    assert counted(again) == {"invoice-sales": (0, 0, 3), "invoices": (0, 1, 3), "drafts": (1, 0, 0)}
    assert [one[3] for one in drafts()] == [8_243, 1_230, 1_476]  # 2 × 6.00 × 1.23
    assert "drafts" not in counted(imported("invoices", HEADER, *ROWS[:3]))


def test_a_dry_run_and_a_file_with_an_error_store_nothing() -> None:
    assert counted(imported("invoices", HEADER, *ROWS, dry_run=True))["drafts"] == (3, 0, 0)
    wrong = (
        "I-4,C-9,2026-06-01,CAM,,1,,,",
        "I-5,C-1,2026-06-01,NOPE,,1,,,",
        "I-6,C-1,never,CAM,,1,,,",
    )
    problems = told(imported("invoices", HEADER, *ROWS, *wrong))
    assert {(row, column) for row, column, _ in problems} == {
        (6, "customer"),
        (7, "code"),
        (8, "invoice_date"),
    }
    assert (BillableEvent.objects.count(), Client.objects.count(), Run.objects.count()) == (0, 0, 0)


def test_each_row_that_cannot_be_billed_says_why() -> None:
    build.master(code="SVC")
    free = "I-1,C-1,2026-06-01,,{},1,{},{},"
    said = told(imported("invoices", HEADER, free.format("", "", ""), "I-2,C-1,2026-06-01,SVC,,1,,,"))
    assert [(row, column) for row, column, _ in said] == [
        (2, "description"),
        (2, "tax_category"),
        (2, "unit_price"),
        (3, "code"),
    ]
    [(row, _, message)] = told(imported("invoices", HEADER, free.format("Refund", "-5.00", "standard")))
    assert row == 2
    assert "-6.15" in message
    build.master(code="OLD", kind="sale", currency="USD", unit_price="1.00", charge_period=None)
    [(row, _, message)] = told(imported("invoices", HEADER, ROWS[3], "I-9,C-1,2026-06-02,OLD,,1,,,"))
    assert (row, message.startswith("Sale")) == (3, False)
    build.client(code="SITE")
    header = "invoice,customer,invoice_date,client,code"
    assert told(imported("invoices", header, "I-1,C-1,2026-06-01,SITE,CAM"))[0][1] == "client"
    header = "invoice,line,customer,invoice_date,code"
    half = imported("invoices", header, "I-1,1,C-1,2026-06-01,CAM", "I-1,,C-1,2026-06-01,CAM")
    assert told(half)[0][:2] == (3, "line")
    close_books(before=build.date(2026, 7, 1))
    assert told(imported("invoices", HEADER, *ROWS))[0][:2] == (2, "invoice_date")
    assert Invoice.objects.count() == 0


def test_excel_and_what_was_exported_come_back_the_same() -> None:
    day = build.JUNE
    book = workbook(
        ["invoice", "customer", "invoice_date", "code", "quantity"], ["X-1", "C-1", day, "CAM", 2]
    )
    report = import_file(kind="invoices", file=book, name="i.xlsx", dry_run=False, by=None)
    assert report.is_stored
    assert drafts()[0][3] == 4_918  # 2 × 19.99 × 1.23 = 49.1754
    imported("invoices", HEADER, *ROWS)
    rows = list(export_rows("invoices"))
    assert [(one["invoice"], one["line"]) for one in rows] == [
        ("I-1", "1"),
        ("I-1", "2"),
        ("I-2", "1"),
        ("I-3", "1"),
        ("X-1", "1"),
    ]
    again = imported("invoices", ",".join(rows[0]), *(",".join(one.values()) for one in rows))
    assert counted(again) == {"invoice-sales": (0, 0, 4), "invoices": (0, 0, 5)}
    assert list(export_rows("sales")) == []
