"""What a run's documents come to: discounts, tax points and statuses, groupings, zero, below zero, amalgamated."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.flows import checking
from counterfoil.flows.billing.deliver import deliver
from counterfoil.flows.billing.documents import documents_of
from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.reconcile import reconcile
from counterfoil.flows.billing.report import report_of
from counterfoil.flows.billing.review import exclude
from counterfoil.flows.billing.run import generate
from counterfoil.records.billing import queries
from counterfoil.records.billing.models import BillingException, Invoice, InvoiceLine, Run
from counterfoil.records.catalog.models import TaxCategory, TaxRate
from counterfoil.records.charges.models import ChargeSpan
from counterfoil.records.deliveries.models import Delivery
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.parties.models import BillingCustomer
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _bureau(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    build.organisation()


def amounts(run: Run) -> list[tuple[int, int, int]]:
    """Return net, tax and gross of the run's documents."""
    rows = Invoice.objects.filter(run=run).order_by("id")
    return list(rows.values_list("net_minor", "tax_minor", "gross_minor"))


def issued(run: Run) -> Run:
    """Authorise and issue *run*."""
    authorise(run.pk, by=None, now=build.NOW)
    return issue(run.pk, today=run.invoice_date, now=build.now)


def test_4_5_a_run_takes_discounts_and_its_documents_name_them() -> None:
    """30.00 less 10 % is 27.00, less 5.00 off the invoice 22.00; 23 % of it is 5.06."""
    charge = build.charge()
    build.discount(name="Five off", customer=charge.client.customer, amount=5)
    build.discount(name="First year", charge=charge, percent=10, ends_before=JULY)
    build.discount(name="Others only", customer=build.customer(), percent=50)
    run = build.run()
    assert amounts(run) == [(2200, 506, 2706)]
    line = InvoiceLine.objects.get()
    assert (line.discount_minor, line.net_minor) == (800, 2200)
    (document,) = documents_of(list(Invoice.objects.all()))
    taken = [(one.name, one.percent_steps, one.minor) for one in document.lines[0].discounts]
    assert taken == [("First year", 10_000_000, 300), ("Five off", None, 500)]
    # In July the first year is over: 30.00 − 5.00.
    assert amounts(build.run(cutoff=JULY)) == [(2500, 575, 3075)]


def test_12_1_a_preview_shows_discounted_lines_as_the_run_stores_them() -> None:
    charge = build.charge()
    build.discount(name="Loyal", master_charge=charge.master_charge, percent=3)
    shown = preview(build.request())
    columns = ["discount_minor", "net_minor", "tax_minor", "details"]
    build.run()
    assert shown.lines.select(columns).rows() == list(InvoiceLine.objects.values_list(*columns))


def test_5_1_the_sellers_and_the_customers_status_decide() -> None:
    standard = build.customer()
    reverse = build.customer(tax_status="reverse_charge")
    for customer in (standard, reverse):
        build.charge(client=build.client(customer=customer))
    assert amounts(build.run()) == [(3000, 690, 3690), (3000, 0, 3000)]
    Organisation.objects.update(tax_status="exempt")
    assert amounts(build.run(cutoff=JULY)) == [(3000, 0, 3000), (3000, 0, 3000)]


def test_5_1_the_rate_is_that_of_the_tax_point_else_of_the_invoice_date() -> None:
    """23 % until June, 19 % from July: June's run, July's run, and July's with tax point 30 June."""
    build.charge()
    standard = TaxCategory.objects.get(code="standard")
    TaxRate.objects.create(category=standard, rate=19, valid_from=JULY)
    assert amounts(build.run()) == [(3000, 690, 3690)]
    assert amounts(build.run(cutoff=JULY)) == [(3000, 570, 3570)]
    august = build.request(cutoff=date(2026, 8, 1))
    asked = {**vars(august), "tax_point": date(2026, 6, 30)}
    late = generate(type(august)(**asked), by=None, now=build.now)
    assert amounts(late) == [(3000, 690, 3690)]
    (document,) = documents_of(list(Invoice.objects.filter(run=late)))
    assert document.tax_point == date(2026, 6, 30)


def test_5_2_5_3_one_group_a_category_and_rate() -> None:
    """0.03 three times at 23 %: round(2.07) = 2 once, by 1, 0 and 1; 10.00 at 9 % beside it is 0.90."""
    client = build.client()
    reduced = TaxCategory.objects.create(code="reduced", name="Reduced")
    TaxRate.objects.create(category=reduced, rate=9, valid_from=date(2000, 1, 1))
    item = build.master()
    for _ in range(3):
        build.charge(client=client, master_charge=item, unit_price="0.03")
    build.charge(client=client, master_charge=item, unit_price=10, tax_category=reduced)
    assert amounts(build.run()) == [(1009, 92, 1101)]
    taxes = list(InvoiceLine.objects.order_by("line_no").values_list("tax_minor", flat=True))
    assert taxes == [1, 0, 1, 90]


def test_5_4_prices_that_include_tax_through_a_run() -> None:
    """12.30 with 23 % in it is 10.00 + 2.30; 10.00 without is taxed 2.30 on top, in a group of its own."""
    client = build.client()
    build.charge(client=client, master_charge=build.master(unit_price="12.30", price_includes_tax=True))
    build.charge(client=client, master_charge=build.master(unit_price=10))
    run = build.run()
    assert amounts(run) == [(2000, 460, 2460)]
    (document,) = documents_of(list(Invoice.objects.all()))
    assert [(one.includes_tax, one.net_minor, one.tax_minor) for one in document.tax_groups] == [
        (True, 1000, 230),
        (False, 1000, 230),
    ]


def test_5_5_what_comes_below_zero_stays_billable_and_nets_against_the_next_run() -> None:
    """A rebate of 30.00 in June alone is an exception; in July it is −60.00 beside 100.00."""
    client = build.client()
    item = build.master()
    rebate = build.charge(client=client, master_charge=item, unit_price=-30)
    run = build.run()
    assert amounts(run) == []
    found = BillingException.objects.get(run=run)
    assert (found.code, found.charge_id) == ("negative_document", rebate.pk)
    assert ChargeSpan.objects.get(charge=rebate).billed_to is None
    build.charge(client=client, master_charge=item, unit_price=100, starts_on=JULY)
    # 100.00 − 30.00 − 30.00 = 40.00; 23 % is 9.20.
    assert amounts(build.run(cutoff=JULY)) == [(4000, 920, 4920)]


def test_5_5_a_document_over_zero_is_issued() -> None:
    build.charge(unit_price=0)
    issued(build.run())
    assert queries.with_state(Invoice.objects.all()).get().number.seq == 1


def test_5_5_a_document_over_zero_is_kept_where_the_definition_says_so() -> None:
    """Stored, without a number, not delivered; its days are billed. The other one is number 1."""
    item = build.master()
    free = build.charge(master_charge=item, unit_price=0)
    build.charge(master_charge=item)
    run = issued(build.run(keeps_zero=True))
    assert run.status == "issued"
    kept, other = queries.with_state(Invoice.objects.order_by("id"))
    assert (queries.state_of(kept, run=run), queries.state_of(other, run=run)) == ("kept", "issued")
    assert other.number.seq == 1
    assert (report_of(run).kept, report_of(run).issued) == (1, 1)
    assert set(Delivery.objects.values_list("invoice_id", flat=True)) == {other.pk}
    assert ChargeSpan.objects.get(charge=free).billed_to == JULY
    assert amounts(build.run(keeps_zero=True)) == []
    assert checking.check().violations == []


def test_12_7_what_is_kept_can_be_excluded_while_it_is_reviewed() -> None:
    free = build.charge(unit_price=0)
    build.run(keeps_zero=True)
    exclude([Invoice.objects.get().pk], reason="Not yet", by=None, now=build.NOW)
    assert ChargeSpan.objects.get(charge=free).billed_to is None


def grouped(grouping: str) -> list[tuple[str, int]]:
    """Return purchase order and number of lines of the invoices of a run so grouped."""
    rows = Invoice.objects.filter(run=build.run(grouping=grouping)).order_by("id")
    return list(rows.values_list("po_number", "line_count"))


def test_c12_an_invoice_a_purchase_order() -> None:
    """Orders A, A, B and none; of one customer. Lines without an order stand together, first."""
    client = build.client()
    for po in ("A", "B", "A", ""):
        build.charge(client=client, po_number=po)
    assert grouped("po") == [("", 1), ("A", 2), ("B", 1)]


def test_c12_an_invoice_names_the_order_that_all_its_lines_have() -> None:
    one, other, third = build.client(), build.client(), build.client()
    for client, po in [(one, "A"), (one, "A"), (other, "A"), (other, "B"), (third, "A"), (third, "")]:
        build.charge(client=client, po_number=po)
    assert grouped("customer") == [("A", 2), ("", 2), ("", 2)]


def test_c12_an_invoice_a_branch_of_the_clients_is_that_branchs() -> None:
    payer = build.customer()
    main = Branch.objects.get()
    south = Branch.objects.create(code="south", name="South")
    for branch in (main, south, main):
        build.charge(client=build.client(customer=payer, branch=branch))
    run = build.run(grouping="branch")
    rows = Invoice.objects.filter(run=run).order_by("id").values_list("branch__code", "line_count")
    assert list(rows) == [("main", 2), ("south", 1)]
    issued(run)
    numbers = Invoice.objects.order_by("id").values_list("number__number", flat=True)
    assert list(numbers) == ["INV-2026-000001", "south-2026-000001"]


def test_c11_an_amalgamated_invoice_has_formal_lines_and_keeps_its_breakdown() -> None:
    """30.00 and 20.00 at 23 %, 10.00 at 9 %: two formal lines of 50.00 and 10.00; three lines are stored."""
    client = build.client()
    reduced = TaxCategory.objects.create(code="reduced", name="Reduced")
    TaxRate.objects.create(category=reduced, rate=9, valid_from=date(2000, 1, 1))
    item = build.master()
    build.charge(client=client, master_charge=item)
    build.charge(client=client, master_charge=item, unit_price=20)
    build.charge(client=client, master_charge=item, unit_price=10, tax_category=reduced)
    run = issued(build.run(amalgamated=True))
    invoice = Invoice.objects.get()
    assert (invoice.is_amalgamated, invoice.line_count, InvoiceLine.objects.count()) == (True, 3, 3)
    (document,) = documents_of([invoice])
    formal = [(one.net_minor, one.tax_minor, one.unit_price_steps) for one in document.lines]
    assert formal == [(5000, 1150, 50_000_000), (1000, 90, 10_000_000)]
    assert [one.net_minor for one in document.breakdown] == [3000, 2000, 1000]
    deliver(run.pk, now=build.now)
    (compared,) = reconcile(run.pk)
    assert compared.agrees
    assert (compared.theirs.lines, compared.theirs.gross_minor) == (2, 7240)  # 60.00 + 11.50 + 0.90
    assert checking.check().violations == []


@pytest.mark.parametrize(
    ("currency", "totals"),
    [
        ("JPY", (1235, 284, 1519)),  # 1.234567 × 1,000.5 = 1,235.18…; 23 % of 1,235 is 284.05
        ("KWD", (1_235_184, 284_092, 1_519_276)),  # 1,235.184; 23 % of it is 284.09232
    ],
)
def test_13_currencies_of_no_and_of_three_digits_through_a_run(
    currency: str, totals: tuple[int, int, int]
) -> None:
    payer: BillingCustomer = build.customer(currency=currency)
    item = build.master(currency=currency, unit_price="1.234567", quantity="1000.5")
    build.charge(client=build.client(customer=payer), master_charge=item)
    run = issued(build.run())
    assert amounts(run) == [totals]
    (total,) = run.totals.all()
    assert (total.currency, total.net_minor, total.tax_minor, total.gross_minor) == (currency, *totals)
    (document,) = documents_of(list(Invoice.objects.all()))
    assert (document.lines[0].unit_price_steps, document.lines[0].quantity_steps) == (
        1_234_567,
        1_000_500_000,
    )


def test_4_5_c12_events_are_discounted_and_grouped_like_charges() -> None:
    """A job of 80.00 at another branch, 25 % off its master charge: 60.00, on that branch's service invoice."""
    south = Branch.objects.create(code="south", name="South")
    client = build.client(branch=south)
    item = build.master(kind="work_order", unit_price=80, charge_period=None)
    build.event({"master_charge": item}, client=client, kind="work_order", po_number="PO-9")
    build.charge(client=client, master_charge=build.master())
    build.discount(master_charge=item, percent=25)
    run = build.run(kinds=("service", "work_order"), grouping="branch")
    rows = Invoice.objects.filter(run=run).order_by("document_type")
    found = list(rows.values_list("document_type", "branch__code", "po_number", "net_minor"))
    assert found == [("contract", "south", "", 3000), ("service", "south", "PO-9", 6000)]


def test_2_7_5_5_a_kept_document_is_not_billed_again_by_another_definition() -> None:
    build.charge(unit_price=0)
    issued(build.run(keeps_zero=True))
    assert amounts(build.run()) == []
