"""The demo bureau with what it lacks: several of every kind of thing that an address may name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from counterfoil.flows.billing.issue import authorise, issue
from counterfoil.flows.consolidating.batch import Batch, create_batch
from counterfoil.flows.consolidating.choosing import Selection
from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.flows.demo.loading import load_demo
from counterfoil.flows.importing.by_worker import work_on
from counterfoil.flows.printing import open_batch, print_batch
from counterfoil.flows.selling import Sale, SaleLine, make_sale
from counterfoil.flows.stating_by_mail import Wanted, mail_statements
from counterfoil.records.billing.models import (
    BatchDefinition,
    BillingException,
    ConsolidatedBilling,
    ConsolidationBatch,
    Invoice,
    InvoiceLine,
    Run,
    RunStatus,
)
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    Escalation,
    MasterCharge,
    Tariff,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.charges.models import BillableEvent, Charge, Discount, Meter, PriceChange
from counterfoil.records.deliveries.models import PrintBatch, StatementRound
from counterfoil.records.organisation.actions import create_token
from counterfoil.records.organisation.file_imports import FileImport
from counterfoil.records.organisation.models import ApiToken, BillingLink, Branch, User
from counterfoil.records.parties.models import (
    BillingCustomer,
    Client,
    Contact,
    CustomerGroup,
    Dealer,
    LogNote,
    PastCommissioning,
)
from tests.flows.importing.large import kept

TODAY = date(2026, 6, 17)
NOW = datetime(2026, 6, 17, 9, tzinfo=UTC)
EACH = 1


def store_one_of_everything() -> None:
    """Load the demo with a month of history, and store beside it what it lacks."""
    load_demo(today=TODAY, now=lambda: NOW, months=1)
    by = User.objects.get(username="administrator")
    charge = Charge.objects.filter(meters=None, client__customer__isnull=False)[0]
    customer = Invoice.objects.filter(number__isnull=False)[0].customer
    _store_beside(charge, customer=customer)
    BillingLink.objects.create(name="Books", customer_page="https://books.example.com/{account}")
    until = datetime(2027, 1, 1, tzinfo=UTC)
    create_token(user=by, name="ERP", scopes=("runs:read",), expires_at=until, now=NOW)
    for payer in BillingCustomer.objects.filter(is_active=True, currency="EUR")[:2]:
        _sold(payer, by=by)
    _consolidate(customer, by=by)
    batch = open_batch(Invoice.objects.filter(customer=customer), title="June", by=by, now=NOW)
    print_batch(batch.pk, now=lambda: NOW)
    mail_statements(BillingCustomer.objects.all(), wanted=Wanted(day=TODAY), by=by, now=NOW)
    for content in (b"account,name\nC9,Quay Hotel\n", b"account,name\nC9,\n"):
        work_on(kept(content, by=by).pk, now=lambda: NOW)


def _store_beside(charge: Charge, *, customer: BillingCustomer) -> None:
    site, dealer = charge.client, Dealer.objects.filter(customer__isnull=False)[0]
    group = CustomerGroup.objects.create(name="Harbour")
    BillingCustomer.objects.filter(pk__in=[customer.pk, dealer.customer_id]).update(group=group)
    owners: list[dict[str, Any]] = [{"customer": customer}, {"client": site}, {"dealer": dealer}]
    for owner in owners:
        Contact.objects.create(name="Nuala Keyholder", **owner)
    LogNote.objects.create(client=site, text="Wants the keypad moved.", written_at=NOW, act_by=TODAY)
    PastCommissioning.objects.create(client=site, starts_on=date(2025, 1, 1), ends_before=date(2025, 6, 1))
    Discount.objects.create(key="R1", name="Loyalty", charge=charge, percent=10)
    escalation = Escalation.objects.create(name="Yearly", rate=3, on_date=date(2026, 1, 1), yearly=True)
    Charge.objects.filter(pk=charge.pk).update(escalation=escalation)
    levels: list[dict[str, Any]] = [
        {"charge": charge},
        {"override": ChargeOverride.objects.all()[0]},
        {"master_charge": charge.master_charge},
    ]
    for level in levels:
        PriceChange.objects.create(valid_from=date(2026, 9, 1), unit_price=Decimal(35), **level)


def _sold(payer: BillingCustomer, *, by: User) -> Invoice:
    line = SaleLine(master_charge=MasterCharge.objects.get(code="BATTERY"), quantity=Decimal(2))
    return make_sale(Sale(customer=payer, invoice_date=TODAY, lines=[line, line]), by=by, now=NOW)


def _consolidate(customer: BillingCustomer, *, by: User) -> None:
    """Sell to *customer* twice, and consolidate what one of these comes to."""
    store_settings(customer, Typed(takes_sales=True))
    for _ in range(2):
        sold = _sold(customer, by=by)
        authorise(sold.run_id, by=None, now=NOW)
        issue(sold.run_id, today=TODAY, now=lambda: NOW)
    batch = Batch(selection=Selection(cutoff=TODAY, unchecked=(sold.pk,)), billing_date=TODAY)
    create_batch(batch, by=by, now=NOW)


def _first(*each: QuerySet[Any]) -> Callable[[], list[int]]:
    """Return what looks up the first keys of each of these rows, without those that come again."""
    return lambda: list(
        dict.fromkeys(key for rows in each for key in rows.order_by("pk").values_list("pk", flat=True)[:EACH])
    )


_INVOICES = Invoice.objects.filter(run__definition__isnull=False)
_SALES = Invoice.objects.filter(run__definition__isnull=True)
# The beginning of an address, and what it names there; the first that fits counts.
NAMED: list[tuple[str, Callable[[], list[int]]]] = [
    ("lines/", _first(InvoiceLine.objects.all(), InvoiceLine.objects.filter(event_charge__isnull=False))),
    (
        "runs/",
        _first(Run.objects.filter(status=RunStatus.IN_REVIEW), Run.objects.filter(status=RunStatus.ISSUED)),
    ),
    (
        "invoices/",
        _first(
            _INVOICES.filter(number__isnull=True),
            _INVOICES.filter(number__isnull=False),
            _SALES.filter(number__isnull=True),
            _SALES.filter(number__isnull=False),
        ),
    ),
    ("exceptions/", _first(BillingException.objects.all())),
    ("definitions/", _first(BatchDefinition.objects.all())),
    (
        "charges/",
        _first(
            Charge.objects.all(),
            Charge.objects.filter(escalation__isnull=False),
            Charge.objects.filter(meters__isnull=False),
        ),
    ),
    (
        "clients/",
        _first(
            Client.objects.filter(contacts__isnull=False),
            Client.objects.filter(dealer__isnull=False),
            Client.objects.filter(charges__meters__isnull=False),
        ),
    ),
    (
        "customers/",
        _first(
            BillingCustomer.objects.filter(group__isnull=False),
            BillingCustomer.objects.filter(overrides__isnull=False),
            BillingCustomer.objects.filter(consolidation__isnull=False),
        ),
    ),
    ("customer-groups/", _first(CustomerGroup.objects.all())),
    ("dealers/", _first(Dealer.objects.all(), Dealer.objects.filter(contacts__isnull=False))),
    ("commissionings/", _first(PastCommissioning.objects.all())),
    ("contacts/", _first(Contact.objects.all())),
    ("notes/", _first(LogNote.objects.all())),
    ("consolidated/batches/", _first(ConsolidationBatch.objects.all())),
    ("consolidated", _first(ConsolidatedBilling.objects.all())),
    ("branches/", _first(Branch.objects.all())),
    ("events/", _first(BillableEvent.objects.all(), BillableEvent.objects.filter(kind="activation"))),
    ("meters/", _first(Meter.objects.all())),
    (
        "master-charges/",
        _first(MasterCharge.objects.all(), MasterCharge.objects.filter(overrides__isnull=False)),
    ),
    ("overrides/", _first(ChargeOverride.objects.all())),
    (
        "prices/",
        _first(*(PriceChange.objects.filter(**{f"{of}__isnull": False}) for of in ("charge", "override"))),
    ),
    ("escalations/", _first(Escalation.objects.all())),
    ("print-batches/", _first(PrintBatch.objects.all())),
    (
        "file-imports/",
        _first(FileImport.objects.filter(state="refused"), FileImport.objects.filter(state="checked")),
    ),
    ("billing-links/", _first(BillingLink.objects.all())),
    ("charge-periods/", _first(ChargePeriod.objects.all())),
    ("discounts/", _first(Discount.objects.all())),
    ("tariffs/", _first(Tariff.objects.all())),
    ("taxes/categories/", _first(TaxCategory.objects.all())),
    ("taxes/rates/", _first(TaxRate.objects.all())),
    ("statements/", _first(StatementRound.objects.all())),
    ("users/", _first(User.objects.all())),
    ("tokens/", _first(ApiToken.objects.all())),
]


def keys_for(address: str) -> list[int]:
    """Return a few keys of what *address*, without a slash in front, names."""
    return next((look_up() for begins, look_up in NAMED if address.startswith(begins)), [])
