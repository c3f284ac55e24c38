"""The pages around a run: its list, a new one by its definition, a preview that leads on, what cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing import issue, review, revising
from counterfoil.flows.billing.requesting import request_by_definition
from counterfoil.flows.billing.run import generate
from counterfoil.flows.defining import define
from counterfoil.records.billing.models import BatchDefinition, Invoice, InvoiceLine, Run
from counterfoil.records.organisation.models import Role, User
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture
def definition(transactional_db: None) -> BatchDefinition:
    """Store an organisation and a definition that bills up to the first of the month."""
    build.organisation()
    stored = BatchDefinition(
        name="monthly", title="Every month", kinds=["service"], cutoff_rule="first of this month"
    )
    return define(stored, by=None, now=build.NOW)


def shown(client: Client, address: str) -> list[str]:
    """Return the first cell of each row of the list at *address*."""
    return [line.cells[0].text for line in client.get(address).context["page"].lines]


def test_runs_are_narrowed_by_number_definition_day_and_person(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    build.charge()
    client = signed_in(Role.VIEWER, username="viewer")
    june, july = build.run(), build.run(cutoff=JULY)
    who = User.objects.get(username="viewer")
    Run.objects.filter(pk=july.pk).update(authorised_by=who)
    runs = reverse("runs")
    assert shown(client, f"{runs}?q={june.pk}") == [str(june.pk)]
    assert shown(client, f"{runs}?q=nothing") == []
    assert shown(client, f"{runs}?cutoff_from=2026-06-15") == [str(july.pk)]
    assert shown(client, f"{runs}?until=2026-06-15") == [str(june.pk)]
    assert shown(client, f"{runs}?who={who.pk}") == [str(july.pk)]


def test_header_and_tabs_count_alike_after_an_adjustment(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    build.charge()
    run = build.run()
    line = InvoiceLine.objects.get(invoice__run=run)
    revising.adjust([line.pk], amount="-5.00", reason="goodwill", by=None, now=build.NOW)
    client = signed_in(Role.BILLER)
    page = reverse("run", args=[run.pk])
    answer = client.get(page)
    (tab,) = [tab for tab in answer.context["tabs"] if tab.label == "Invoices"]
    assert tab.count == answer.context["totals"][0].documents == answer.context["page"].count.number == 1
    assert len(shown(client, f"{page}?state=replaced")) == 1
    names = [header.column.name for header in answer.context["page"].headers]
    assert "last_minor" not in names  # there is no run before it
    assert "Only an approver authorises a run." in answer.content.decode()
    compare = reverse("run-compare", args=[run.pk])
    assert client.get(compare).headers["Location"] == page


def test_authorising_names_what_is_left_behind(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    for delivery in ("email", "print", "print"):
        build.charge(client=build.client(customer=build.customer(delivery=delivery)))
    build.charge(client=build.client(customer=build.customer(is_active=False)))
    run = build.run()
    held, dropped, _kept = Invoice.objects.filter(run=run).order_by("-pk")
    review.hold([held.pk], reason="disputed", by=None, now=build.NOW)
    review.exclude([dropped.pk], reason="wrong", by=None, now=build.NOW)
    page = signed_in(Role.APPROVER).get(reverse("run-authorise", args=[run.pk]))
    figures = dict(page.context["confirmation"].figures)
    told = {name: figures[name] for name in ("Invoices", "Held, left behind", "Excluded", "Open exceptions")}
    assert told == {"Invoices": "1", "Held, left behind": "1", "Excluded": "1", "Open exceptions": "1"}
    assert (figures["Connector"], figures["E-mails"], figures["On paper"]) == ("CSV files", "1", "0")


def test_what_cannot_be_done_about_an_issued_run_says_why(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    build.charge(client=build.client(customer=build.customer(delivery="none", email="")))
    run = build.run(connector="")
    issue.authorise(run.pk, by=None, now=build.NOW)
    issue.issue(run.pk, today=build.JUNE, now=build.now)
    page = signed_in(Role.APPROVER).get(reverse("run", args=[run.pk]))
    why = page.context["why_not"]
    assert (why["void"], why["deliver"]) == (
        "",
        "Nothing of this run is queued. What failed is sent again from its deliveries.",
    )
    told = signed_in(Role.ACCOUNTANT, username="books").get(reverse("run", args=[run.pk])).context["why_not"]
    assert told["void"] == "Only an approver voids a run. Ask one of them."


def test_a_new_run_takes_its_days_from_the_definition(
    definition: BatchDefinition, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.BILLER)
    fields = client.get(reverse("run-new"), {"definition": definition.pk}).context["form"].fields
    assert {name: field.disabled for name, field in fields.items() if field.disabled} == {
        "payer": True,
        "branch": True,
    }
    spot = client.get(reverse("run-new"), {"definition": ""}).context["form"].fields
    assert not any(field.disabled for field in spot.values())


def test_a_preview_leads_on_to_parts_customers_remedies_and_the_run(
    definition: BatchDefinition, signed_in: Callable[..., Client]
) -> None:
    dearer = build.charge(key="dearer")
    build.charge(key="gone", ends_before=JULY)
    asked = {"definition": definition.pk, "cutoff": "2026-06-01", "invoice_date": "2026-06-01"}
    client = signed_in(Role.BILLER)
    june = generate(
        request_by_definition(definition, cutoff=build.JUNE, invoice_date=build.JUNE), by=None, now=build.now
    )
    issue.authorise(june.pk, by=None, now=build.NOW)
    dearer.unit_price = 40
    dearer.save()
    idle = build.charge(key="idle", client=build.client(customer=build.customer(is_active=False)))
    wanted = {**asked, "cutoff": "2026-07-01", "invoice_date": "2026-07-01"}
    whole = client.get(reverse("run-new"), wanted)
    assert len(whole.context["differences"]) == 2
    amounts = [(row["net_minor"], row["before_minor"]) for _customer, row in whole.context["largest"]]
    assert amounts == [(4000, 3000), (None, 3000)]
    assert f'href="{reverse("customer-edit", args=[idle.client.customer_id])}"' in whole.content.decode()
    priced = client.get(reverse("run-new"), {**wanted, "part": "price"})
    assert [row["price_minor"] for _client, row, _reason, _told in priced.context["differences"]] == [1000]
    assert 'name="definition"' in priced.content.decode()
    assert "part=" not in priced.context["excel"]


def test_a_preview_of_credits_says_what_it_gives_back(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    credit = BatchDefinition(name="credit", title="Credits", kinds=[], credit_basis="daily")
    stored = define(credit, by=None, now=build.NOW)
    asked = {"definition": stored.pk, "cutoff": "2026-06-01", "invoice_date": "2026-06-01"}
    page = signed_in(Role.BILLER).get(reverse("run-new"), asked).content.decode()
    assert "Nothing is to be given back by this cut-off" in page
    assert "Gives back, by the day, what was billed for days that are no longer served" in page
