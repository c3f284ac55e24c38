"""Legacy customer mode: accounts of clients and dealers, marks, what each definition bills, what is set aside."""

from __future__ import annotations

import random
from typing import Any

import pytest

from counterfoil.core.paying import CustomerMode, PaidBy, Paying, who_pays
from counterfoil.flows.accounts import NotInLegacyMode, account_of, store_account
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.billing.leaking import leaking_charges
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.editing import store
from counterfoil.flows.recording import EventPaidByItsCharges, record_event
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, EventCharge
from counterfoil.records.charges.price_queries import steps_of_charge
from counterfoil.records.charges.queries import payer_to_be, terms_of_charges
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import BillingCustomer, Client
from tests import build
from tests.build import JUNE
from tests.flows.paying import bureau
from tests.flows.paying.bureau import LEGACY, STANDARD

pytestmark = pytest.mark.django_db(transaction=True)


def _billed(**selection: Any) -> dict[str, str]:
    """Return the account that a run bills by charge."""
    found = preview(build.request(**selection))
    accounts = dict(BillingCustomer.objects.values_list("pk", "account"))
    keys = dict(Charge.objects.values_list("pk", "key"))
    rows = found.lines.join(found.invoices.select("invoice_no", "customer_id"), on="invoice_no")
    return {keys[row["charge_id"]]: accounts[row["customer_id"]] for row in rows.iter_rows(named=True)}


def _set_aside(**selection: Any) -> dict[str, str]:
    """Return the code of the finding by charge."""
    keys = dict(Charge.objects.values_list("pk", "key"))
    findings = preview(build.request(**selection)).findings
    return {keys[row["charge_id"]]: row["code"] for row in findings.iter_rows(named=True)}


def test_a_definition_bills_only_its_kind_to_the_account_of_its_kind() -> None:
    bureau.legacy_bureau()
    assert _billed(payer="direct") == {"K1": "A-S1", "K4": "A-S3"}
    assert _billed(payer="dealer") == {"K2": "A-D1", "K3": "A-D1"}
    assert _set_aside(payer="direct") == {}
    assert _set_aside(payer="dealer") == {"K5": "no_account_of_dealer"}


def test_a_missing_account_is_an_exception_of_its_own_kind() -> None:
    bureau.legacy_bureau()
    bureau.charge("K6", Client.objects.get(code="S2"), paid_by="direct")
    bureau.charge("K7", Client.objects.get(code="S3"), paid_by="dealer")
    assert _set_aside() == {
        "K5": "no_account_of_dealer",
        "K6": "no_account_of_client",
        "K7": "no_dealer",
    }


def test_events_are_paid_as_the_marks_of_their_master_charges_say() -> None:
    bureau.legacy_bureau()
    mill = Client.objects.get(code="S1")
    marks = [{"master_charge": MasterCharge.objects.get(code=code)} for code in ("MON", "MON-D")]
    build.event(*marks, kind="work_order", client=mill)
    for payer, account in (("direct", "A-S1"), ("dealer", "A-D1")):
        found = preview(build.request(kinds=("work_order",), payer=payer))
        assert found.invoices.get_column("customer_id").to_list() == [
            BillingCustomer.objects.get(account=account).pk
        ]
        assert found.lines.height == 1
    named = BillableEvent(
        key="W9", kind="sale", client=mill, customer=mill.customer, occurred_on=JUNE, to_be_billed_on=JUNE
    )
    with pytest.raises(EventPaidByItsCharges, match="the master charges of Sale W9 say who pays"):
        record_event(named, charges=[EventCharge(**marks[0])])


@pytest.mark.parametrize("mode", [STANDARD, LEGACY])
def test_the_view_of_payers_says_what_the_rule_says(mode: str) -> None:
    """300 charges and 100 charges of events, drawn at random, some of them without accounts, dealers or marks."""
    draw = random.Random(1_870)  # noqa: S311  a test
    build.organisation()
    masters = [build.master(paid_by=mark) for mark in ("direct", "dealer")]
    customers = [build.customer() for _ in range(12)]
    dealers = [bureau.dealer(f"D{n}", account=f"AD{n}" if n % 3 else None) for n in range(6)]
    payers = [None, *customers, *(one.customer for one in dealers if one.customer)]
    clients = [
        build.client(customer=draw.choice(payers), dealer=draw.choice([None, *dealers])) for _ in range(60)
    ]
    for _ in range(300):
        build.charge(
            client=draw.choice(clients),
            master_charge=draw.choice(masters),
            customer=draw.choice([None, draw.choice(payers)]),
            paid_by=draw.choice(["", "direct", "dealer"]),
        )
    for _ in range(100):
        payer = draw.choice([None, draw.choice(payers)])
        build.event({"master_charge": draw.choice(masters)}, client=draw.choice(clients), customer=payer)
    bureau.mode(mode)

    def ruled(row: Any, *, assigned: int | None, mark: str) -> Paying[int]:
        dealer = row.client.dealer
        return who_pays(
            mode=CustomerMode(mode),
            assigned=assigned,
            of_client=row.client.customer_id,
            of_dealer=dealer.customer_id if dealer else None,
            paid_by=PaidBy(mark),
        )

    charges = Charge.objects.select_related("who_pays", "client__dealer", "master_charge")
    assert charges.count() == 300
    for charge in charges:
        expected = ruled(
            charge, assigned=charge.customer_id, mark=charge.paid_by or charge.master_charge.paid_by
        )
        seen = charge.who_pays
        assert (seen.payer_id, seen.by_dealer) == (expected.customer, expected.by_dealer)
        assert payer_to_be(charge) == expected
    events = EventCharge.objects.select_related("who_pays", "event__client__dealer", "master_charge")
    for one in events:
        expected = ruled(one.event, assigned=one.event.customer_id, mark=one.master_charge.paid_by)
        assert (one.who_pays.payer_id, one.who_pays.by_dealer) == (expected.customer, expected.by_dealer)


def test_price_lists_of_customers_count_in_standard_mode_only() -> None:
    bureau.legacy_bureau()
    charge = Charge.objects.get(key="K1")
    ChargeOverride.objects.create(
        master_charge=charge.master_charge, customer=charge.client.customer, unit_price=10
    )
    for mode, price in ((LEGACY, 30), (STANDARD, 10)):
        bureau.mode(mode)
        [terms] = terms_of_charges(Charge.objects.filter(key="K1"))
        assert terms.values["unit_price"] == price
        [step] = steps_of_charge(terms_of_charges(Charge.objects.filter(key="K1"))[0], through=JUNE)
        assert step.unit_price_steps == price * 1_000_000
        lines = preview(build.request()).lines.filter(charge_id=charge.pk)
        assert lines.get_column("net_minor").to_list() == [price * 100]
    bureau.mode(LEGACY)
    mine = ChargeOverride(master_charge=MasterCharge.objects.get(code="MON-D"), customer=build.customer())
    with pytest.raises(ValuesAreWrong, match="there are no prices of a customer"):
        store(mine, fields=[])


def test_a_charge_shows_whose_account_and_which_level_says_so() -> None:
    bureau.legacy_bureau()
    told = {
        terms.charge.key: (terms.payer and terms.payer.account, terms.paid_by, terms.payer_set_by)
        for terms in terms_of_charges(Charge.objects.order_by("key"))
    }
    assert told == {
        "K1": ("A-S1", "direct", "master"),
        "K2": ("A-D1", "dealer", "master"),
        "K3": ("A-D1", "dealer", "assignment"),
        "K4": ("A-S3", "direct", "master"),
        "K5": (None, "dealer", "master"),
    }


def test_each_client_and_dealer_has_an_account_of_its_own() -> None:
    bureau.legacy_bureau()
    whose = Client.objects.get(code="S2")
    account = account_of(whose)
    assert (account.pk, account.name, account.branch) == (None, whose.name, whose.branch)
    account.account, account.currency = "A-S2", "EUR"
    store_account(account, of=whose, fields=[])
    assert Client.objects.get(code="S2").customer == BillingCustomer.objects.get(account="A-S2")
    account.payment_terms = "30 days"
    store_account(account, of=whose, fields=["payment_terms"])
    assert BillingCustomer.objects.get(account="A-S2").payment_terms == "30 days"
    other = Client.objects.get(code="S4")
    other.customer = account
    with pytest.raises(ValuesAreWrong, match="This is the account of S2"):
        store(other, fields=["customer"])
    assigned = Charge(key="K9", client=whose, starts_on=JUNE, customer=account)
    assigned.master_charge = MasterCharge.objects.get(code="MON")
    with pytest.raises(ValuesAreWrong, match="who pays follows from the mark"):
        store(assigned, fields=[])
    bureau.mode(STANDARD)
    with pytest.raises(NotInLegacyMode):
        store_account(account, of=whose, fields=[])


def test_what_no_definition_of_its_kind_selects_leaks() -> None:
    bureau.legacy_bureau()
    BatchDefinition.objects.filter(payer="dealer").delete()
    assert sorted(charge.key for charge in leaking_charges()) == ["K2", "K3", "K5"]
    assert Organisation.objects.get().is_legacy
