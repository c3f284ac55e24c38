"""Consolidated billing through the API: as on the pages, with the same refusals."""

from __future__ import annotations

import pytest

from counterfoil.records.billing.models import ConsolidatedBilling, QueuedInvoice
from counterfoil.records.organisation.models import Branch, Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of
from tests.flows.consolidating.waiting import consolidating, printed, waits

pytestmark = pytest.mark.django_db
ADDRESS = "/consolidated-billings"
WANTED = {"cutoff": "2026-06-30", "billing_date": "2026-06-30"}


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    build.organisation()


def test_a_batch_is_previewed_made_once_for_a_key_and_rolled(program: MakeProgram) -> None:
    customer = consolidating(cycle="1 month", next_date=build.JUNE)
    poor = consolidating(minimum_minor=5_000)
    printed(waits(customer, 1_000))
    waits(poor, 1_880)
    erp = program(Role.BILLER)
    shown = erp.post(f"{ADDRESS}/preview", {"cutoff": "2026-06-30"}).json()["billings"]
    assert [(one["customer"], one["total"], one["is_billed"], one["short"]) for one in shown] == [
        (customer.account, "10.00", True, None),
        (
            poor.account,
            "18.80",
            False,
            "EUR 31.20 short of the minimum of EUR 50.00: carried to the next cycle",
        ),
    ]
    made = erp.post(f"{ADDRESS}/batches", WANTED, key="b1").json()
    assert made == {"batch": "1", "billings": 1, "due_to_roll": 1}
    assert erp.post(f"{ADDRESS}/batches", WANTED, key="b1").json() == made
    assert problem_of(erp.post(f"{ADDRESS}/batches", WANTED)) == (409, "nothing-to-bill")
    [billing] = erp.get(ADDRESS, batch="1").json()["items"]
    assert (billing["number"], billing["total"], billing["is_void"]) == ("B10001-0", "10.00", False)
    [entry] = erp.get(f"{ADDRESS}/{billing['id']}/documents").json()["items"]
    assert (entry["document_type"], entry["amount_due"]) == ("sales", "10.00")
    assert erp.get(f"{ADDRESS}/{billing['id']}/pdf").content.startswith(b"%PDF")
    roll = {"next_dates": {customer.account: "2026-06-01"}}
    assert erp.get(f"{ADDRESS}/roll", cutoff="2026-06-30").json()["items"][0]["rolled_to"] == "2026-07-01"
    assert len(erp.post(f"{ADDRESS}/roll", roll).json()["customers"]) == 1
    assert erp.post(f"{ADDRESS}/roll", roll).json()["customers"] == []  # rolled already


def test_a_billing_by_hand_is_edited_mailed_and_void(program: MakeProgram) -> None:
    customer = consolidating()
    one, two = waits(customer, 1_000), waits(customer, 2_000)
    erp = program(Role.APPROVER)
    typed = {"invoices": [one.pk], "billing_date": "2026-06-30", "po_number": "PO-1"}
    stranger = {**typed, "invoices": [one.pk, 999_999], "customer": customer.account}
    assert problem_of(erp.post(ADDRESS, stranger)) == (422, "nothing-called-so")  # and none is left out
    made = erp.post(ADDRESS, {**typed, "customer": customer.account, "number": "B20000"}).json()
    assert (made["number"], made["due_on"]) == ("B20000-0", "2026-07-14")
    address = f"{ADDRESS}/{made['id']}"
    edited = erp.post(f"{address}/edit", {**typed, "invoices": [one.pk, two.pk]}).json()
    assert (edited["number"], edited["invoices"]) == ("B20000-1", 2)
    assert erp.get(address).json()["replaced_by"] == "B20000-1"
    assert problem_of(erp.post(f"{address}/edit", typed)) == (409, "edited-meanwhile")
    assert erp.post(f"{ADDRESS}/{edited['id']}/email").json() == {"count": 1}
    assert erp.post(f"{ADDRESS}/{edited['id']}/void", {"reason": "wrong"}).json()["is_void"]
    happened = erp.get(f"{address}/history").json()["items"]
    assert [one["what"] for one in happened] == ["Replaced by B20000-1", "Created"]
    assert erp.get(ADDRESS, is_void=False).json()["items"] == []
    assert erp.post(f"{ADDRESS}/queue/release", {"invoices": [one.pk], "reason": "now"}).json() == {
        "count": 1
    }
    assert QueuedInvoice.objects.count() == 1
    assert erp.post(f"{ADDRESS}/queue/add", {"invoices": [one.pk]}).json() == {"count": 1}


def test_settings_roles_and_branches(program: MakeProgram) -> None:
    customer = build.customer()
    address = f"/customers/{customer.pk}/consolidation"
    erp = program(Role.BILLER)
    assert erp.get(address).json()["is_used"] is False
    stored = erp.patch(address, {"cycle": "1 month", "minimum": "50.00", "takes_sales": True}).json()
    assert (stored["is_used"], stored["minimum"], stored["limit"]) == (True, "50.00", None)
    wrong = erp.patch(address, {"limit": "50.00"})
    assert problem_of(wrong) == (409, "minimum-not-below-limit")
    waits(customer, 9_000)
    viewer = program(Role.VIEWER)
    assert problem_of(viewer.post(f"{ADDRESS}/batches", WANTED)) == (403, "forbidden")
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    limited = program(Role.BILLER, branches=[north])
    assert problem_of(limited.post(f"{ADDRESS}/batches", WANTED)) == (409, "nothing-to-bill")
    erp.post(f"{ADDRESS}/batches", WANTED)
    billing = ConsolidatedBilling.objects.get()
    assert limited.get(f"{ADDRESS}/{billing.pk}").status_code == 404


def test_an_edit_keeps_what_its_editor_does_not_see(program: MakeProgram) -> None:
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    customer = consolidating()
    here, more, there = waits(customer, 1_000), waits(customer, 2_000), waits(customer, 4_000, branch=north)
    typed = {"invoices": [here.pk, more.pk, there.pk], "billing_date": "2026-06-30"}
    made = program(Role.BILLER).post(ADDRESS, {**typed, "customer": customer.account}).json()
    limited = program(Role.BILLER, branches=[customer.branch])
    edited = limited.post(f"{ADDRESS}/{made['id']}/edit", {**typed, "invoices": [here.pk]}).json()
    assert (edited["number"], edited["invoices"], edited["total"]) == (
        "B10001-1",
        2,
        "50.00",
    )  # 10.00 + 40.00


def test_an_invoice_is_due_with_its_billing(program: MakeProgram) -> None:
    customer = consolidating()
    one = waits(customer, 1_000)
    erp = program(Role.BILLER)
    assert erp.get(f"/invoices/{one.pk}").json()["due_on"] == "2026-06-15"
    typed = {"customer": customer.account, "invoices": [one.pk], "billing_date": "2026-06-30"}
    erp.post(ADDRESS, {**typed, "due_on": "2026-07-20"})
    assert erp.get(f"/invoices/{one.pk}").json()["due_on"] == "2026-07-20"
    assert [found["id"] for found in erp.get("/invoices", due_from="2026-07-01").json()["items"]] == [one.pk]
    assert erp.get("/invoices", due_until="2026-06-15").json()["items"] == []


def test_a_roll_answers_what_it_rolled_and_who_is_due_comes_in_pages(program: MakeProgram) -> None:
    first, second = (consolidating(cycle="1 month", next_date=build.JUNE) for _ in range(2))
    erp = program(Role.BILLER)
    page = erp.get(f"{ADDRESS}/roll", cutoff="2026-06-30", limit=1).json()
    assert [one["customer"] for one in page["items"]] == [first.account]
    rest = erp.get(f"{ADDRESS}/roll", cutoff="2026-06-30", cursor=page["next_cursor"]).json()
    assert [one["customer"] for one in rest["items"]] == [second.account]
    named = {"next_dates": {second.account: "2026-06-01", first.account: "2026-05-01"}}
    rolled = erp.post(f"{ADDRESS}/roll", named).json()["customers"]
    assert [one["customer"] for one in rolled] == [second.account]  # the other's date is another one
    assert erp.post(f"{ADDRESS}/roll", {"next_dates": {}}).status_code == 422
