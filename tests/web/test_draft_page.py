"""A draft's own page: what a review does to it, last time's lines beside its own, and where its lines lead (C4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing import issue
from counterfoil.records.billing.models import Invoice, InvoiceHold, InvoiceLine, Run
from counterfoil.records.organisation.models import Role
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)

MAY, JULY = date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture
def july(transactional_db: None) -> Run:
    """Store an authorised June, then July's run in which one price is 40.00, and a half-yearly charge rests."""
    build.organisation()
    site = build.client()
    charge = build.charge(key="monthly", client=site)
    half_year = build.monthly(count=6, unit="month", anchor=date(2026, 6, 1))
    build.charge(key="half-yearly", client=site, charge_period=half_year)
    issue.authorise(build.run().pk, by=None, now=build.NOW)
    charge.unit_price = 40
    charge.save()
    return build.run(cutoff=JULY)


def agree(client: Client, address: str, **values: object) -> str:
    """Post *values* to *address*, agree to what its page then asks, and return where that leads."""
    asked = client.post(address, values).content.decode()
    mark = re.search(r'name="agreed" value="([^"]+)"', asked)
    assert mark is not None, asked
    answer = client.post(address, {**values, "agreed": mark[1]})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_a_draft_is_held_and_released_on_its_own_page(july: Run, signed_in: Callable[..., Client]) -> None:
    biller = signed_in(Role.BILLER)
    draft = Invoice.objects.get(run=july)
    page = reverse("invoice", args=[draft.pk])
    hold = f"{reverse('drafts-hold', args=[july.pk])}?back={page}"
    assert f'formaction="{hold}"' in biller.get(page).content.decode()
    assert agree(biller, hold, selected=draft.pk, reason="disputed").startswith(page)
    assert InvoiceHold.objects.filter(invoice=draft).exists()
    release = f"{reverse('drafts-release', args=[july.pk])}?back={page}"
    assert f'formaction="{release}"' in biller.get(page).content.decode()
    agree(biller, release, selected=draft.pk)
    assert not InvoiceHold.objects.filter(invoice=draft).exists()
    elsewhere = reverse("drafts-hold", args=[july.pk]) + "?back=https://elsewhere.example"
    assert agree(biller, elsewhere, selected=draft.pk, reason="no") == reverse("run", args=[july.pk])
    assert "formaction" not in signed_in(Role.VIEWER, username="viewer").get(page).content.decode()


def test_an_adjusted_draft_leads_on_to_the_one_in_its_place(
    july: Run, signed_in: Callable[..., Client]
) -> None:
    biller = signed_in(Role.BILLER)
    biller.get(reverse("run", args=[july.pk]))  # compared before the adjustment
    line = InvoiceLine.objects.get(invoice__run=july)
    page = reverse("invoice", args=[line.invoice_id])
    adjust = f"{reverse('lines-adjust', args=[july.pk])}?back={page}"
    assert f'formaction="{adjust}"' in biller.get(page).content.decode()
    answer = biller.post(adjust, {"selected": line.pk, "amount": "-5.00", "reason": "goodwill"})
    new = Invoice.objects.get(run=july, exclusion__isnull=True)
    assert new.net_minor == 3500  # 40.00 − 5.00
    assert biller.get(answer.headers["Location"]).headers["Location"] == reverse("invoice", args=[new.pk])
    compared = biller.get(reverse("invoice", args=[new.pk])).context["last_time"]["amounts"]
    assert compared["difference_minor"] == -2500  # 35.00 − 60.00


def test_last_time_stands_beside_this_time_line_by_line(july: Run, signed_in: Callable[..., Client]) -> None:
    viewer = signed_in(Role.VIEWER)
    viewer.get(reverse("run", args=[july.pk]))
    page = reverse("invoice", args=[Invoice.objects.get(run=july).pk])
    facts = viewer.get(page).content.decode()
    assert "€60.00" in facts  # 30.00 + 30.00 last time
    assert "-€20.00" in facts  # 40.00 − 60.00
    beside = viewer.get(f"{page}?tab=before").content.decode()
    assert "price 30.00 → 40.00 from 1 July 2026" in beside
    assert "billed until 30 November 2026, not due this time" in beside
    first = Invoice.objects.exclude(run=july).get()
    alone = viewer.get(f"{reverse('invoice', args=[first.pk])}?tab=before").content.decode()
    assert "There is no run before this one" in alone


def test_lines_lead_to_what_they_bill(transactional_db: None, signed_in: Callable[..., Client]) -> None:
    build.organisation()
    tariff = build.tariff((0, "0.10"))
    metered = build.charge(master_charge=build.master(tariff=tariff), starts_on=MAY)
    meter = build.meter(metered, {MAY: 0, build.JUNE: 100})
    event = build.event(client=metered.client)
    run = build.run(kinds=("service", "activation"))
    client = signed_in(Role.VIEWER)
    lines = {line.kind: line for line in InvoiceLine.objects.filter(invoice__run=run)}
    meter_page, event_page = reverse("meter", args=[meter.pk]), reverse("event", args=[event.pk])
    usage = client.get(reverse("line-why", args=[lines["usage"].pk])).content.decode()
    assert f'href="{meter_page}"' in usage
    assert f'href="{reverse("charge", args=[metered.pk])}"' in usage
    assert (
        f'href="{event_page}"' in client.get(reverse("line-why", args=[lines["event"].pk])).content.decode()
    )
    document = client.get(reverse("invoice", args=[lines["usage"].invoice_id])).content.decode()
    assert f'href="{meter_page}"' in document
    listed = client.get(
        reverse("run-lines", args=[run.pk]) + "?column=description&column=meter"
    ).content.decode()
    assert f'href="{event_page}"' in listed
    assert f'href="{meter_page}"' in listed
