"""Review in the browser's words: adjust, waive, re-date, re-rate, confirm; deliveries, reconciliation, numbering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from counterfoil.flows.billing import deliver, issue, review
from counterfoil.records.billing.models import BillingException, DocumentSeries, Invoice, InvoiceLine, Run
from counterfoil.records.charges.models import PastConfirmation
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Organisation, Role
from tests import build
from tests.build import JUNE, NOW
from tests.web import month

pytestmark = pytest.mark.django_db(transaction=True)
AGREED = r'name="agreed" value="'


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Serve the project's own navigation, and write files into a folder of the test."""
    month.use_own_pages(monkeypatch)
    settings.HOME = tmp_path


@pytest.fixture
def desk(transactional_db: None, signed_in: Callable[..., Client]) -> Client:
    """Return an approver at a bureau."""
    build.organisation()
    return signed_in(Role.ADMINISTRATOR)


def run_of(count: int = 1, **selection: Any) -> Run:
    """Generate a run of so many drafts of 30.00."""
    for _ in range(count):
        build.charge()
    return build.run(**selection)


def agreed(client: Client, address: str, data: dict[str, Any]) -> str:
    """Post *data*, agree to what is then asked, and return the page one lands on."""
    asked = client.post(address, data).content.decode()
    mark = asked.split(AGREED)[1].split('"')[0]
    return client.post(address, {**data, "agreed": mark, "reason": "As agreed"}, follow=True).content.decode()


def test_lines_are_adjusted_and_waived(desk: Client) -> None:
    """Rules 12.7 and 12.8: 30.00 − 5.00; then the whole line at 0.00."""
    run = run_of()
    line = InvoiceLine.objects.get()
    adjust = reverse("lines-adjust", args=[run.pk])
    asked = desk.post(adjust, {"selected": line.pk}).content.decode()
    assert "1 line, €30.00" in asked
    refused = desk.post(adjust, {"selected": line.pk, "amount": "-31", "reason": "x"}).content.decode()
    assert "below zero" in refused
    page = desk.post(adjust, {"selected": line.pk, "amount": "-5.00", "reason": "Late"}, follow=True)
    assert "1 draft was adjusted." in page.content.decode()
    new = Invoice.objects.get(exclusion__isnull=True)
    assert new.net_minor == 2500
    page_of_draft = desk.get(reverse("invoice", args=[new.pk])).content.decode()
    assert "Late" in page_of_draft
    assert f"draft {line.invoice_id}" in page_of_draft
    told = agreed(desk, reverse("lines-waive", args=[run.pk]), {"selected": new.lines.first().pk})
    assert "1 line was waived." in told
    assert Invoice.objects.get(exclusion__isnull=True).gross_minor == 0


def test_a_line_that_was_excluded_before_says_so(desk: Client) -> None:
    """Rule 12.7."""
    run = run_of()
    review.exclude([run.invoice_set.get().pk], reason="x", by=None, now=NOW)
    again = build.run().invoice_set.get()
    page = desk.get(reverse("invoice", args=[again.pk])).content.decode()
    assert f"run {run.pk}</a>" in page.split("Excluded before")[1]


def test_drafts_are_dated_anew_once_the_new_date_was_seen(desk: Client) -> None:
    """Rule 7.2: the date after which the series stands is proposed; the due date moves with it."""
    run = run_of()
    draft = run.invoice_set.get()
    DocumentSeries.objects.create(
        branch_id=draft.branch_id, document_type="contract", year=2026, last_date=date(2026, 7, 1)
    )
    address, ticked = reverse("drafts-redate", args=[run.pk]), {"selected": draft.pk}
    shown = desk.post(address, ticked).content.decode()
    assert 'name="agreed" value="2026-07-01"' in shown
    other = {**ticked, "invoice_date": "2026-07-02", "agreed": "2026-07-01", "reason": "Late"}
    assert 'name="agreed" value="2026-07-02"' in desk.post(address, other).content.decode()
    assert Invoice.objects.count() == 1
    lacking = desk.post(address, {**other, "agreed": "2026-07-02", "reason": ""}).content.decode()
    assert "Say why" in lacking
    done = desk.post(address, {**other, "agreed": "2026-07-02"}, follow=True).content.decode()
    assert "1 invoice was re-dated." in done
    assert Invoice.objects.get(exclusion__isnull=True).invoice_date == date(2026, 7, 2)


def test_drafts_are_rated_anew(desk: Client) -> None:
    """C4."""
    run = run_of()
    told = agreed(desk, reverse("drafts-rerate", args=[run.pk]), {"selected": run.invoice_set.get().pk})
    assert "1 invoice was rated anew." in told
    assert "Replaced" in told


def test_a_long_past_is_confirmed_with_one_click(desk: Client) -> None:
    """Rule 2.7."""
    build.charge(starts_on=date(2026, 1, 1))
    run = build.run(past_periods_allowed=2)
    data = {"selected": BillingException.objects.get().pk}
    assert "1 exception was confirmed." in agreed(
        desk, reverse("run-exceptions-confirm", args=[run.pk]), data
    )
    assert PastConfirmation.objects.get().ends_before == JUNE


def test_failed_and_uncertain_deliveries_are_sent_again_by_a_person(desk: Client) -> None:
    """Rule 12.6: the page says how many may arrive twice; what was sent is left out."""
    run = run_of(3, connector="")
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    failed, uncertain, sent = Delivery.objects.order_by("pk")
    for delivery, state in [(failed, "failed"), (uncertain, "uncertain"), (sent, "sent")]:
        Delivery.objects.filter(pk=delivery.pk).update(state=state)
    address = reverse("run-resend", args=[run.pk])
    data = {"selected": [failed.pk, uncertain.pk, sent.pk]}
    asked = desk.post(address, data).content.decode()
    assert "Uncertain, e-mail" in asked
    assert "may get it twice" in asked
    assert "2 deliveries were queued again." in agreed(desk, address, data)
    assert Delivery.objects.filter(state=DeliveryState.QUEUED).count() == 2


def test_a_document_is_mailed_again_by_a_person_who_says_why(desk: Client) -> None:
    """D2: the page says to whom it went; agreeing twice sends it once more, not twice."""
    run = run_of(connector="")
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    deliver.deliver(run.pk, now=build.now)
    invoice = run.invoice_set.get()
    address = reverse("invoice-mail", args=[invoice.pk])
    asked = desk.get(address).content.decode()
    assert "Its customer may get it twice." in asked
    mark = asked.split(AGREED)[1].split('"')[0]
    sent = {"agreed": mark, "reason": "Lost"}
    assert "is on its way to" in desk.post(address, sent, follow=True).content.decode()
    assert "agree" in desk.post(address, sent).content.decode()
    log = desk.get(reverse("mails") + "?q=INV-2026&state=queued").content.decode()
    assert ("Queued" in log, "Sent" in log.split("<tbody>")[1]) == (True, False)
    beside = desk.get(reverse("invoice", args=[invoice.pk]) + "?tab=deliveries").content.decode()
    assert ("Lost" in beside, "Send again" in beside) == (True, True)
    assert "Lost" in desk.get(reverse("customer", args=[invoice.customer_id]) + "?tab=mails").content.decode()


def test_a_run_is_reconciled_on_its_page_and_in_excel(desk: Client) -> None:
    """Rule 12.5."""
    run = run_of(2, send_email=False)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    deliver.deliver(run.pk, now=build.now)
    page = desk.get(reverse("run-reconciliation", args=[run.pk])).content.decode()
    assert "every step follows from the one before" in page
    file = desk.get(reverse("run-reconciliation-file", args=[run.pk]))
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(file.streaming_content))).get_sheet_by_index(0)
    steps = {row[0]: row for row in rows.to_python()}
    assert steps["In the other system"][2:4] == [2, 2]
    assert steps["Generated"][-1] == "yes"


def test_a_run_that_its_definition_authorises_waits_and_says_why(desk: Client) -> None:
    """C5, under four eyes: nothing fails, and the page says what is needed."""
    Organisation.objects.update(four_eyes=True)
    run = run_of(authorised=True)
    assert "waits for a second person" in issue.authorise_by_definition(run.pk, now=NOW)
    assert "waits for a second person" in desk.get(reverse("run", args=[run.pk])).content.decode()


def test_numbering_and_closing_are_set_up(desk: Client) -> None:
    """Rules 7.2 and 7.5."""
    assert "INV-2026-" in desk.get(reverse("numbering")).content.decode().replace("2025", "2026")
    asked = {"branch": "main", "document_type": "contract", "restarts": "continuous", "pattern": "R{seq:04}"}
    assert "R0001" in desk.get(reverse("numbering-example"), asked).content.decode()
    wrong = desk.get(reverse("numbering-example"), {**asked, "pattern": "R"}).content.decode()
    assert "is not a number pattern" in wrong
    edit = reverse("numbering-edit", args=["main", "contract"])
    told = desk.post(edit, {"pattern": "R{seq:04}", "restarts": "continuous"}, follow=True).content.decode()
    assert "The next number is R0001." in told
    desk.post(reverse("closing"), {"closed_before": "2026-07-01"})
    assert Organisation.objects.get().books_closed_before == date(2026, 7, 1)
