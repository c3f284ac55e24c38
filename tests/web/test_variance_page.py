"""A run's page against last time, the panel that says why, and what is left to a worker (product C3, A8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing import issue, variance
from counterfoil.jobs.comparing import compare_run
from counterfoil.records.billing.models import InvoiceLine, Run
from counterfoil.records.organisation.models import Role
from tests import build
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)

JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture
def july(transactional_db: None) -> Run:
    """Store an authorised June, then July's run in which one price is 40.00 and one charge is new."""
    build.organisation()
    charge = build.charge()
    issue.authorise(build.run().pk, by=None, now=build.NOW)
    charge.unit_price = 40
    charge.save()
    build.charge(starts_on=JULY)
    return build.run(cutoff=JULY)


def test_the_header_adds_up_and_each_part_opens_its_lines(
    july: Run, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.VIEWER)
    page = client.get(reverse("run", args=[july.pk])).content.decode()
    assert "price <strong>+€10.00</strong>" in page
    assert "new <strong>+€30.00</strong>" in page
    assert "difference <strong>+€40.00</strong>" in page
    address = reverse("run-variance", args=[july.pk])
    assert f'href="{address}?part=price"' in page
    priced = client.get(f"{address}?part=price").content.decode()
    assert "price 30.00 → 40.00 from 1 July 2026" in priced
    assert "starts 1 July 2026" not in priced


def test_the_panel_is_a_part_for_the_page_and_a_page_of_its_own(
    july: Run, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.VIEWER)
    line = InvoiceLine.objects.filter(invoice__run=july).order_by("pk")[0]
    address = reverse("line-why", args=[line.pk])
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "40.00 × 1 × 1 = 40.00" in part
    assert "<html" not in part
    assert "<html" in client.get(address).content.decode()
    assert client.get(reverse("line-why", args=[0])).status_code == 404


def test_a_large_run_is_compared_by_a_worker(
    july: Run, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variance, "LINES_COMPARED_WHILE_WAITING", 0)
    client = signed_in(Role.BILLER)
    here = reverse("run", args=[july.pk])
    assert "Not compared with run" in client.get(here).content.decode()
    client.post(reverse("run-compare", args=[july.pk]))
    job = ProcrastinateJob.objects.filter(task_name="compare_run").latest("id")
    compare_run(**job.args)
    compare_run(**job.args)  # a job can run twice
    assert "difference <strong>+€40.00</strong>" in client.get(here).content.decode()


def test_a_preview_shows_the_same_and_as_a_workbook(july: Run, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.ACCOUNTANT)
    asked = {"cutoff": "2026-08-01", "invoice_date": "2026-08-01", "payer": "any"}
    page = client.get(reverse("run-new"), asked)
    assert page.status_code == 200
    answer = client.get(reverse("run-new"), {**asked, "excel": "1"})
    assert answer["Content-Disposition"] == 'attachment; filename="preview-2026-08-01.xlsx"'
    answer.close()
    stored = client.get(reverse("run-workbook", args=[july.pk]))
    assert b"".join(stored.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    stored.close()
