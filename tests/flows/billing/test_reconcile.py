"""Control totals from generation to the other system: every difference has its reason (billing-rules 12.5)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.connectors.port import ControlTotals
from counterfoil.flows.billing import deliver, issue, reconcile, review
from counterfoil.flows.billing.reconcile import Shown, control_of, control_to_show, keep_control
from counterfoil.flows.billing.rerating import rerate
from counterfoil.flows.billing.revising import adjust, redate, waive
from counterfoil.records.billing.models import InvoiceLine, Run
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    build.organisation()


def reviewed_run() -> Run:
    """Return a run of six drafts of 30.00, of which one is as it was, and one of each is not."""
    for _ in range(6):
        build.charge()
    run = build.run(send_email=False)
    _same, adjusted, waived, redated, excluded, rerated = run.invoice_set.order_by("pk")
    why = {"reason": "Because", "by": None, "now": NOW}
    adjust([InvoiceLine.objects.get(invoice=adjusted).pk], amount="-5.00", **why)
    waive([InvoiceLine.objects.get(invoice=waived).pk], **why)
    redate([redated.pk], invoice_date=date(2026, 6, 2), **why)
    review.exclude([excluded.pk], **why)
    build.charge(client=rerated.lines.get().client)
    rerate([rerated.pk], **why)
    return run


def test_every_difference_to_what_was_generated_has_its_reason() -> None:
    """Rule 12.5: six drafts over 180.00 became five over 145.00; 23 % of each net is its tax."""
    run = reviewed_run()
    [control] = control_of(run, asks_other_system=False)
    changed = {
        change.what: (change.times, change.difference.documents, change.difference.net_minor)
        for change in control.changes
    }
    assert control.generated == ControlTotals(
        documents=6, lines=6, net_minor=18_000, tax_minor=4140, gross_minor=22_140
    )
    assert changed == {
        "adjusted": (1, 0, -500),
        "waived": (1, 0, -3000),
        "re-dated": (1, 0, 0),
        "excluded": (1, -1, -3000),
        "re-rated": (1, 0, 3000),
    }
    assert (control.now.documents, control.now.lines, control.now.net_minor) == (5, 7, 14_500)
    assert control.unexplained == ControlTotals()
    assert control.agrees


def test_what_was_issued_is_compared_with_what_arrived() -> None:
    """Rule 12.5: the draft dated the day after waits, and is in neither."""
    run = reviewed_run()
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    deliver.deliver(run.pk, now=build.now)
    [control] = control_of(run)
    assert control.theirs == control.issued
    assert (control.issued.documents, control.waiting.documents, control.waiting.net_minor) == (4, 1, 3000)


def test_a_document_that_vanished_there_is_shown(tmp_path: Path) -> None:
    """Rule 12.5: never silently absorbed."""
    build.charge()
    run = build.run(send_email=False)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    [control] = control_of(run)
    assert (control.agrees, control.theirs) == (False, ControlTotals())


def test_a_large_run_shows_what_is_kept_until_something_becomes_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = reviewed_run()
    assert control_to_show(run) == Shown(controls=control_of(run))
    monkeypatch.setattr(reconcile, "DOCUMENTS_ADDED_UP_WHILE_WAITING", 5)
    assert control_to_show(run) is None
    keep_control(run.pk, now=build.now)
    assert control_to_show(run) == Shown(controls=control_of(run), made_at=NOW)
    first = run.invoice_set.order_by("pk")[0]
    review.exclude([first.pk], reason="Because", by=None, now=NOW)
    assert control_to_show(run) is None
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    run.refresh_from_db()
    kept = keep_control(run.pk, now=build.now)
    assert (kept.controls[0].agrees, control_to_show(run)) == (False, kept)  # nothing has arrived there yet
    deliver.deliver(run.pk, now=build.now)
    assert control_to_show(run) is None
    assert keep_control(run.pk, now=build.now).controls[0].agrees
