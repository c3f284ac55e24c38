"""Contacts and notes over the API, and contacts from files (product B3, B5, B6)."""

from __future__ import annotations

import io

import pytest

from counterfoil.flows.importing.export import export_csv
from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.parties.models import Contact
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()


def test_a_contact_is_of_one_and_has_a_name_of_its_own_there(program: MakeProgram) -> None:
    erp, site = program(Role.BILLER), build.client()
    sent = {"name": "Nuala Quay", "client": site.code, "email": "n@example.com"}
    stored = erp.post("/contacts", sent).json()
    assert (stored["client"], stored["customer"], stored["email"]) == (site.code, None, "n@example.com")
    for wrong, field in (
        (sent, "body.name"),
        ({**sent, "customer": site.customer.account}, "body.customer"),
        ({"name": "Nobody's"}, "body.customer"),
        ({**sent, "name": "Other", "email": "n"}, "body.email"),
    ):
        answer = erp.post("/contacts", wrong)
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert erp.patch(f"/contacts/{stored['id']}", {"phone": "555"}).json()["phone"] == "555"
    assert len(erp.get("/contacts", client=site.code).json()["items"]) == 1
    assert erp.post(f"/contacts/{stored['id']}/remove").json() == {"id": stored["id"]}


def test_b6_a_note_is_open_until_it_is_done(program: MakeProgram) -> None:
    erp, site = program(Role.BILLER), build.client()
    wanted = {"client": site.code, "text": "Change battery", "act_by": "2026-06-30", "log_to_crm": True}
    note = erp.post("/notes", wanted).json()
    erp.post("/notes", {"text": "Office closed"})
    assert [one["text"] for one in erp.get("/notes", is_open=True).json()["items"]] == ["Change battery"]
    assert erp.get("/notes", log_to_crm=True).json()["items"][0]["written_by"].startswith("biller")
    assert erp.patch(f"/notes/{note['id']}", {"is_done": True}).json()["is_done"]
    assert erp.get("/notes", is_open=True).json()["items"] == []
    far = program(branches=[Branch.objects.create(code="far", name="Far")])
    assert [one["text"] for one in far.get("/notes").json()["items"]] == ["Office closed"]


def imported(text: str) -> tuple[int, int, int]:
    """Import contacts and return how many were created, changed and wrong."""
    report = import_file(
        kind="contacts", file=io.BytesIO(text.encode()), name="c.csv", dry_run=False, by=None
    )
    counts = report.counts[0] if report.counts else None
    return (counts.created, counts.changed, 0) if counts else (0, 0, report.problem_count)


def test_b5_contacts_come_from_files_and_go_to_them() -> None:
    site = build.client()
    header = "customer,client,dealer,name,function,phone,email\n"
    rows = f"{site.customer.account},,,Ada,Accounts,,ada@example.com\n,{site.code},,Nuala,,555,\n"
    assert imported(header + rows) == (2, 0, 0)
    assert imported(header + rows) == (0, 0, 0)
    assert imported(header + rows.replace("555", "556")) == (0, 1, 0)
    assert imported(header + f"{site.customer.account},{site.code},,Two,,,\n") == (0, 0, 1)
    assert imported(header + f",{site.code},,Nuala,,,not-an-address\n") == (0, 0, 1)
    out = io.BytesIO()
    assert export_csv(kind="contacts", file=out) == 2
    assert imported(out.getvalue().decode()) == (0, 0, 0)
    assert Contact.objects.get(client=site).phone == "556"
