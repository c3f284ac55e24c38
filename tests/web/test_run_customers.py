"""A run by customer and by line: who is in it, what became of each, and lines found by who pays (product C3, C4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing import issue, review, revising
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run, RunShard
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.organisation.models import Role
from counterfoil.web.lists import finding
from counterfoil.web.runs import line_filters
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@dataclass(frozen=True)
class July:
    """A run after an issued one: a customer who stays with two clients, one held, one gone, one set aside."""

    run: Run

    def page(self, name: str = "run-customers", **asked: str) -> str:
        """Return the address of a tab with what is *asked* of it."""
        query = "&".join(f"{key}={value}" for key, value in asked.items())
        return f"{reverse(name, args=[self.run.pk])}?{query}"


@pytest.fixture
def july(transactional_db: None) -> July:
    build.organisation()
    stays = build.customer(account="STAYS", name="Harbour Hotel")
    for site in ("Lobby", "Cellar"):
        build.charge(key=site, client=build.client(customer=stays, name=site, code=site.upper()))
    for account in ("HELD", "GONE", "ASIDE", "WAIVED"):
        payer = build.customer(account=account, name=f"Customer {account.lower()}")
        ends = JULY if account == "GONE" else None
        build.charge(
            key=account, ends_before=ends, client=build.client(customer=payer, name=f"Site {account}")
        )
    build.customer(account="NEVER")
    june = build.run(grouping="client")
    issue.authorise(june.pk, by=None, now=build.NOW)
    aside = InvoiceLine.objects.get(charge__key="ASIDE").charge
    assert aside is not None
    aside.client.customer.is_active = False
    aside.client.customer.save()
    run = build.run(cutoff=JULY, grouping="client")
    held = Invoice.objects.get(run=run, customer__account="HELD")
    review.hold([held.pk], reason="disputed", by=None, now=build.NOW)
    line = InvoiceLine.objects.get(invoice__run=run, charge__key="WAIVED")
    revising.waive([line.pk], reason="goodwill", by=None, now=build.NOW)
    return July(run)


def rows(client: Client, address: str) -> dict[str, dict[str, object]]:
    """Return what the list at *address* shows, by the account or the invoice, as its CSV."""
    page = client.get(address).context["page"]
    return {
        line.cells[0].text: {cell.column.name: cell.text for cell in line.cells[1:]} for line in page.lines
    }


def test_every_customer_is_listed_once_with_what_became_of_it(
    july: July, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.VIEWER)
    client.get(reverse("run", args=[july.run.pk]))
    found = rows(client, july.page())
    assert {account: (row["state"], row["documents"]) for account, row in found.items()} == {
        "ASIDE": ("Exception", "0"),
        "GONE": ("Not billed", "0"),
        "HELD": ("Held", "1"),
        "STAYS": ("In", "2"),
        "WAIVED": ("In", "1"),
    }
    assert found["STAYS"]["now"] == "€60.00"  # 2 × 30.00
    assert (found["GONE"]["last"], found["GONE"]["difference"]) == ("€30.00", "-€30.00")
    assert found["GONE"]["reason"] == "Gone"
    assert found["ASIDE"]["exceptions"] == "1"
    for state, accounts in {"held": ["HELD"], "exception": ["ASIDE"], "gone": ["ASIDE", "GONE"]}.items():
        assert sorted(rows(client, july.page(state=state))) == accounts
    assert list(rows(client, july.page(reason="same"))) == ["HELD", "STAYS"]
    assert list(rows(client, july.page(q="Harbour"))) == ["STAYS"]
    assert next(iter(rows(client, july.page(sort="-now")))) == "STAYS"


def test_many_customers_are_asked_for_one_by_one(
    july: July, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where there are more than are looked up by their keys: the same rows."""
    client = signed_in(Role.VIEWER)
    client.get(reverse("run", args=[july.run.pk]))
    few = rows(client, july.page())
    monkeypatch.setattr(finding, "FEW", 1)
    assert rows(client, july.page()) == few
    for asked in ({"state": "in", "q": "Harbour"}, {"state": "exception", "reason": "gone"}):
        page = client.get(july.page(**asked)).context["page"]
        assert (page.count.number, page.count.is_exact, len(page.lines)) == (1, True, 1)


def test_lines_are_found_by_customer_client_and_what_was_done(
    july: July, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.VIEWER)

    def clients(**asked: str) -> list[str]:
        page = client.get(july.page("run-lines", **asked)).context["page"]
        return sorted(cell.text for line in page.lines for cell in line.cells if cell.column.name == "client")

    assert clients(q="Harbour") == ["Cellar", "Lobby"]
    assert clients(q="CELLAR") == ["Cellar"]
    assert clients(customer="harbour+hotel") == ["Cellar", "Lobby"]
    assert clients(customer="STAYS", client="lob") == ["Lobby"]
    assert clients(client="CELL") == ["Cellar"]
    assert clients(adjusted="yes") == clients(kind="waived") == ["Site WAIVED"]
    assert clients(share="part") == []
    assert len(clients(share="whole", level="master")) == 4


def test_a_large_run_finds_words_by_what_its_shards_say_they_are_worded_like(
    july: July, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its shard stored four lines; what was waived stands in a draft of its own behind it."""
    code = MasterCharge.objects.get().code
    assert [(one.lines, one.wording) for one in july.run.shards.all()] == [(4, [f"{code} Monitoring"])]
    monkeypatch.setattr(line_filters, "MOST_LOOKED_THROUGH", 3)
    client = signed_in(Role.VIEWER)

    def found(words: str) -> tuple[bool, list[str]]:
        page = client.get(july.page("run-lines", q=words)).context["page"]
        named = [cell.text for line in page.lines for cell in line.cells if cell.column.name == "client"]
        return page.count.is_exact, sorted(named)

    everywhere = ["Cellar", "Lobby", "Site HELD", "Site WAIVED"]
    assert found("nowhere") == (True, [])
    assert found("Harbour") == (True, ["Cellar", "Lobby"])
    assert found("CELL") == (True, ["Cellar"])
    assert found("site+waived") == (True, ["Site WAIVED"])
    assert found("monitoring") == (False, everywhere)  # in more than is looked through
    assert found("monitoring+lobby") == (True, ["Lobby"])
    RunShard.objects.filter(run=july.run).update(wording=None)
    assert found("monitoring+lobby") == (True, ["Lobby"])
