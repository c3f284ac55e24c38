"""What customers and dealers are charged themselves, in either customer mode, and through a move and its undo."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.core.paying import CustomerMode
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.checking import check
from counterfoil.flows.customer_mode.moving import move, undo
from counterfoil.flows.editing import store
from counterfoil.flows.own_clients import would_be_own_client
from counterfoil.records.billing.models import BatchDefinition, Invoice
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer
from tests import build
from tests.build import JUNE
from tests.flows.paying import bureau
from tests.flows.paying.bureau import LEGACY, STANDARD

pytestmark = pytest.mark.django_db(transaction=True)


def a_bureau(mode: str) -> None:
    """Store a bureau in a *mode*: a site that pays, another whose dealer pays; a dealer and a customer are charged."""
    build.organisation(customer_mode=mode)
    direct, by_dealer = build.master(code="MON"), build.master(code="MON-D", paid_by="dealer")
    harbour = bureau.dealer("D1", account="A-D1")
    mill, quay = (
        bureau.client("S1", account="A-S1", of=harbour),
        bureau.client("S2", account=None, of=harbour),
    )
    bureau.charge("K1", mill, master_charge=direct)
    if mode == STANDARD:
        bureau.charge("K2", quay, master_charge=by_dealer, customer=harbour.customer)
    else:
        bureau.charge("K2", quay, master_charge=by_dealer)
    for payer in ("direct", "dealer"):
        BatchDefinition.objects.create(
            name=f"service-{payer}",
            title=f"Service {payer}",
            kinds=["service"],
            payer=payer,
            past_periods_allowed=1200,
        )
    # Marked by their master charges the other way round.
    charged("L1", harbour, master_charge=direct)
    charged("L2", build.customer(account="A-C1"), master_charge=by_dealer)


def charged(key: str, owner: BillingCustomer | Dealer, **values: Any) -> Charge:
    """Store a charge of *owner* itself as a form does."""
    return store(Charge(client=would_be_own_client(owner), key=key, starts_on=JUNE, **values), fields=[])


def billed(payer: str) -> dict[str, str]:
    """Return the account that a run of what *payer* pays bills by charge."""
    found = preview(build.request(payer=payer))
    assert found.findings.is_empty()
    accounts = dict(BillingCustomer.objects.values_list("pk", "account"))
    keys = dict(Charge.objects.values_list("pk", "key"))
    rows = found.lines.join(found.invoices.select("invoice_no", "customer_id"), on="invoice_no")
    return {keys[row["charge_id"]]: accounts[row["customer_id"]] for row in rows.iter_rows(named=True)}


def as_stored() -> list[Any]:
    """Return all that a move may change."""
    return [
        list(Charge.objects.order_by("key").values_list("key", "customer_id", "paid_by")),
        list(Client.objects.order_by("code").values_list("code", "customer_id", "dealer_id")),
        Organisation.objects.get().customer_mode,
    ]


@pytest.mark.parametrize("mode", [STANDARD, LEGACY])
def test_the_owner_pays_in_either_mode(mode: str) -> None:
    a_bureau(mode)
    assert billed("direct") == {"K1": "A-S1", "L2": "A-C1"}
    assert billed("dealer") == {"K2": "A-D1", "L1": "A-D1"}
    assert check().violations == []


@pytest.mark.parametrize(("mode", "to"), [(STANDARD, CustomerMode.LEGACY), (LEGACY, CustomerMode.STANDARD)])
def test_a_move_bills_the_same_to_the_cent_and_is_undone(mode: str, to: CustomerMode) -> None:
    """30.00 net and 36.90 gross a charge: two by each definition, 73.80, before and after."""
    a_bureau(mode)
    before = as_stored()
    done = move(to=to, today=JUNE, by=None, reason="One way for all")
    assert [(one.before.gross, one.after.gross) for one in done.compared] == [
        ({"EUR": 7_380}, {"EUR": 7_380}),
        ({"EUR": 7_380}, {"EUR": 7_380}),
    ]
    assert (billed("direct"), billed("dealer")) == (
        {"K1": "A-S1", "L2": "A-C1"},
        {"K2": "A-D1", "L1": "A-D1"},
    )
    for key in ("L1", "L2"):
        assert Charge.objects.get(key=key).customer is None
    assert check().violations == []
    undo(today=JUNE, by=None)
    assert as_stored() == before


def test_a_move_there_and_back_and_there_again_leaves_owners_as_they_are() -> None:
    a_bureau(LEGACY)
    own = Client.objects.get(own_of_dealer__code="D1")
    for to in (CustomerMode.STANDARD, CustomerMode.LEGACY, CustomerMode.STANDARD):
        move(to=to, today=JUNE, by=None, reason="One way for all")
        own.refresh_from_db()
        assert own.customer.account == "A-D1"  # type: ignore[union-attr]
    run = build.run()
    assert Invoice.objects.filter(run=run).count() == 3  # A-S1, A-C1, and A-D1 with both of its lines


def test_an_account_may_have_an_own_client_beside_its_owner() -> None:
    """In legacy mode each account is of one client or dealer; what stands for the customer itself is no other."""
    a_bureau(LEGACY)
    account = BillingCustomer.objects.get(account="A-S1")
    charged("L3", account, master_charge=MasterCharge.objects.get(code="MON"))
    site = Client.objects.get(code="S1")
    site.name = "Mill"
    store(site, fields=["name"])
    move(to=CustomerMode.STANDARD, today=JUNE, by=None, reason="One way for all")
    found = move(to=CustomerMode.LEGACY, today=JUNE, by=None, reason="And back")
    assert found.plan.figures["accounts_of_clients"] == 1  # A-S1
    assert found.plan.figures["accounts_of_dealers"] == 1  # A-D1
    assert billed("direct") == {"K1": "A-S1", "L2": "A-C1", "L3": "A-S1"}
    assert check().violations == []
