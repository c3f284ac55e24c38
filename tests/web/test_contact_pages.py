"""The pages of contacts, of notes on clients, and of the message log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil import clock
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import Contact, Dealer, LogNote
from counterfoil.web import searching, subjects
from tests import build

SignedIn = Callable[..., Client]
MOST_QUERIES = 10  # as for every page, all told


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None, monkeypatch: pytest.MonkeyPatch, _guide_pages: None) -> None:
    build.organisation()
    monkeypatch.setattr(subjects, "SEARCHES", searching.SEARCHES)


def test_a_contact_is_added_found_changed_and_deleted(signed_in: SignedIn) -> None:
    client, site = signed_in(Role.BILLER), build.client()
    dealer = Dealer.objects.create(code="D1", name="Harbour Alarms", branch_id=site.branch_id)
    sent = {"name": "Nuala Quay", "function": "Key holder", "phone": "+353 1 555", "email": "n@example.com"}
    for kind, key in {"client": site.pk, "customer": site.customer_id, "dealer": dealer.pk}.items():
        new = reverse("contact-new", args=[kind, key])
        assert client.post(new, sent).status_code == 302
        assert "Key holder" in client.get(reverse(kind, args=[key]) + "?tab=contacts").content.decode()
        assert "There is a contact of this name here already." in client.post(new, sent).content.decode()
    assert client.get(reverse("contact-new", args=["nobody", 1])).status_code == 404
    found = client.get(reverse("search") + "?q=nuala").content.decode()
    assert found.count("Nuala Quay") >= 3
    contact = Contact.objects.get(dealer=dealer)
    assert client.post(reverse("contact-edit", args=[contact.pk]), {**sent, "email": "no"}).status_code == 200
    assert client.post(reverse("contact-edit", args=[contact.pk]), {**sent, "phone": ""}).status_code == 302
    delete = reverse("contact-delete", args=[contact.pk])
    client.post(delete, {"agreed": client.get(delete).context["confirmation"].mark})
    assert Contact.objects.count() == 2


def test_b6_a_note_is_written_acted_on_and_found(signed_in: SignedIn) -> None:
    client, site = signed_in(Role.BILLER), build.client()
    yesterday = (clock.now().date() - timedelta(days=2)).isoformat()
    sent = {"client": site.code, "text": "Battery to be changed", "act_by": yesterday, "log_to_crm": "on"}
    assert client.post(reverse("note-new") + f"?client={site.code}", sent).status_code == 302
    client.post(reverse("note-new"), {"client": "", "text": "Office closed on Friday"})
    client.get(reverse("dashboard"))  # which shows what was stored
    page = client.get(reverse("client", args=[site.pk]) + "?tab=notes").content.decode()
    assert "Battery to be changed" in page
    assert "Overdue" in page
    assert "Office closed" not in page
    log = reverse("notes")
    assert "Office closed on Friday" in client.get(log).content.decode()
    assert "Office closed" not in client.get(log + "?state=overdue").content.decode()
    assert "Battery" in client.get(reverse("search") + "?q=battery").content.decode()
    note = LogNote.objects.get(client=site)
    assert (note.log_to_crm, note.written_by.username) == (True, "mara")
    ticked = {"selected": [note.pk]}
    mark = client.post(reverse("notes-done"), ticked).context["confirmation"].mark
    assert client.post(reverse("notes-done"), {**ticked, "agreed": mark}).status_code == 302
    assert LogNote.objects.get(pk=note.pk).is_done
    wrong = client.post(reverse("note-edit", args=[note.pk]), {"client": site.code, "text": "  "})
    assert wrong.status_code == 200


def test_viewers_read_and_others_branches_are_not_seen(signed_in: SignedIn) -> None:
    site = build.client()
    Contact.objects.create(client=site, name="Nuala")
    note = LogNote.objects.create(client=site, text="Secret", written_at=build.NOW, act_by=date(2026, 6, 2))
    client = signed_in(Role.VIEWER)
    for address in (reverse("client", args=[site.pk]) + "?tab=contacts", reverse("notes")):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= MOST_QUERIES
    for name in ("note-edit", "contact-edit"):
        assert client.get(reverse(name, args=[note.pk])).status_code == 403
    User.objects.get(username="mara").branches.set([Branch.objects.create(code="far", name="Far")])
    assert "Secret" not in client.get(reverse("notes")).content.decode()
    assert "Nuala" not in client.get(reverse("search") + "?q=nuala").content.decode().split("<main")[-1]
