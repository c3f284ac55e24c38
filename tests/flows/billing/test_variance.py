"""Against last time, on the database: computed, kept, told in words (product C3)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from counterfoil.flows.billing import issue, review
from counterfoil.flows.billing.differing import Row, words_for_preview, words_for_run
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.variance import (
    NotComparable,
    compare_preview,
    compare_runs,
    comparison_of,
    keep_comparison,
)
from counterfoil.records.billing.models import Invoice, Run
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

JUNE, JULY = build.JUNE, date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation(transactional_db: None) -> None:
    build.organisation()


def issued(*, cutoff: date = JUNE) -> Run:
    """Generate and authorise a run, so that the next one is compared with it."""
    run = build.run(cutoff=cutoff)
    return issue.authorise(run.pk, by=None, now=build.NOW)


def told(run: Run) -> dict[str, str]:
    """Return, by the charge's key, why its line differs."""
    comparison = keep_comparison(run, now=build.NOW)
    assert comparison is not None
    rows = list(comparison.lines.select_related("charge"))
    keys = [row.charge.key if row.charge else "" for row in rows]
    return dict(zip(keys, words_for_run(rows, run=run), strict=True))


def test_a_month_like_the_last_differs_in_nothing() -> None:
    build.charge()
    issued()
    comparison = keep_comparison(build.run(cutoff=JULY), now=build.NOW)
    assert comparison is not None
    (total,) = comparison.totals.all()
    assert (total.before_minor, total.now_minor, total.parts(), total.same_lines) == (3000, 3000, {}, 1)
    assert not comparison.lines.exists()


def test_new_gone_price_quantity_and_period_add_up_and_are_told() -> None:
    dearer, more, part = build.charge(key="dearer"), build.charge(key="more"), build.charge(key="part")
    build.charge(key="gone", ends_before=JULY)
    issued()
    dearer.unit_price, more.quantity, part.ends_before = Decimal("32.50"), 2, date(2026, 7, 11)
    for changed in (dearer, more, part):
        changed.save()
    build.charge(key="new", starts_on=date(2026, 7, 1))
    run = build.run(cutoff=JULY)
    assert told(run) == {
        "dearer": "price 30.00 → 32.50 from 1 July 2026",
        "more": "quantity 1 → 2",
        "part": "share of the period 1 → 10/31 (ended 10 July 2026)",
        "gone": "ended 30 June 2026",
        "new": "starts 1 July 2026",
    }
    (total,) = run.comparison.totals.all()
    assert (total.before_minor, total.now_minor) == (12000, 13218)  # 32.50 + 60.00 + 9.68 + 30.00
    assert total.parts() == {
        "new": 3000,
        "gone": -3000,
        "period": -2032,  # 30.00 × 10/31 − 30.00
        "price": 250,
        "quantity": 3000,
    }
    customers = run.comparison.customers.count()
    assert customers == 5


def test_a_quarterly_charge_rests_and_is_due_again_and_only_one_that_ended_is_gone() -> None:
    """Quarters from April, seen month by month: 3 × 30.00 is neither lost in May nor won in July."""
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    build.charge(key="month", starts_on=april)
    quarter = build.monthly(count=3, unit="month", anchor=date(2026, 1, 1))
    build.charge(key="quarter", charge_period=quarter, starts_on=april)
    leaving = build.charge(key="leaving", starts_on=april, ends_before=may)
    moved = build.charge(key="moved", starts_on=april)
    issued(cutoff=april)
    moved.customer = build.customer()
    moved.save()
    in_may = issued(cutoff=may)
    assert told(in_may) == {
        "quarter": "billed until 30 June 2026, not due this time",
        "leaving": "ended 30 April 2026",
        "moved": "not billed last time, now 1 May 2026 – 31 May 2026",
    }
    parts = {"gone": -6000, "not_due": -3000, "new": 3000}
    assert in_may.comparison.totals.get().parts() == parts
    assert set(in_may.comparison.lines.filter(charge=leaving).values_list("reason", flat=True)) == {"gone"}
    issued(cutoff=JUNE)
    july = build.run(cutoff=JULY)
    assert told(july) == {"quarter": "due again, 1 July 2026 – 30 September 2026"}
    assert july.comparison.totals.get().parts() == {"due_again": 3000}
    request = build.request(cutoff=date(2026, 8, 1))
    review.abandon(july.pk, reason="to look ahead", now=build.NOW)
    variance = compare_preview(preview(request), request=request)
    assert variance is not None
    assert variance.lines.filter(reason="due_again").height == 1


def test_what_was_excluded_is_said_when_it_is_billed() -> None:
    """Rule 12.7: June excluded, July bills both."""
    build.charge(starts_on=date(2026, 5, 1), key="late")
    issued(cutoff=date(2026, 5, 1))
    june = build.run(cutoff=JUNE)
    review.exclude([Invoice.objects.get(run=june).pk], reason="disputed", by=None, now=build.NOW)
    july = build.run(cutoff=JULY)
    assert told(july) == {"late": f"excluded from run {june.pk} (Test, cut-off 2026-06-01), billed now"}
    (total,) = july.comparison.totals.all()
    assert total.parts() == {"period": 3000}


def test_a_charge_set_aside_says_why_it_is_gone() -> None:
    charge = build.charge(key="bad")
    issued()
    charge.client.customer.is_active = False
    charge.client.customer.save()
    words = told(build.run(cutoff=JULY))["bad"]
    assert words.startswith("set aside: ")


def test_a_preview_says_what_the_run_would() -> None:
    """Rule 12.1, for the variance too."""
    charge = build.charge()
    issued()
    charge.unit_price = 40
    charge.save()
    request = build.request(cutoff=JULY)
    shown = preview(request)
    variance = compare_preview(shown, request=request)
    assert variance is not None
    assert words_for_preview([Row(row) for row in variance.lines.iter_rows(named=True)], preview=shown) == [
        "price 30.00 → 40.00 from 1 July 2026"
    ]
    comparison = keep_comparison(build.run(cutoff=JULY), now=build.NOW)
    assert comparison is not None
    assert comparison.totals.get().parts() == {"price": 1000}


def test_the_first_run_is_compared_with_nothing() -> None:
    build.charge()
    request = build.request()
    assert compare_preview(preview(request), request=request) is None
    assert keep_comparison(build.run(), now=build.NOW) is None


def test_a_comparison_is_made_anew_once_drafts_are_dropped() -> None:
    build.charge(key="a"), build.charge(key="b")
    issued()
    july = build.run(cutoff=JULY)
    keep_comparison(july, now=build.NOW)
    assert comparison_of(july) is not None
    draft = Invoice.objects.filter(run=july).first()
    assert draft is not None
    review.exclude([draft.pk], reason="disputed", by=None, now=build.NOW)
    assert comparison_of(july) is None
    again = keep_comparison(july, now=build.NOW + timedelta(hours=1))
    assert again is not None
    assert again.totals.get().parts() == {"gone": -3000}
    assert again.lines.count() == 1


def test_any_two_runs_can_be_compared_but_for_abandoned_ones() -> None:
    build.charge()
    first, second = build.run(), build.run(cutoff=JULY)
    assert compare_runs(second, before=first).totals.get_column("difference_minor").to_list() == [0]
    review.abandon(second.pk, reason="wrong month", now=build.NOW)
    second.refresh_from_db()
    with pytest.raises(NotComparable, match="abandoned"):
        compare_runs(second, before=first)


def test_only_runs_that_were_authorised_are_last_time() -> None:
    build.charge()
    june = issued()
    build.run(cutoff=JULY)
    august = build.run(cutoff=date(2026, 8, 1))
    comparison = keep_comparison(august, now=build.NOW)
    assert comparison is not None
    assert comparison.before == june
