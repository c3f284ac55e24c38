"""What happens at the demo bureau: alarm responses, jobs, a sale, and a meter that is read every month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from counterfoil.core.periods import Grid, Length, Unit
from counterfoil.flows.consolidating.settings import Typed, store_settings
from counterfoil.flows.demo.catalogue import CURRENCY
from counterfoil.flows.recording import record_event, record_readings, store_meter, store_tariff
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog.models import ChargePeriod, MasterCharge, Tariff, TariffTier, TaxCategory
from counterfoil.records.charges.actions import create_charges
from counterfoil.records.charges.models import BillableEvent, Charge, EventCharge, Meter, Reading
from counterfoil.records.parties.models import Client

# code, name, kind, price, ledger code
EVENT_CHARGES = [
    ("RESPONSE", "Alarm response", "activation", "45.00", "4200"),
    ("LABOUR-HOUR", "Engineer, an hour", "work_order", "68.00", "4210"),
    ("CALL-OUT", "Call-out", "dispatch", "95.00", "4220"),
    ("BATTERY", "Battery 12 V", "sale", "29.90", "4230"),
]
METERED = "POWER"
ACTIVATIONS, WORK_ORDERS = 12, 6
CAUSES = ["Front door", "Roof light", "Cold store", "Loading bay", "Panic button", "Smoke, first floor"]
JOBS = ["Replace a detector", "Move a camera", "Yearly test", "Repair a sounder"]


def store_happenings(random: Random, *, clients: Sequence[Client], opening: date, today: date) -> None:
    """Store this month's events, to be billed by the supplied definitions, and a metered charge since *opening*."""
    masters = _masters()
    sites = [client for client in clients if client.dealer_id is None]
    _store_events(random, sites=sites, masters=masters, today=today)
    _store_meter(random, site=sites[0], master=masters[METERED], opening=opening, today=today)
    _consolidate(today=today)


def _masters() -> dict[str, MasterCharge]:
    standard = TaxCategory.objects.get(code="standard")
    tariff = store_tariff(
        Tariff(name="Backup power", unit="kWh", allowance=Decimal(100), minimum=Decimal(5)),
        fields=[],
        tiers=[
            TariffTier(from_units=0, unit_price=Decimal("0.32")),
            TariffTier(from_units=200, unit_price=Decimal("0.27")),
        ],
    )
    rows = [
        MasterCharge(
            code=code,
            name=name,
            kind=kind,
            currency=CURRENCY,
            unit_price=Decimal(price),
            tax_category=standard,
            ledger_code=ledger_code,
        )
        for code, name, kind, price, ledger_code in EVENT_CHARGES
    ]
    rows.append(
        MasterCharge(
            code=METERED,
            name="Backup power",
            currency=CURRENCY,
            unit="kWh",
            tariff=tariff,
            tax_category=standard,
            charge_period=ChargePeriod.objects.get(name="monthly-arrears"),
            ledger_code="4240",
        )
    )
    return {one.code: one for one in catalog.create_master_charges(rows)}


def _store_events(
    random: Random, *, sites: Sequence[Client], masters: dict[str, MasterCharge], today: date
) -> None:
    first = today.replace(day=1)
    for number in range(1, ACTIVATIONS + 1):
        occurred_on = first - timedelta(days=random.randint(1, 25))
        record_event(
            BillableEvent(
                key=f"A{number:04}",
                kind="activation",
                client=random.choice(sites),
                occurred_on=occurred_on,
                to_be_billed_on=occurred_on,
                is_chargeable=number % 5 != 0,
                description=random.choice(CAUSES),
            ),
            charges=[EventCharge(master_charge=masters["RESPONSE"])],
        )
    for number in range(1, WORK_ORDERS + 1):
        occurred_on = first - timedelta(days=random.randint(1, 25))
        record_event(
            BillableEvent(
                key=f"W{number:04}",
                kind="work_order",
                client=random.choice(sites),
                occurred_on=occurred_on,
                to_be_billed_on=None if number == WORK_ORDERS else first,
                description=random.choice(JOBS),
                po_number=f"PO-{700 + number}" if number % 2 else "",
            ),
            charges=[
                EventCharge(master_charge=masters["LABOUR-HOUR"], quantity=Decimal(random.randint(2, 9)) / 2),
                EventCharge(master_charge=masters["BATTERY"], quantity=random.randint(1, 3)),
            ],
        )
    for key, kind, code in (("X0001", "dispatch", "CALL-OUT"), ("Q0001", "sale", "BATTERY")):
        record_event(
            BillableEvent(
                key=key, kind=kind, client=sites[1], occurred_on=first, to_be_billed_on=first, description=""
            ),
            charges=[EventCharge(master_charge=masters[code])],
        )


def _consolidate(*, today: date) -> None:
    """Let three customers have what happened at their sites consolidated, each in another way (billing-rules 8)."""
    events = BillableEvent.objects.filter(key__in=("A0001", "W0001", "Q0001")).select_related(
        "client__customer"
    )
    payers = sorted({event.client.customer for event in events}, key=lambda payer: payer.account)
    first = today.replace(day=1)
    ways = [
        Typed(cycle="1 month", next_date=first, minimum_minor=10_000, takes_sales=True, takes_service=True),
        Typed(minimum_minor=2_000, limit_minor=50_000, takes_service=True),
        Typed(takes_sales=True),
    ]
    for payer, typed in zip(payers, ways, strict=False):
        store_settings(payer, typed)


def _store_meter(random: Random, *, site: Client, master: MasterCharge, opening: date, today: date) -> None:
    [charge] = create_charges(
        [Charge(key=f"{site.code}-{METERED}", client=site, master_charge=master, starts_on=opening)]
    )
    meter = store_meter(
        Meter(key="E-4711", charge=charge, name="Cellar", digits=5, tolerance_days=3), fields=[]
    )
    months = Grid(Length(1, Unit.MONTH), opening)
    value = Decimal(99_600)
    readings = []
    for month in range(months.index_of(today) + 1):
        readings.append(Reading(meter=meter, read_on=months.boundary(month), value=value % 100_000))
        value += random.randint(90, 420)
    record_readings(readings)
