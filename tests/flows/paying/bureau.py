"""A bureau in legacy customer mode: clients and dealers with accounts, charges marked direct or dealer."""

from __future__ import annotations

from typing import Any

from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch, Organisation
from counterfoil.records.parties.models import Client, Dealer
from tests import build

LEGACY, STANDARD = "legacy", "standard"


def mode(name: str) -> None:
    """Set the organisation's customer mode, as nobody else can: nothing is moved."""
    Organisation.objects.update(customer_mode=name)


def dealer(code: str, *, account: str | None) -> Dealer:
    """Store a dealer, with an account of its own unless that is None."""
    customer = build.customer(account=account) if account else None
    return Dealer.objects.create(
        code=code, name=f"Dealer {code}", customer=customer, branch=Branch.objects.get()
    )


def client(code: str, *, account: str | None, of: Dealer | None = None) -> Client:
    """Store a client of a dealer, with an account of its own unless that is None."""
    customer = build.customer(account=account) if account else None
    return build.client(code=code, customer=customer, dealer=of)


def charge(key: str, whose: Client, *, paid_by: str = "", **values: Any) -> Charge:
    """Store a charge of 30.00 EUR a month of a client, marked."""
    return build.charge(key=key, client=whose, paid_by=paid_by, **values)


def legacy_bureau() -> None:
    """Store the bureau: one client pays a charge directly and its dealer one; one has no dealer, one no account."""
    build.organisation(customer_mode=LEGACY)
    by_dealer = build.master(code="MON-D", paid_by="dealer")
    direct = build.master(code="MON")
    harbour = dealer("D1", account="A-D1")
    dunes = dealer("D2", account=None)
    mill = client("S1", account="A-S1", of=harbour)
    charge("K1", mill, master_charge=direct)
    charge("K2", mill, master_charge=by_dealer)
    charge("K3", client("S2", account=None, of=harbour), master_charge=direct, paid_by="dealer")
    charge("K4", client("S3", account="A-S3"), master_charge=direct)
    charge("K5", client("S4", account=None, of=dunes), master_charge=by_dealer)
    for payer in ("direct", "dealer"):
        BatchDefinition.objects.create(
            name=f"service-{payer}", title=f"Service {payer}", kinds=["service"], payer=payer
        )
