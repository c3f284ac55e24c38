"""The demo bureau's people: customers, dealers, the sites they have, and what each site is charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from counterfoil.flows.demo.catalogue import BESPOKE, CURRENCY, FOREIGN, Catalogue
from counterfoil.flows.demo.names import DEALERS, SITES, address, names
from counterfoil.records.charges.actions import create_charges
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties import actions as parties
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer

DIRECT_CUSTOMERS, SITES_OF_DEALERS, SITES_OF_CUSTOMERS = 80, 160, 140
LONGEST_HISTORY_DAYS = 700


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Who there is at the demo bureau."""

    customers: Sequence[BillingCustomer]
    dealers: Sequence[Dealer]
    clients: Sequence[Client]


def store_parties(random: Random, *, branches: Sequence[Branch], today: date) -> Parties:
    """Store customers, dealers who pay for their clients, and clients of both."""
    businesses = names(random, count=DIRECT_CUSTOMERS + SITES_OF_DEALERS)
    customers = parties.create_customers(
        _customer(random, number=number, name=name, branch=branches[number % len(branches)])
        for number, name in enumerate([*DEALERS, *businesses[:DIRECT_CUSTOMERS]], start=1)
    )
    dealers = parties.create_dealers(
        Dealer(code=f"D{place:02}", name=customer.name, customer=customer, branch=customer.branch)
        for place, customer in enumerate(customers[: len(DEALERS)], start=1)
    )
    clients = [
        _client(random, name=name, customer=dealer.customer, dealer=dealer, today=today)
        for name, dealer in zip(
            businesses[DIRECT_CUSTOMERS:], _in_turn(dealers, SITES_OF_DEALERS), strict=True
        )
    ]
    direct = customers[len(DEALERS) :]
    clients += [
        _client(
            random,
            name=f"{customer.name}, {random.choice(SITES)}",
            customer=customer,
            dealer=None,
            today=today,
        )
        for customer in [*direct, *random.choices(direct, k=SITES_OF_CUSTOMERS - len(direct))]
    ]
    for number, client in enumerate(clients, start=1):
        client.code = f"S{number:04}"
    return Parties(customers=customers, dealers=dealers, clients=parties.create_clients(clients))


def _in_turn(dealers: Sequence[Dealer], count: int) -> list[Dealer]:
    return [dealers[place % len(dealers)] for place in range(count)]


def _customer(random: Random, *, number: int, name: str, branch: Branch) -> BillingCustomer:
    slug = name.lower().replace(" ", "-")
    return BillingCustomer(
        account=f"HW{number:04}",
        name=name,
        email=f"accounts@{slug}.example.com",
        currency=CURRENCY,
        country="IE",
        payment_terms=random.choice(["", "", "", "30 days"]),
        delivery=random.choices(["email", "print"], weights=[4, 1])[0],
        branch=branch,
        **address(random),
    )


def _client(
    random: Random, *, name: str, customer: BillingCustomer | None, dealer: Dealer | None, today: date
) -> Client:
    commissioned_on = today - timedelta(days=random.randint(20, LONGEST_HISTORY_DAYS))
    leaves = random.randint(1, 25) == 1
    leaving = max(commissioned_on + timedelta(days=5), today - timedelta(days=random.randint(0, 60)))
    return Client(
        name=name,
        customer=customer,
        dealer=dealer,
        branch=(dealer or customer).branch,  # type: ignore[union-attr]
        commissioned_on=commissioned_on,
        decommissioned_on=leaving if leaves else None,
        **address(random),
    )


def store_charges(
    random: Random, *, clients: Sequence[Client], catalogue: Catalogue, opening: date, today: date
) -> None:
    """Store what each client is charged; what was served before *opening* counts as billed by another system."""
    drawn = [
        _charge(random, client=client, code=code, catalogue=catalogue, opening=opening, today=today)
        for client in clients
        for code in _codes(random)
    ]
    drawn += _flawed(clients, catalogue=catalogue, today=today)
    for number, charge in enumerate(drawn, start=1):
        charge.key = f"C{number:05}"
    create_charges(drawn)


def _codes(random: Random) -> list[str]:
    """Return what one site has: an alarm as a rule, and now and then something beside it."""
    first = random.choices(["MON-INTRUDER", "MON-FIRE", "MON-CCTV", "TELECARE"], weights=[6, 3, 2, 1])[0]
    others = [
        "SIM-DUAL",
        "KEYHOLDING",
        "MAINTENANCE",
        "INSPECTION",
        "PATROL",
        "LONE-WORKER",
        "LIFT-LINE",
        "RENTAL",
    ]
    return [first, *random.sample(others, k=random.choices([0, 1, 2], weights=[5, 4, 1])[0])]


def _charge(
    random: Random, *, client: Client, code: str, catalogue: Catalogue, opening: date, today: date
) -> Charge:
    starts_on = client.commissioned_on or today
    ends = random.randint(1, 18) == 1
    last_day = max(starts_on + timedelta(days=9), today - timedelta(days=random.randint(-40, 90)))
    ends_before = last_day + timedelta(days=1) if ends else None
    billed_before = min(opening, ends_before or opening)
    return Charge(
        client=client,
        master_charge=catalogue.masters[code],
        starts_on=starts_on,
        ends_before=ends_before,
        quantity=Decimal(random.randint(2, 6)) if code == "LONE-WORKER" else None,
        unit_price=Decimal("27.90") if code == "MON-FIRE" and random.randint(1, 10) == 1 else None,
        opening_billed_to=billed_before if starts_on < billed_before else None,
    )


def _flawed(clients: Sequence[Client], *, catalogue: Catalogue, today: date) -> list[Charge]:
    """Return charges that each become an exception, as they do in life: what to do stands beside them."""
    masters, start = catalogue.masters, today.replace(day=1)
    return [
        Charge(client=clients[3], master_charge=masters[BESPOKE], starts_on=start),
        Charge(client=clients[170], master_charge=masters[BESPOKE], starts_on=start),
        Charge(client=clients[180], master_charge=masters[FOREIGN], starts_on=start),
        Charge(
            client=clients[190],
            master_charge=masters["MON-FIRE"],
            starts_on=start,
            ends_before=start - timedelta(days=30),
        ),
        Charge(
            client=clients[200],
            master_charge=masters["MON-INTRUDER"],
            starts_on=start - timedelta(days=3650),
        ),
    ]
