"""Statements by e-mail in the browser: asked in numbers, followed to their end, kept in the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil import clock
from counterfoil.flows.stating_by_mail import send_statements
from counterfoil.records.billing.models import Run
from counterfoil.records.deliveries.models import StatementRound
from counterfoil.records.organisation.models import Role, User
from tests.web import bureau

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_guide_pages")]
DAY = {"day": "2026-07-01", "since": "", "only_open": "on", "typed": "1"}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """Return the folder that mails go to."""
    settings.HOME = tmp_path
    bureau.organisation(email="billing@example.com")
    return tmp_path


def mailed(client: Client, address: str, **sent: Any) -> Any:
    """Agree to what the page *address* asks, and return the confirmation and the answer."""
    asked = client.post(address, sent) if sent else client.get(address)
    confirmation = asked.context["confirmation"]
    return confirmation, client.post(address, {**sent, "agreed": confirmation.mark, "reason": "Lost"})


def test_the_customers_ticked_get_their_statements(signed_in: Callable[..., Client], home: Path) -> None:
    """Six are ticked: two without anything open, one of them without an address."""
    found = bureau.customers(6, branches=bureau.branches())
    bureau.invoices(found[:4], numbered=4)
    found[4].email = ""
    found[4].save()
    client, address = signed_in(Role.BILLER), reverse("statements-mail")
    assert client.post(address, {}).status_code == 302
    assert "As of" in client.post(address, {"everything": "1"}).content.decode()
    wrong = client.post(address, {**DAY, "everything": "1", "since": "2026-08-01"}).content.decode()
    assert "Let it begin earlier" in wrong
    confirmation, answer = mailed(client, address, **DAY, everything="1")
    assert confirmation.verb == "E-mail 4 statements"
    assert dict(confirmation.figures)["Left out: with nothing open"] == "1"
    assert (
        dict(confirmation.figures)["Open in EUR"] == "€831.33"
    )  # 1.19 × 49.90 × (2 + 3 + 4 + 5), each rounded
    here = reverse("statement-round", args=[StatementRound.objects.get().pk])
    assert answer.url == here
    assert "0 of 4 statements" in client.get(here).content.decode()
    bar = client.get("/running").content.decode()
    assert (f'href="{here}"' in bar, "Statements" in bar) == (True, True)
    send_statements(now=clock.now)
    assert here not in client.get("/running").content.decode()
    page = client.get(here).content.decode()
    assert "<dt>Sent</dt><dd>4</dd>" in page
    assert client.get(here + "/progress", headers={"HX-Request": "true"})["HX-Redirect"] == here
    assert "Statement, 1 Jul 2026" in client.get(reverse("mails")).content.decode()
    assert len(list(home.rglob("*.eml"))) == 4
    again = client.post(address, {**DAY, "everything": "1"}).content.decode()
    assert "4 whose statement of that day was sent" in again


def test_one_statement_is_sent_again_with_a_reason(signed_in: Callable[..., Client]) -> None:
    (customer,) = bureau.customers(1, branches=bureau.branches())
    client = signed_in(Role.ACCOUNTANT)
    address = reverse("customer-statement-mail", args=[customer.pk]) + "?day=2026-07-01"
    assert "statement/email?day=2026-07-01" in client.get(address.replace("/email", "")).content.decode()
    first, answer = mailed(client, address)
    assert (first.asks_reason, answer.url) == (False, reverse("customer", args=[customer.pk]) + "?tab=mails")
    send_statements(now=clock.now)
    second, _answer = mailed(client, address)
    assert (second.asks_reason, second.verb) == (True, "Send again")
    assert "Lost" in client.get(answer.url).content.decode()
    assert StatementRound.objects.count() == 2
    customer.email = "a@example.com (invoices, credit notes, consolidated billings)"
    customer.save()
    refused, _answer = mailed(client, address)
    assert refused.figures[0][1].startswith("nobody")
    assert StatementRound.objects.count() == 2


def test_the_log_shows_what_the_branches_of_a_person_got(signed_in: Callable[..., Client]) -> None:
    found = bureau.customers(2, branches=bureau.branches())
    client = signed_in(Role.BILLER)
    mailed(client, reverse("statements-mail"), **{**DAY, "only_open": ""}, everything="1")
    User.objects.get(username="mara").branches.set([found[0].branch])
    log = client.get(reverse("mails")).content.decode()
    assert found[0].name in log
    assert found[1].name not in log
    assert not Run.objects.exists()
