"""The move from one customer mode to the other: foreseen, the same to the cent, done once, undone."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from counterfoil.core.paying import CustomerMode
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.paid_again import WouldBePaidByAnother
from counterfoil.flows.billing.review import ReasonMissing, exclude
from counterfoil.flows.billing.run import Request, generate
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.billing.voiding import void_invoices, void_run
from counterfoil.flows.checking import check
from counterfoil.flows.customer_mode.moving import (
    BilledSince,
    InThatModeAlready,
    MoveIsBlocked,
    NothingToUndo,
    RunIsGenerating,
    WouldBillOtherwise,
    WouldBillOtherwiseLater,
    last_move,
    move,
    undo,
    would_move,
)
from counterfoil.flows.customer_mode.plan import plan
from counterfoil.records.billing.models import BatchDefinition, InvoiceLine, Run, RunStatus
from counterfoil.records.catalog.models import ChargeOverride, MasterCharge
from counterfoil.records.charges.models import BillableEvent, Charge, ChargedEvent
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.parties.models import Client, Dealer
from tests import build
from tests.build import JUNE, NOW
from tests.flows.paying import bureau
from tests.flows.paying.bureau import LEGACY, STANDARD

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)


def moved(to: CustomerMode) -> Any:
    """Move, as somebody does in June."""
    return move(to=to, today=JUNE, by=None, reason="One way for all")


def as_stored() -> list[Any]:
    """Return all that a move may change."""
    return [
        list(Charge.objects.order_by("key").values_list("key", "customer_id", "paid_by")),
        list(Client.objects.order_by("code").values_list("code", "customer_id")),
        list(Dealer.objects.order_by("code").values_list("code", "customer_id")),
        list(BillableEvent.objects.order_by("key").values_list("key", "customer_id")),
        Organisation.objects.get().customer_mode,
    ]


def billed(definition: str, *, on: date) -> dict[str, str]:
    """Run *definition* on a day, issue it, and return the account that was billed by charge."""
    found = BatchDefinition.objects.get(name=definition)
    asked = Request(
        title=found.title, selection=Selection.of(found), cutoff=on, invoice_date=on, definition=found
    )
    run = generate(asked, by=None, now=build.now)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=on, now=build.now)
    lines = InvoiceLine.objects.filter(invoice__run=run).select_related("charge", "invoice__customer")
    return {line.charge.key: line.invoice.customer.account for line in lines}


def test_a_move_is_foreseen_in_numbers_and_stores_nothing() -> None:
    """Two charges are paid directly, two by dealers with an account; the dealer of the fifth has none."""
    bureau.legacy_bureau()
    before = as_stored()
    found = would_move(to=CustomerMode.STANDARD, today=JUNE)
    assert found.is_possible
    assert found.plan.figures == {
        "customers_of_clients": 2,
        "customers_of_dealers": 1,
        "charges_assigned": 2,
        "charges_by_default": 2,
        "charges_of_nobody": 1,
        "events_assigned": 0,
    }
    assert [(one.before.definition, one.before.gross, one.after.gross) for one in found.compared] == [
        ("service-dealer", {"EUR": 7380}, {"EUR": 7380}),  # 2 × 30.00, and 23 %
        ("service-direct", {"EUR": 7380}, {"EUR": 7380}),
    ]
    later = found.later
    assert later is not None
    assert [(due.line_count, due.net) for due in (later.before, later.after)] == [
        (48, {"EUR": 144_000}),  # 4 × 30.00, June 2026 to May 2027
        (48, {"EUR": 144_000}),
    ]
    assert as_stored() == before
    assert last_move() is None


def test_a_month_in_legacy_mode_the_next_in_standard_mode_and_no_day_twice() -> None:
    bureau.legacy_bureau()
    assert billed("service-direct", on=JUNE) == {"K1": "A-S1", "K4": "A-S3"}
    assert billed("service-dealer", on=JUNE) == {"K2": "A-D1", "K3": "A-D1"}
    moved(CustomerMode.STANDARD)
    assert dict(Charge.objects.values_list("key", "customer__account")) == {
        "K1": None,
        "K2": "A-D1",
        "K3": "A-D1",
        "K4": None,
        "K5": None,
    }
    assert billed("service-direct", on=JULY) == {"K1": "A-S1", "K4": "A-S3"}
    assert billed("service-dealer", on=JULY) == {"K2": "A-D1", "K3": "A-D1"}
    assert billed("service-direct", on=JULY) == {}
    days = InvoiceLine.objects.filter(charge__key="K2").values_list("period_start", "period_end")
    assert sorted(days) == [(JUNE, JULY), (JULY, date(2026, 8, 1))]
    assert list(check().violations) == []
    with pytest.raises(BilledSince, match="billed after the move, so it stays"):
        undo(today=JUNE, by=None)


def test_a_move_is_undone_to_what_was_before_while_nothing_was_billed() -> None:
    bureau.legacy_bureau()
    before = as_stored()
    moved(CustomerMode.STANDARD)
    last = last_move()
    assert last is not None
    assert (last.moved_from, last.run_since) == (CustomerMode.LEGACY, None)
    assert undo(today=JUNE, by=None).is_possible
    assert as_stored() == before
    with pytest.raises(InThatModeAlready):
        moved(CustomerMode.LEGACY)


def standard_bureau() -> None:
    """Store charges and events of a dealer's clients, paid by default customers or by whom they name."""
    build.organisation()
    harbour = bureau.dealer("D1", account="A-D1")
    quay = build.client(code="S1", customer=harbour.customer, dealer=harbour)
    own = bureau.client("S2", account="A-S2", of=harbour)
    by_dealer = build.master(code="MON-D", paid_by="dealer")
    bureau.charge("K1", quay)
    bureau.charge("K2", own)
    bureau.charge("K3", own, customer=harbour.customer)
    bureau.charge("K4", own, customer=own.customer)
    bureau.charge("K5", own, master_charge=by_dealer)
    build.event({"master_charge": by_dealer}, key="W1", client=quay)
    build.event({"master_charge": by_dealer}, key="W2", client=own, customer=harbour.customer)
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])


def test_a_move_to_legacy_is_undone_to_what_was_before() -> None:
    """Default customers and charges that name who pays anyway come back, though the marks would do without."""
    standard_bureau()
    before = as_stored()
    moved(CustomerMode.LEGACY)
    assert Client.objects.get(code="S1").customer is None
    assert undo(today=JUNE, by=None).is_possible
    assert as_stored() == before
    with pytest.raises(NothingToUndo):  # a second click does not move again
        undo(today=JUNE, by=None)
    assert as_stored() == before


def test_what_changed_since_is_kept_where_a_move_to_legacy_is_undone() -> None:
    """Nobody pays the new charge of the client without an account, so its dealer does not begin to."""
    standard_bureau()
    moved(CustomerMode.LEGACY)
    bureau.charge("K6", Client.objects.get(code="S1"), paid_by="direct")
    Charge.objects.filter(key="K3").update(paid_by="direct")
    undo(today=JUNE, by=None)
    assert Client.objects.get(code="S1").customer is None
    payers = dict(Charge.objects.values_list("key", "who_pays__payer__account"))
    assert payers == {"K1": "A-D1", "K2": "A-S2", "K3": "A-S2", "K4": "A-S2", "K5": "A-S2", "K6": None}


def test_what_cannot_be_undone_or_done_says_why() -> None:
    bureau.legacy_bureau()
    with pytest.raises(NothingToUndo):
        undo(today=JUNE, by=None)
    with pytest.raises(ReasonMissing):
        move(to=CustomerMode.STANDARD, today=JUNE, by=None, reason=" ")
    run = Run.objects.create(
        title="R", selection=Selection().to_json(), cutoff=JUNE, invoice_date=JUNE, started_at=NOW
    )
    with pytest.raises(RunIsGenerating, match=f"Run {run.pk} is generating"):
        moved(CustomerMode.STANDARD)
    Run.objects.update(status=RunStatus.ABANDONED, abandoned_at=NOW)
    # An account that is two's, behind the guards' back: the direct charge would become the dealer's.
    Client.objects.filter(code="S1").update(customer=Dealer.objects.get(code="D1").customer)
    assert not would_move(to=CustomerMode.STANDARD, today=JUNE).is_possible
    with pytest.raises(
        WouldBillOtherwise, match=r"service-dealer would bill 3 lines, 110\.70 EUR instead of 2"
    ):
        moved(CustomerMode.STANDARD)
    # The same of charges that begin in July: nothing is billed otherwise today, but from then on.
    Charge.objects.filter(client__code="S1").update(starts_on=JULY)
    with pytest.raises(WouldBillOtherwiseLater, match=r"46 lines, .* would fall due instead"):
        moved(CustomerMode.STANDARD)
    assert Organisation.objects.get().customer_mode == LEGACY


def work_order(key: str, *codes: str) -> BillableEvent:
    """Store a work order of the client S1 with a line of each of these master charges."""
    masters = [{"master_charge": MasterCharge.objects.get(code=code)} for code in codes]
    return build.event(*masters, key=key, kind="work_order", client=Client.objects.get(code="S1"))


def test_what_is_drafted_is_paid_by_the_same_when_it_is_billed_again_after_a_move() -> None:
    """The draft of the dealer's work order is excluded after the move: the next run bills the dealer once more."""
    bureau.legacy_bureau()
    work_order("W1", "MON-D")
    [draft] = build.run(kinds=("work_order",)).invoice_set.all()
    assert draft.customer.account == "A-D1"
    moved(CustomerMode.STANDARD)
    exclude([draft.pk], reason="Not yet", by=None, now=NOW)
    [again] = build.run(kinds=("work_order",)).invoice_set.all()
    assert again.customer.account == "A-D1"


def test_what_is_void_after_a_move_is_paid_by_the_same_when_it_is_billed_again() -> None:
    """A work order that the dealer pays, and one that client and dealer pay: each document in turn, never both."""
    bureau.legacy_bureau()
    work_order("W1", "MON-D")
    work_order("W2", "MON", "MON-D")
    run = build.run(kinds=("work_order",))
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    billed_to = {one.customer.account: one.pk for one in run.invoice_set.select_related("customer")}
    assert sorted(billed_to) == ["A-D1", "A-S1"]  # W1 and half of W2, and the other half
    moved(CustomerMode.STANDARD)
    with pytest.raises(
        WouldBePaidByAnother, match=r"billed the event W2 to .*Void the event's documents one by"
    ):
        void_run(run.pk, reason="All wrong", by=None, now=NOW)
    for account in ("A-D1", "A-S1"):
        void_invoices([billed_to[account]], reason="Wrong", by=None, now=NOW)
        again = build.run(kinds=("work_order",))
        assert [one.customer.account for one in again.invoice_set.all()] == [account]
    assert check().violations == []


def test_what_is_drafted_stands_in_the_way_as_what_is_not_billed_yet() -> None:
    bureau.legacy_bureau()
    work_order("W1", "MON", "MON-D")
    run = build.run(kinds=("work_order",))
    assert [(one.code, one.named) for one in plan(CustomerMode.STANDARD).blockers] == [
        ("event_of_several", ["W1"])
    ]
    bureau.mode(STANDARD)
    mill = Client.objects.get(code="S1")
    BillableEvent.objects.update(customer=mill.dealer.customer)  # type: ignore[union-attr]
    assert ("event_paid_otherwise", ["W1"]) in [
        (one.code, one.named) for one in plan(CustomerMode.LEGACY).blockers
    ]
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    assert "event_paid_otherwise" not in [one.code for one in plan(CustomerMode.LEGACY).blockers]
    bureau.mode(LEGACY)
    assert plan(CustomerMode.STANDARD).blockers == []


def test_what_stands_in_the_way_of_standard_mode() -> None:
    bureau.legacy_bureau()
    dunes = Client.objects.get(code="S4")
    bureau.charge("K8", bureau.client("S8", account="A-S8", of=dunes.dealer), paid_by="dealer")
    mill = Client.objects.get(code="S1")
    marks = [{"master_charge": MasterCharge.objects.get(code=code)} for code in ("MON", "MON-D")]
    build.event(*marks, key="W1", kind="work_order", client=mill)
    ChargeOverride.objects.create(master_charge=MasterCharge.objects.get(code="MON"), customer=mill.customer)
    found = {one.code: (one.count, list(one.named)) for one in plan(CustomerMode.STANDARD).blockers}
    assert found == {
        "dealer_without_account": (1, ["K8"]),
        "event_of_several": (1, ["W1"]),
        "prices_of_customer": (1, ["A-S1 MON"]),
    }
    before = as_stored()
    with pytest.raises(MoveIsBlocked, match="cannot be moved to standard customer mode"):
        moved(CustomerMode.STANDARD)
    assert as_stored() == before


def test_a_standard_bureau_moves_to_legacy_where_nothing_is_lost() -> None:
    """The client that is its dealer's default customer has no account of its own then; its charge is the dealer's."""
    build.organisation()
    harbour = bureau.dealer("D1", account="A-D1")
    quay = build.client(code="S1", customer=harbour.customer, dealer=harbour)
    bureau.charge("K1", quay)
    own = bureau.client("S2", account="A-S2", of=harbour)
    bureau.charge("K2", own)
    bureau.charge("K3", own, customer=harbour.customer)
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])
    moved(CustomerMode.LEGACY)
    assert dict(Charge.objects.values_list("key", "paid_by")) == {"K1": "dealer", "K2": "", "K3": "dealer"}
    assert not Charge.objects.filter(customer__isnull=False).exists()
    assert dict(Client.objects.values_list("code", "customer__account")) == {"S1": None, "S2": "A-S2"}
    assert billed("all", on=JUNE) == {"K1": "A-D1", "K2": "A-S2", "K3": "A-D1"}


def test_what_would_be_lost_in_legacy_mode() -> None:
    build.organisation()
    payer = build.customer(account="C1")
    for code in ("S1", "S2"):
        bureau.charge(f"K-{code}", build.client(code=code, customer=payer))
    bureau.charge("K3", bureau.client("S3", account="C3"), customer=payer)
    marked = MasterCharge.objects.get()
    build.event({"master_charge": marked}, key="W1", client=Client.objects.get(code="S3"), customer=payer)
    ChargeOverride.objects.create(master_charge=marked, customer=payer)
    found = {one.code: (one.count, list(one.named)) for one in plan(CustomerMode.LEGACY).blockers}
    assert found == {
        "account_of_several": (1, ["C1"]),
        "event_paid_otherwise": (1, ["W1"]),
        "paid_by_somebody_else": (1, ["K3"]),
        "prices_of_customer": (1, [f"C1 {marked.code}"]),
    }


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_bureau_a_move_bills_the_same_and_is_undone_whole(seed: int) -> None:
    """Charges and events drawn at random; what stands in the way is mended first, by the remedies."""
    draw = random.Random(seed)  # noqa: S311  a test
    build.organisation(customer_mode=LEGACY)
    masters = [build.master(paid_by=mark, kind="service") for mark in ("direct", "dealer")]
    dealers = [bureau.dealer(f"D{n}", account=f"AD{n}" if draw.random() < 0.7 else None) for n in range(4)]
    clients = [
        bureau.client(
            f"S{n}", account=f"AS{n}" if draw.random() < 0.7 else None, of=draw.choice([None, *dealers])
        )
        for n in range(20)
    ]
    for number in range(60):
        mark = draw.choice(["", "direct", "dealer"])
        bureau.charge(f"K{number}", draw.choice(clients), paid_by=mark, master_charge=draw.choice(masters))
    for number in range(30):
        lines = [{"master_charge": draw.choice(masters)} for _ in range(draw.choice([1, 1, 2]))]
        build.event(*lines, key=f"W{number}", kind="work_order", client=draw.choice(clients))
    for payer in ("direct", "dealer"):
        BatchDefinition.objects.create(name=payer, title=payer, kinds=["service", "work_order"], payer=payer)
    for blocker in plan(CustomerMode.STANDARD).blockers:
        if blocker.code == "dealer_without_account":
            unpaid = Charge.objects.filter(who_pays__by_dealer=True, who_pays__payer=None)
            Charge.objects.filter(pk__in=list(unpaid.values_list("pk", flat=True))).update(paid_by="direct")
        else:
            BillableEvent.objects.filter(charges__master_charge=masters[1]).exclude(
                charges__in=ChargedEvent.objects.values("event_charge")
            ).update(is_chargeable=False)
            for event in BillableEvent.objects.filter(is_chargeable=False):
                event.charges.update(master_charge=masters[0])
    assert plan(CustomerMode.STANDARD).blockers == []
    before = as_stored()
    found = moved(CustomerMode.STANDARD)
    assert [one.is_same for one in found.compared] == [True, True]
    assert sum(one.before.lines.height for one in found.compared) > 20
    undo(today=JUNE, by=None)
    assert as_stored() == before
    assert as_stored()[-1] != STANDARD
