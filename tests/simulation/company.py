"""A company that lives by a seed: everything that happens to charges in a month, drawn from one random source."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from io import BytesIO
from random import Random

from django.db import transaction

from counterfoil.flows.importing.run import import_file
from counterfoil.records.billing.models import Invoice
from counterfoil.records.catalog.models import ChargePeriod, Escalation, MasterCharge
from counterfoil.records.charges.actions import change_charges
from counterfoil.records.charges.models import Charge, Meter, PriceChange, Reading
from counterfoil.records.parties.models import BillingCustomer, Client, PastCommissioning
from tests import build
from tests.core import oracle

CUSTOMERS = 8
FIRST_CHARGES = 16
MOST_DAYS_OPEN = 800
FIXED = date(2020, 1, 1)


class Company:
    """Its charges by id, and which of them the oracle can still price.

    `repriced` are those whose price is no longer one number, `by_hand` those to whose lines a person did something.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.changed: set[int] = set()
        self.repriced: set[int] = set()
        self.regridded: set[int] = set()
        self.by_hand: set[int] = set()
        self.happened: list[str] = []
        build.organisation(email="billing@example.com")
        self.periods = [
            build.monthly(anchor=FIXED),
            build.monthly(anchor=FIXED, bill_on="arrears"),
            build.monthly(anchor=FIXED, count=3),
            build.monthly(anchor=FIXED, unit="week", count=2),
            build.monthly(anchor=FIXED, day_count="thirty_360"),
            build.monthly(anchor=FIXED, unit="year", day_count="by_month"),
            build.monthly(anchor=FIXED, part_charging="whole"),
            build.monthly(anchor=FIXED, part_charging="none"),
            build.monthly(anchor=FIXED, count=3, part_charging="monthly"),
        ]
        self.master = build.master(unit_price="29.99", charge_period=self.periods[0])
        self.metered = build.master(
            unit_price=None, tariff=build.tariff((0, "0.21"), (500, "0.17"), allowance=50)
        )
        self.sold = build.master(code="SALE", kind="sale", unit_price="75.50")
        self.growing = Escalation.objects.create(
            name="yearly", rate="3.5", on_date=date(2024, 7, 1), yearly=True
        )
        # Half of the sites were commissioned long ago, the others not yet.
        self.clients = [
            build.client(customer=build.customer(), commissioned_on=date(2023, 1, 1) if n % 2 else None)
            for n in range(CUSTOMERS)
        ]

    def note(self, what: str) -> None:
        """Remember that *what* happened, so that a failure can be read."""
        self.happened.append(what)

    def begin(self, day: date) -> None:
        """Start with some charges, two meters and a discount."""
        for _ in range(FIRST_CHARGES):
            self.add_charge(day)
        for client in self.clients[:2]:
            metered = build.charge(client=client, master_charge=self.metered, starts_on=day)
            build.meter(metered, {day: 0}, may_be_estimated=True)
        build.discount(customer=self._payer(self.clients[0]), percent=5)
        self.repriced |= set(Charge.objects.filter(client=self.clients[0]).values_list("pk", flat=True))

    def live_through_month(self, day: date) -> None:
        """Let a month's worth of things happen before the run of *day*."""
        for happening, chance in (
            (self.add_charge, 60),
            (self.end_charge, 45),
            (self.extend_charge, 35),
            (self.move_start, 30),
            (self.change_price, 30),
            (self.change_period, 15),
            (self.decommission, 15),
            (self.pause, 25),
            (self.withdraw_pause, 20),
            (self.import_charge, 20),
            (self.sell, 40),
        ):
            if self.random.randrange(100) < chance:
                happening(day)
        self.read_meters(day)

    def add_charge(self, day: date) -> None:
        """A charge starts around *day*; one in eight grows every year."""
        client = self.random.choice(self.clients)
        charge = build.charge(
            client=client,
            master_charge=self.master,
            starts_on=day + timedelta(days=self.random.randint(-25, 20)),
            unit_price=f"{self.random.randint(100, 9999)}.{self.random.randint(0, 99):02}",
            quantity=self.random.choice([1, 1, 1, 2, "0.5", -1]),
            charge_period=self.random.choice(self.periods),
            escalation=self.growing if self.random.randrange(8) == 0 else None,
            while_commissioned=self.random.randrange(5) == 0,
        )
        if charge.escalation_id or client == self.clients[0]:
            self.repriced.add(charge.pk)
        self._changed(charge, "added")

    def end_charge(self, day: date) -> None:
        """A charge ends, up to six weeks ago or ahead."""
        charge = self._any_charge()
        end = day + timedelta(days=self.random.randint(-45, 45))
        self._store(charge, ends_before=max(end, charge.starts_on + timedelta(days=1)))

    def extend_charge(self, day: date) -> None:
        """A charge that ended goes on after all, for ever or for a while."""
        ended = list(Charge.objects.filter(ends_before__isnull=False).order_by("pk"))
        if ended:
            charge = self.random.choice(ended)
            longer = max(charge.ends_before, day) + timedelta(days=self.random.randint(1, 60))
            self._store(charge, ends_before=self.random.choice([None, longer]))

    def move_start(self, _day: date) -> None:
        """A start was typed wrongly and is corrected, to an earlier or a later day."""
        charge = self._any_charge()
        start = charge.starts_on + timedelta(days=self.random.randint(-20, 20))
        if charge.ends_before is None or start < charge.ends_before:
            self._store(charge, starts_on=start)

    def change_price(self, day: date) -> None:
        """A price changes, some time around *day*."""
        charge = self._any_charge()
        valid_from = day + timedelta(days=self.random.randint(-20, 60))
        if not PriceChange.objects.filter(charge=charge, valid_from=valid_from).exists():
            price = {"valid_from": valid_from, "unit_price": self.random.randint(1, 500)}
            if self.random.randrange(2):
                self._import("prices", charge=charge.key, **price)
            else:
                PriceChange.objects.create(charge=charge, **price)
            self.repriced.add(charge.pk)
            self._changed(charge, f"priced anew from {valid_from}")

    def change_period(self, _day: date) -> None:
        """A charge is billed by another charge period from where it is billed to (1.5)."""
        charge = self._any_charge()
        self.regridded.add(charge.pk)
        self._store(charge, charge_period=self.random.choice(self.periods))

    def decommission(self, day: date) -> None:
        """A site is commissioned long ago and taken off the net around *day*."""
        client = self.random.choice(self.clients)
        if client.decommissioned_on is None:
            client.commissioned_on = date(2023, 1, 1)
            client.decommissioned_on = day + timedelta(days=self.random.randint(-30, 30))
            client.save()
            self.changed |= set(client.charges.values_list("pk", flat=True))
            self.note(f"client {client.code} decommissioned on {client.decommissioned_on}")

    def pause(self, day: date) -> None:
        """It is learnt that a site was off the net for some days long since billed."""
        client = self.random.choice(self.clients)
        start = day - timedelta(days=self.random.randint(20, 80))
        end = start + timedelta(days=self.random.randint(1, 15))
        if client.commissioned_on is None or client.decommissioned_on or client.commissioned_on >= start:
            return
        PastCommissioning.objects.create(client=client, starts_on=client.commissioned_on, ends_before=start)
        self._commission(client, end, f"paused from {start} to {end}")
        # A pause that is billed over, and not credited, is passed over for good (decision 0051).
        billed = client.charges.filter(span__billed_from__lte=start, span__billed_to__gte=end)
        self.by_hand |= set(
            client.charges.exclude(pk__in=billed).filter(while_commissioned=True).values_list("pk", flat=True)
        )

    def withdraw_pause(self, _day: date) -> None:
        """The newest pause of a site was a mistake: it was served all the time."""
        client = self.random.choice(self.clients)
        past = client.past_commissionings.order_by("starts_on").last()
        if past is not None and client.decommissioned_on is None:
            past.delete()
            self._commission(client, past.starts_on, f"not paused from {past.ends_before} after all")

    def _commission(self, client: Client, day: date, what: str) -> None:
        client.commissioned_on = day
        client.save()
        for charge in client.charges.filter(while_commissioned=True):
            self._changed(charge, what)

    def import_charge(self, day: date) -> None:
        """A file brings a charge, billed by its master charge's period."""
        client = self.random.choice(self.clients)
        key = f"F{Charge.objects.count()}"
        starts_on = day + timedelta(days=self.random.randint(-25, 20))
        price = f"{self.random.randint(1, 99)}.{self.random.randint(0, 99):02}"
        self._import(
            "charges",
            charge=key,
            client=client.code,
            code=self.master.code,
            starts_on=starts_on,
            unit_price=price,
            quantity=1,
        )
        charge = Charge.objects.get(key=key)
        if client == self.clients[0]:
            self.repriced.add(charge.pk)
        self._changed(charge, "imported")

    def _import(self, kind: str, **row: object) -> None:
        """Import a file of one row."""
        text = f"{','.join(row)}\n{','.join('' if value is None else str(value) for value in row.values())}\n"
        report = import_file(
            kind=kind, file=BytesIO(text.encode()), name=f"{kind}.csv", dry_run=False, by=None
        )
        assert report.is_stored, report

    def sell(self, day: date) -> None:
        """Something is sold once."""
        build.event(
            {"master_charge": self.sold, "quantity": self.random.randint(1, 3)},
            kind="sale",
            client=self.random.choice(self.clients),
            occurred_on=day - timedelta(days=3),
            to_be_billed_on=day,
        )

    def read_meters(self, day: date) -> None:
        """Meters are read on the first of the month, most of them."""
        for meter in Meter.objects.order_by("pk"):
            if self.random.randrange(6):
                last = Reading.objects.filter(meter=meter).latest("read_on")
                if last.read_on < day:
                    Reading.objects.create(
                        meter=meter, read_on=day, value=last.value + self.random.randint(0, 900)
                    )

    def touched_by_hand(self, invoice: Invoice) -> None:
        """Remember that a person changed what these charges cost."""
        self.by_hand |= set(invoice.lines.filter(charge__isnull=False).values_list("charge_id", flat=True))

    def terms_of(self, charge: Charge, *, day: date) -> oracle.Terms:
        """Return *charge* as the oracle takes it; an open one ends long after *day*."""
        period = ChargePeriod.objects.get(pk=charge.charge_period_id or self.master.charge_period_id)
        price = Fraction(charge.unit_price) * Fraction(charge.quantity)
        client = charge.client
        commissioned = None
        if charge.while_commissioned:
            start = client.commissioned_on
            end = client.decommissioned_on or date(2100, 1, 1)
            past = client.past_commissionings.values_list("starts_on", "ends_before")
            commissioned = (*past, (start, end)) if start else ()
        return oracle.Terms(
            count=period.count,
            unit=period.unit,
            anchor=FIXED,
            starts_on=charge.starts_on,
            ends_before=charge.ends_before or day + timedelta(days=MOST_DAYS_OPEN),
            part_charging=period.part_charging,
            day_count=period.day_count,
            bill_on=period.bill_on,
            price=price,
            commissioned=commissioned,
        )

    def _any_charge(self) -> Charge:
        return self.random.choice(list(Charge.objects.filter(master_charge=self.master).order_by("pk")))

    def _store(self, charge: Charge, **values: object) -> None:
        for name, value in values.items():
            setattr(charge, name, value)
        if set(values) <= {"starts_on", "ends_before"} and self.random.randrange(3) == 0:
            named = {"charge": charge.key, "client": charge.client.code, "code": charge.master_charge.code}
            self._import("charges", **named, starts_on=charge.starts_on, ends_before=charge.ends_before)
        else:
            with transaction.atomic():
                change_charges([charge], fields=list(values))
        self._changed(charge, ", ".join(f"{name} {value}" for name, value in values.items()))

    def _changed(self, charge: Charge, what: str) -> None:
        self.changed.add(charge.pk)
        self.note(f"charge {charge.key} (id {charge.pk}) {what}")

    def _payer(self, client: Client) -> BillingCustomer:
        assert client.customer is not None
        return client.customer

    def service_charges(self) -> list[Charge]:
        """Return the recurring charges that are not metered."""
        return list(
            Charge.objects.filter(master_charge__in=MasterCharge.objects.filter(pk=self.master.pk))
            .select_related("client", "charge_period")
            .order_by("pk")
        )
