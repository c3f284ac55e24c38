"""Large files in the browser: a page of their own with its progress, what the check says, and what becomes of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from counterfoil.records.organisation.file_imports import FileImport
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.flows.importing.large import ROWS, customers, jobs_failed, now_of
from tests.web import month
from tests.working import do_all_queued_work

SignedIn = Callable[..., Client]
pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    build.organisation()


def sent(client: Client, content: bytes, *, do: str = "check", **headers: str) -> Any:
    """Send a file of customers to the page of imports and return its answer."""
    file = SimpleUploadedFile("customers.csv", content)
    return client.post(reverse("imports"), {"kind": "customers", "file": file, "do": do}, headers=headers)


def shown(client: Client, made: FileImport, name: str = "file-import") -> str:
    """Return the page of *made*."""
    return client.get(reverse(name, args=[made.pk])).content.decode()


def done(client: Client, made: FileImport, what: str, **given: str) -> Any:
    """Post something to *made*."""
    return client.post(reverse(f"file-import-{what}", args=[made.pk]), given, follow=True)


def test_a_large_file_is_checked_then_taken_in_by_a_worker(signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    assert "No large file was sent yet" in client.get(reverse("imports")).content.decode()
    answer = sent(client, customers())
    made = FileImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("file-import", args=[made.pk]))
    assert sent(client, customers(), **{"HX-Request": "true"})["HX-Redirect"] != ""
    page = shown(client, made)
    assert ("Waiting for a worker" in page, "Cancel file import" in page) == (True, True)
    assert "Waiting for a worker" in shown(client, made, "file-import-progress")
    do_all_queued_work()
    over = client.get(reverse("file-import-progress", args=[made.pk]))
    assert over["HX-Redirect"] == reverse("file-import", args=[made.pk])
    page = shown(client, made)
    assert "ready to import, nothing is stored yet" in page
    assert ("New: 2,500" in page, "the first 200 are listed" in page) == (True, True)
    asked = client.get(reverse("file-import-take-in", args=[made.pk])).context["confirmation"]
    assert asked.sentence == "customers.csv, 2,500 rows, is imported: 2,500 new, 0 changed, 0 as stored."
    assert BillingCustomer.objects.count() == 0
    assert "Waiting for a worker" in done(client, made, "take-in", agreed=asked.mark).content.decode()
    do_all_queued_work()
    page = shown(client, made)
    assert ("imported" in page, "Import file" in page) == (True, False)
    assert BillingCustomer.objects.count() == ROWS
    listed = client.get(reverse("imports")).content.decode()
    assert ("Imported" in listed, "Checked" in listed, reverse("file-import", args=[made.pk]) in listed) == (
        True,
        True,
        True,
    )
    assert "is not waiting to be imported" in done(client, made, "take-in", agreed="x").content.decode()


def test_the_small_path_stays_as_it_is(signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    answer = sent(client, customers(2_000), do="import")
    assert (answer.status_code, answer.context["report"].is_stored) == (200, True)
    assert not FileImport.objects.exists()


def test_errors_are_listed_and_all_of_them_are_a_file(signed_in: SignedIn) -> None:
    """The formula in the account is made harmless where a spreadsheet would run it."""
    client = signed_in(Role.BILLER)
    rows = b"".join(b'"=A%d","Quay, Hotel",whale\n' % number for number in range(ROWS))
    sent(client, b"account,name,delivery\n" + rows, do="import")
    made = FileImport.objects.get()
    do_all_queued_work()
    page = shown(client, made)
    assert "2,500 to correct, nothing was stored" in page
    assert ("What to correct, the first 100" in page, "All errors as a file" in page) == (True, True)
    text = client.get(reverse("file-import-errors-csv", args=[made.pk])).content.decode("utf-8-sig")
    lines = text.splitlines()
    assert (len(lines), lines[0]) == (ROWS + 1, "Row,Kind,Column,Value,What is wrong,What to do")
    assert lines[1].startswith("2,customers,delivery,whale,")
    book = client.get(reverse("file-import-errors-xlsx", args=[made.pk]))
    sheet = load_workbook(io.BytesIO(b"".join(book.streaming_content))).active
    assert sheet is not None
    assert (sheet.max_row, sheet["A2"].value, sheet["D2"].value) == (ROWS + 1, 2, "whale")


def test_it_is_cancelled_and_gone_on_with(signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    for _ in range(2):
        sent(client, customers())
    first, second = FileImport.objects.order_by("pk")
    assert "has not stopped" in done(client, first, "go-on").content.decode()
    assert "Nothing of the file was stored" in done(client, first, "cancel").content.decode()
    assert "can no longer be cancelled" in done(client, first, "cancel").content.decode()
    jobs_failed()
    page = shown(client, second)
    assert ("The work stopped before its end" in page, "Begin anew" in page) == (True, True)
    assert "Waiting for a worker" in done(client, second, "go-on").content.decode()
    do_all_queued_work()
    assert [now_of(one).state for one in (first, second)] == ["cancelled", "checked"]


def test_what_changed_since_the_check_is_said(signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    rows = b"".join(b"C%d,Site,D1\n" % number for number in range(ROWS))
    dealer = build.customer(account="D1")
    content = b"client,name,customer\n" + rows
    file = SimpleUploadedFile("clients.csv", content)
    client.post(reverse("imports"), {"kind": "clients", "file": file, "do": "check"})
    do_all_queued_work()
    made = FileImport.objects.get()
    asked = client.get(reverse("file-import-take-in", args=[made.pk])).context["confirmation"]
    BillingCustomer.objects.filter(pk=dealer.pk).update(account="D2")
    done(client, made, "take-in", agreed=asked.mark)
    do_all_queued_work()
    page = shown(client, made)
    assert "Nothing was wrong when the file was checked" in page
    assert "There is no billing customer &#x27;D1&#x27;." in page


def test_who_may_not_import_sees_nothing(signed_in: SignedIn) -> None:
    """Not who is limited to branches, nor who takes files out alone."""
    biller = signed_in(Role.BILLER)
    sent(biller, customers())
    made = FileImport.objects.get()
    assert shown(signed_in(Role.BILLER, username="piet"), made)
    limited = signed_in(Role.BILLER, username="noah")
    User.objects.get(username="noah").branches.set([Branch.objects.get()])
    for name in ("file-import", "file-import-progress", "file-import-take-in", "file-import-errors-csv"):
        assert limited.get(reverse(name, args=[made.pk])).status_code == 404
    for what in ("cancel", "go-on"):
        assert limited.post(reverse(f"file-import-{what}", args=[made.pk])).status_code == 404
    assert "Large files" not in limited.get(reverse("imports")).content.decode()
    accountant = signed_in(Role.ACCOUNTANT, username="ada")
    assert accountant.get(reverse("file-import", args=[made.pk])).status_code == 403
    assert "Large files" not in accountant.get(reverse("imports")).content.decode()
    assert now_of(made).state == "asked"
