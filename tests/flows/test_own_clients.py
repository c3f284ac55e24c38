"""Charges of billing customers and dealers themselves: what stands for each, and what may be assigned (product A1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from counterfoil.flows import assigning
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.checking import check
from counterfoil.flows.editing import store, store_many, store_sent
from counterfoil.flows.foreseeing import foresee
from counterfoil.flows.own_clients import DealerPaysForNothing, own_client, would_be_own_client
from counterfoil.flows.selling import Sale, SaleLine, make_sale, sale_of
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge, TaxCategory
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Branch
from counterfoil.records.parties.models import BillingCustomer, Client, Dealer, PastCommissioning
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def dealer(code: str = "D1", **values: Any) -> Dealer:
    """Store a dealer with a billing customer, unless *values* say that it has none."""
    customer = values.pop("customer") if "customer" in values else build.customer()
    return Dealer.objects.create(
        code=code, name=f"Dealer {code}", customer=customer, branch=Branch.objects.get(), **values
    )


def charged(owner: BillingCustomer | Dealer, **values: Any) -> Charge:
    """Store a charge of *owner* itself as a form does, from 1 June 2026 on."""
    given: dict[str, Any] = {"key": f"OWN-{Charge.objects.count()}", "starts_on": JUNE}
    given["master_charge"] = MasterCharge.objects.first() or build.master()
    return store(Charge(client=would_be_own_client(owner), **{**given, **values}), fields=[])


def wrong(store_it: Any) -> dict[str, str]:
    """Return the problems by field for which *store_it* is refused."""
    with pytest.raises(ValuesAreWrong) as refused:
        store_it()
    return refused.value.problems


def test_the_first_charge_makes_the_client_that_stands_for_its_owner() -> None:
    customer, reseller = build.customer(account="C-1", city="Cork"), dealer()
    first, second = charged(customer), charged(customer, master_charge=build.master())
    assert (first.client_id, first.client.code, first.client.name) == (
        second.client_id,
        "C-1",
        customer.name,
    )
    own = Client.objects.get(own_of_customer=customer)
    assert (own.customer, own.dealer, own.city, own.is_own, own.owner) == (
        customer,
        None,
        "Cork",
        True,
        customer,
    )
    of_dealer = charged(reseller).client
    assert (of_dealer.code, of_dealer.dealer, of_dealer.customer, of_dealer.owner) == (
        "D1",
        reseller,
        reseller.customer,
        reseller,
    )
    assert Client.objects.count() == 2
    assert [charge.while_commissioned for charge in Charge.objects.all()] == [False] * 3
    assert dict(Charge.objects.values_list("client__code", "paid_by")) == {"C-1": "direct", "D1": "dealer"}
    assert check().violations == []


def test_its_code_is_the_owners_unless_a_client_is_called_so() -> None:
    customer, reseller = build.customer(account="X"), dealer("X")
    build.client(code="X")
    longest = build.customer(account="L" * 64)
    build.client(code="L" * 64)
    with transaction.atomic():
        assert own_client(customer).code == "X-own"
        assert own_client(reseller).code == "X-own-2"
        assert own_client(customer) == Client.objects.get(code="X-own")  # not another one
        assert own_client(longest).code == "L" * 56 + "-own"


def test_of_two_who_charge_an_owner_first_at_once_both_charge_one_client() -> None:
    reseller, masters = dealer(), [build.master(), build.master()]
    together = Barrier(2)

    def work(number: int) -> Charge:
        try:
            together.wait()
            return charged(reseller, key=f"K{number}", master_charge=masters[number])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as people:
        done = list(people.map(work, range(2)))
    assert Client.objects.count() == 1
    assert len({charge.client_id for charge in done}) == 1


def test_what_is_charged_is_billed_to_the_customer_and_to_the_dealers_customer() -> None:
    """30.00 and 45.00 for June: 75.00 net; the dealer is charged by its own price list."""
    customer, reseller = build.customer(), dealer()
    master = build.master()
    ChargeOverride.objects.create(master_charge=master, dealer=reseller, unit_price=Decimal(45))
    charged(customer, master_charge=master)
    charged(reseller, master_charge=master)
    foreseen = preview(build.request())
    assert foreseen.findings.is_empty()
    run = build.run()
    billed = Invoice.objects.filter(run=run).order_by("net_minor").values_list("customer", "net_minor")
    assert list(billed) == [(customer.pk, 3_000), (reseller.customer_id, 4_500)]
    names = InvoiceLine.objects.filter(invoice__run=run).values_list("client__name", flat=True)
    assert set(names) == {customer.name, reseller.name}
    only_dealers = preview(build.request(payer="dealer", cutoff=date(2026, 7, 1)))
    assert only_dealers.invoices.get_column("customer_id").to_list() == [reseller.customer_id]
    assert check().violations == []


def test_the_own_client_follows_its_owner() -> None:
    customer, reseller = build.customer(), dealer()
    charged(customer)
    charged(reseller)
    far = Branch.objects.create(organisation=Branch.objects.get().organisation, code="far", name="Far")
    customer.name, customer.branch, customer.postcode = "Brightwater", far, "T12"
    store(customer, fields=["name", "branch", "postcode"])
    payer = build.customer()
    reseller.name, reseller.customer, reseller.branch = "Harbour Alarms", payer, far
    store_many([reseller], fields=["name", "customer", "branch"])
    own = Client.objects.get(own_of_customer=customer)
    assert (own.name, own.branch, own.postcode) == ("Brightwater", far, "T12")
    own = Client.objects.get(own_of_dealer=reseller)
    assert (own.name, own.branch, own.customer) == ("Harbour Alarms", far, payer)
    assert check().violations == []
    trail = Client.pgh_event_model.objects.filter(pgh_obj_id=own.pk)  # type: ignore[attr-defined]
    assert list(trail.order_by("pgh_id").values_list("name", flat=True)) == ["Dealer D1", "Harbour Alarms"]


def test_it_cannot_be_changed_by_itself() -> None:
    reseller, other, payer = dealer(), dealer("D2"), build.customer()
    own = charged(reseller).client
    for name, value in {
        "name": "Mine",
        "code": "MINE",
        "customer": payer,
        "dealer": other,
        "decommissioned_on": JUNE,
    }.items():
        client = Client.objects.get(pk=own.pk)
        setattr(client, name, value)
        problems = wrong(lambda client=client, name=name: store(client, fields=[name]))
        assert problems == {
            name: "This client stands for D1 Dealer D1 itself and follows it. Change that instead, or add a client "
            "of its own."
        }
    past = PastCommissioning(client=own, starts_on=JUNE, ends_before=date(2026, 7, 1))
    assert "not commissioned" in wrong(lambda: store(past, fields=[]))["starts_on"]
    store(Client.objects.get(pk=own.pk), fields=["name"])  # nothing is changed


@pytest.mark.parametrize("changes", [{"dealer": None}, {"own_of_customer_id": 1}])
def test_the_database_keeps_it_its_owners(changes: dict[str, Any]) -> None:
    own = charged(dealer()).client
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.filter(pk=own.pk).update(**changes)


def test_nobody_else_pays_what_an_owner_is_charged_itself() -> None:
    customer, reseller, payer = build.customer(), dealer(), build.customer()
    master = build.master()
    pays_itself = "What a customer or a dealer is charged itself, it pays itself. Leave it empty."
    for owner in (customer, reseller):
        assert wrong(lambda owner=owner: charged(owner, customer=payer)) == {"customer": pays_itself}
    assert wrong(lambda: charged(customer, paid_by="dealer")) == {"paid_by": pays_itself}
    assert wrong(lambda: charged(reseller, paid_by="direct")) == {"paid_by": pays_itself}
    never = wrong(lambda: charged(customer, while_commissioned=True, master_charge=master))
    assert never["while_commissioned"].startswith("A customer or a dealer itself is not commissioned")
    assert (Client.objects.count(), Charge.objects.count()) == (0, 0)  # no own client is left behind


def test_a_dealer_without_billing_customer_is_not_charged() -> None:
    reseller = dealer(customer=None)
    with pytest.raises(DealerPaysForNothing, match=r"D1 Dealer D1 has no billing customer.* Enter one"):
        charged(reseller)
    with pytest.raises(DealerPaysForNothing):
        store_sent(
            Charge(
                client=would_be_own_client(reseller), key="K", master_charge=build.master(), starts_on=JUNE
            ),
            fields=[],
        )
    assert Client.objects.count() == 0


def test_a1_what_is_for_clients_is_not_for_dealers_and_the_other_way_round() -> None:
    for_sites, for_dealers, for_customers = (
        build.master(code=place, usable_on=[place]) for place in ("client", "dealer", "customer")
    )
    customer, reseller, site = build.customer(), dealer(), build.client()
    assert wrong(lambda: charged(reseller, master_charge=for_sites)) == {
        "master_charge": "client is not for dealers themselves. Choose another master charge, or let this one be used "
        "on dealers themselves."
    }
    assert "not for billing customers themselves" in str(
        wrong(lambda: charged(customer, master_charge=for_dealers))
    )
    refused = Charge(key="K", client=site, master_charge=for_dealers, starts_on=JUNE)
    assert "not for clients" in wrong(lambda: store(refused, fields=[]))["master_charge"]
    charged(reseller, master_charge=for_dealers)
    charged(customer, master_charge=for_customers)
    assert Charge.objects.count() == 2


def test_what_is_typed_is_foreseen_and_leaves_no_client_behind() -> None:
    """30.00 a month from 1 June, twelve months: 360.00."""
    new = Charge(
        client=would_be_own_client(build.customer()), key="K", master_charge=build.master(), starts_on=JUNE
    )
    found = foresee(new, fields=[], today=JUNE)
    assert found.then.total_minor == 36_000
    assert (Client.objects.count(), Charge.objects.count()) == (0, 0)


def test_many_dealers_are_charged_but_for_those_it_is_not_for() -> None:
    """Two new charges of 30.00; one dealer has it, one may not, nobody pays for another."""
    master = build.master()
    first, second, has, may_not, unpaid = (
        dealer(f"D{number}", **({"customer": None} if number == 5 else {})) for number in range(1, 6)
    )
    charged(has, master_charge=master)
    ChargeOverride.objects.create(master_charge=master, dealer=may_not, assignable=False)
    like = assigning.like_one(master)
    dealers = Dealer.objects.all()
    foreseen = assigning.would_assign(dealers, like=like, starts_on=JUNE)
    assert Client.objects.count() == 1  # that of the one that has it
    done = assigning.assign(dealers, like=like, starts_on=JUNE)
    assert (
        foreseen.left_out
        == done.left_out
        == {
            "has no billing customer, so nobody would pay": 1,
            "has it already": 1,
            "may not be assigned it by its price list": 1,
        }
    )
    assert done.price_of_a_period == {"EUR": Decimal(60)}
    assert [charge.key for charge in done.charges] == ["D1-1", "D2-1"]
    assert {charge.client.owner for charge in done.charges} == {first, second}
    assert set(Client.objects.values_list("code", flat=True)) == {"D1", "D2", "D3"}
    assert unpaid.customer is None
    assert check().violations == []


def test_an_assignment_of_which_nothing_comes_leaves_no_client_behind() -> None:
    build.customer(), build.customer()
    for_sites = assigning.like_one(build.master(usable_on=["client"]))
    done = assigning.assign(BillingCustomer.objects.all(), like=for_sites, starts_on=JUNE)
    assert dict(done.left_out) == {"cannot be assigned it: it is not for billing customers themselves": 2}
    undated = assigning.assign(
        BillingCustomer.objects.all(), like=assigning.like_one(build.master()), starts_on=None
    )
    assert dict(undated.left_out) == {"not commissioned, so there is no start": 2}
    assert (Client.objects.count(), Charge.objects.count()) == (0, 0)


def test_a_template_is_copied_to_owners_without_what_is_of_sites() -> None:
    """Of two charges one is for sites alone; the other waits for a commissioning there, and is paid by the dealer."""
    template, customer = build.client(), build.customer()
    build.charge(client=template, master_charge=build.master(usable_on=["client"]))
    copied = build.charge(
        client=template, master_charge=build.master(), quantity=3, while_commissioned=True, paid_by="dealer"
    )
    like = assigning.charges_of_template(template, on=JUNE)
    one = BillingCustomer.objects.filter(pk=customer.pk)
    done = assigning.assign(one, like=like, starts_on=JUNE)
    (charge,) = done.charges
    assert (charge.master_charge, charge.quantity) == (copied.master_charge, 3)
    assert (charge.while_commissioned, charge.paid_by) == (False, "direct")
    assert dict(done.left_out) == {"cannot be assigned it: it is not for billing customers themselves": 1}
    back = assigning.assign(
        Client.objects.filter(pk=build.client().pk),
        like=assigning.charges_of_template(charge.client, on=JUNE),
        starts_on=JUNE,
    )
    assert len(back.charges) == 1


def test_a_sale_without_client_is_of_the_same_own_client() -> None:
    customer = build.customer()
    own = charged(customer).client
    line = SaleLine(
        description="Keypad",
        unit_price=Decimal(10),
        tax_category=TaxCategory.objects.get(code="standard"),
    )
    invoice = make_sale(Sale(customer=customer, invoice_date=JUNE, lines=[line]), by=None, now=NOW)
    assert sale_of(invoice).client == own  # type: ignore[union-attr]
    again = make_sale(Sale(customer=build.customer(), invoice_date=JUNE, lines=[line]), by=None, now=NOW)
    assert sale_of(again).client.is_own  # type: ignore[union-attr]


def test_what_stood_for_customers_on_sales_before_is_marked_unless_it_is_used_otherwise() -> None:
    """Of four clients called as their customer's account the one with a sale and nothing else is what stands for it."""
    mark = import_module("counterfoil.records.charges.migrations.0018_who_stands_for_a_customer").MARK
    stands, charged_too, served, unused = (build.customer(account=f"C{number}") for number in range(1, 5))
    for customer in (stands, charged_too, served, unused):
        site = build.client(code=customer.account, customer=customer)
        if customer != unused:
            build.event(client=site, kind="sale", is_invoice=True, customer=customer)
        if customer == charged_too:
            build.charge(client=site)
        if customer == served:
            Client.objects.filter(pk=site.pk).update(commissioned_on=JUNE)
    with connection.cursor() as cursor:
        cursor.execute(mark)
    marked = Client.objects.exclude(own_of_customer=None)
    assert list(marked.values_list("code", "name", "own_of_customer")) == [("C1", stands.name, stands.pk)]


def test_what_breaks_it_is_found_by_the_check() -> None:
    reseller = dealer()
    charge = charged(reseller)
    Client.objects.filter(pk=charge.client_id).update(name="Another")
    Charge.objects.filter(pk=charge.pk).update(customer=build.customer())
    found = [one for one in check().violations if one.invariant == "own_clients_follow_their_owner"]
    assert [one.documents for one in found] == ["charge OWN-0", "client D1"]
