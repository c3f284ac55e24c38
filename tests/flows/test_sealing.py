"""Sealing: a changed word on an issued document, a changed line of the trail or a changed seal is found and named."""

from __future__ import annotations

import threading
from datetime import date
from time import sleep

import pytest
from django.db import connection, transaction

from counterfoil.flows.billing import issue
from counterfoil.flows.checking import check, check_what_is_seen
from counterfoil.flows.sealing import seal as sealing
from counterfoil.flows.sealing.seal import Sealed, seal_all
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.organisation.models import Seal, SealedRange
from counterfoil.records.parties.models import BillingCustomer, Client
from tests import build
from tests.build import NOW
from tests.flows.test_checking import GUARDED

pytestmark = pytest.mark.django_db(transaction=True)

TRAIL = "parties_billingcustomerevent"
SEALS = ("organisation_seal", "organisation_sealedrange")

# What is planted behind the guards' back, and what then does not hold, with what is named.
CORRUPTIONS = {
    "a word on a line": (
        "UPDATE billing_invoiceline SET description = 'Monitering' WHERE invoice_id = {first}",
        {"sealed_documents_are_unchanged": ["invoices INV-2026-000001 to INV-2026-000002"]},
    ),
    "a purchase order on an invoice": (
        "UPDATE billing_invoice SET po_number = 'PO-9' WHERE id = {first}",
        {"sealed_documents_are_unchanged": ["invoices INV-2026-000001 to INV-2026-000002"]},
    ),
    "the moment of issue": (
        "UPDATE billing_documentnumber SET issued_at = issued_at + interval '1 microsecond' WHERE invoice_id = {first}",
        {"sealed_documents_are_unchanged": ["invoices INV-2026-000001 to INV-2026-000002"]},
    ),
    "what somebody changed": (
        "UPDATE parties_billingcustomerevent SET name = 'Other' WHERE pgh_id = {event}",
        {"sealed_changes_are_unchanged": [TRAIL]},
    ),
    "who changed it": (
        "UPDATE parties_billingcustomerevent SET pgh_context_id = gen_random_uuid() WHERE pgh_id = {event}",
        {"sealed_changes_are_unchanged": [TRAIL]},
    ),
    "a line of the trail": (
        "DELETE FROM parties_billingcustomerevent WHERE pgh_id = {event}",
        {"sealed_changes_are_unchanged": [TRAIL]},
    ),
    "a seal and its range, made to fit": (
        "UPDATE parties_billingcustomerevent SET name = 'Other' WHERE pgh_id = {event};"
        " UPDATE organisation_sealedrange SET digest = repeat('0', 64)"
        " WHERE source = 'parties_billingcustomerevent' AND above < {event} AND up_to >= {event}",
        {"sealed_changes_are_unchanged": [TRAIL], "seals_form_a_chain": ["seal 2"]},
    ),
    "a seal is taken out": (
        "DELETE FROM organisation_sealedrange WHERE seal_id = 1; DELETE FROM organisation_seal WHERE number = 1",
        {"seals_form_a_chain": ["seal 1"]},
    ),
}


def everything_sealed() -> Sealed:
    """Seal all there is; the server's other sessions may be long at their tests, and are waited for."""
    return seal_all(now=NOW, patience=4_000)


@pytest.fixture
def names() -> dict[str, int]:
    """Store a company with two invoices issued, all of it sealed."""
    build.organisation()
    for key in "AB":
        build.charge(key=key, starts_on=date(2026, 5, 12))
    run = build.run()
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=build.JUNE, now=build.now)
    assert everything_sealed().rows > 2
    event = BillingCustomer.pgh_event_model.objects.order_by("pgh_id")[0]
    return {"first": Invoice.objects.order_by("number__seq")[0].pk, "event": event.pgh_id}


def _found_after(statements: str) -> dict[str, list[str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (*GUARDED, TRAIL, *SEALS):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements.split(";"):
            cursor.execute(statement)
            assert cursor.rowcount != 0
        found: dict[str, list[str]] = {}
        for breach in check_what_is_seen().violations:
            found.setdefault(breach.invariant, []).append(breach.documents)
        transaction.set_rollback(True)
    return found


def test_each_planted_change_is_found_and_named_and_nothing_else(names: dict[str, int]) -> None:
    assert check().violations == []
    for corruption, (statements, expected) in CORRUPTIONS.items():
        found = _found_after(statements.format_map(names))
        assert set(found) == set(expected), corruption
        for invariant, documents in expected.items():
            for whole, begin in zip(found[invariant], documents, strict=True):
                assert whole.startswith(begin), corruption
    assert check().violations == []


def test_each_seal_includes_the_last_and_covers_what_is_new_alone(names: dict[str, int]) -> None:
    before = list(Seal.objects.values_list("number", "digest"))
    assert everything_sealed().rows == 0
    BillingCustomer.objects.update(city="Cork")
    assert everything_sealed().rows == 2  # one event for each of two customers
    newest = Seal.objects.order_by("-number")[0]
    assert newest.number == before[-1][0] + 1
    [covered] = newest.ranges.all()
    assert (covered.source, covered.row_count, covered.up_to - covered.above) == (TRAIL, 2, 2)
    assert check().violations == []


def test_a_column_added_later_breaks_no_seal(names: dict[str, int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_invoice ADD COLUMN colour text DEFAULT 'blue'")
        assert check_what_is_seen().violations == []
        cursor.execute("ALTER TABLE billing_invoice RENAME COLUMN po_number TO po")
        found = [breach.message for breach in sealed_breaches()]
        assert len(found) == 1
        assert "not there any more: billing_invoice.po_number" in found[0]
        transaction.set_rollback(True)


def sealed_breaches() -> list[object]:
    from counterfoil.flows.checking import _breaches

    return list(_breaches("sealed_documents_are_unchanged"))


def test_large_ranges_are_cut_and_sealed_over_several_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    build.organisation()
    everything_sealed()
    monkeypatch.setattr(sealing, "ROWS_A_RANGE", 2)
    monkeypatch.setattr(sealing, "MOST_RANGES", 2)
    for _ in range(7):
        build.customer()
    assert everything_sealed().rows == 7
    ranges = SealedRange.objects.filter(source=TRAIL).order_by("up_to")
    ends = list(ranges.values_list("above", "up_to"))
    assert {one.up_to - one.above for one in ranges} <= {1, 2}
    assert sum(one.row_count for one in ranges) == 7
    assert [above for above, _ in ends] == [0, *(up_to for _, up_to in ends[:-1])]
    assert (
        max(ranges.filter(seal=number).count() for number in set(ranges.values_list("seal", flat=True))) == 2
    )
    assert check().violations == []


def test_what_a_transaction_under_way_may_still_add_is_waited_for() -> None:
    build.organisation()
    everything_sealed()
    wrote, may_end = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            build.customer(account="SLOW")
            wrote.set()
            may_end.wait(timeout=60)
        connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    wrote.wait(timeout=60)
    build.customer(account="QUICK")  # with a higher key in the trail than the one that is not yet to be seen
    assert seal_all(now=NOW, patience=2).rows == 0
    may_end.set()
    thread.join()
    assert everything_sealed().rows == 2
    assert check().violations == []


def test_seals_of_another_server_go_on_after_a_restore(names: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisation_sealmark SET before_xid = before_xid + 1000000000")
    Client.objects.update(city="Cork")
    assert everything_sealed().rows == 2
    assert Run.objects.count() == 1


def test_the_job_seals(names: dict[str, int], caplog: pytest.LogCaptureFixture) -> None:
    from counterfoil.jobs.sealing import seal_what_is_new

    Client.objects.update(city="Cork")
    before = Seal.objects.count()
    for _ in range(4_000):  # it waits for nobody: what other sessions hold up comes with a later job
        seal_what_is_new(timestamp=0)
        if Seal.objects.count() > before:
            break
        sleep(0.05)
    assert Seal.objects.order_by("-number")[0].ranges.get().source == "parties_clientevent"
