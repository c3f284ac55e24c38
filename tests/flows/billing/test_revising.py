"""Revising drafts: adjusted, waived, dated anew, rated anew; each takes the place of the one it was made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.billing import issue, review
from counterfoil.flows.billing.rerating import NotRatedAnew, rerate
from counterfoil.flows.billing.revising import (
    AdjustmentTooLarge,
    BelowZero,
    NothingToAdjust,
    adjust,
    redate,
    redated,
    waive,
)
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.closing import BooksClosed, close_books
from counterfoil.flows.crediting.by_hand import CreditAsked, credit_invoice
from counterfoil.records.billing import queries
from counterfoil.records.billing.figures import Total, totals_of, totals_of_run, totals_to_issue
from counterfoil.records.billing.models import (
    DocumentNumber,
    Invoice,
    InvoiceLine,
    LineReason,
    Run,
    RunStatus,
)
from counterfoil.records.catalog.models import TaxCategory, TaxRate
from counterfoil.records.charges.models import ChargeSpan
from counterfoil.records.organisation.models import Organisation, Role, User
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


@pytest.fixture
def draft() -> Invoice:
    """Return the draft of a run over two charges of one customer, 30.00 each."""
    client = build.client()
    build.charge(client=client)
    build.charge(client=client)
    return build.run().invoice_set.get()


def lines_of(invoice_id: int) -> list[InvoiceLine]:
    """Return the lines of an invoice, in their order."""
    return list(InvoiceLine.objects.filter(invoice_id=invoice_id).order_by("line_no"))


def state_of(invoice_id: int) -> str:
    """Return what became of an invoice."""
    invoice = queries.with_state(Invoice.objects.filter(pk=invoice_id)).select_related("run").get()
    return queries.state_of(invoice, run=invoice.run)


def adjusted(invoice: Invoice, *, amount: str = "-5.00", by: User | None = None) -> Invoice:
    """Adjust the first line of a draft and return the draft that took its place."""
    [new] = adjust([lines_of(invoice.pk)[0].pk], amount=amount, reason="Late response", by=by, now=NOW)
    return Invoice.objects.get(pk=new)


def test_an_adjustment_is_a_further_line_that_refers_to_the_computed_one(draft: Invoice) -> None:
    """Rule 12.8: the computed amounts stand as they were."""
    person = User.objects.create(username="mara", role=Role.BILLER)
    computed = lines_of(draft.pk)
    new = adjusted(draft, by=person)
    lines = lines_of(new.pk)
    assert [(line.kind, line.net_minor) for line in lines] == [
        ("charge", 3000),
        ("charge", 3000),
        ("adjustment", -500),
    ]
    assert lines[2].refers_to == lines[0]
    assert (lines[2].quantity, lines[2].unit_price, lines[2].charge_id) == (1, Decimal("-5"), None)
    assert [line.refers_to for line in lines[:2]] == computed
    why = LineReason.objects.get()
    assert (why.line, why.reason, why.given_by) == (lines[2], "Late response", person)
    assert [(line.net_minor, line.tax_minor) for line in lines_of(draft.pk)] == [(3000, 690), (3000, 690)]


def test_the_tax_of_a_group_is_rounded_once_with_its_adjustment(draft: Invoice) -> None:
    """Rules 5.2 and 5.3: 60.00 − 5.01 = 54.99; 23 % of it is 12.6477."""
    new = adjusted(draft, amount="-5.01")
    assert (new.net_minor, new.tax_minor, new.gross_minor) == (5499, 1265, 6764)
    assert [line.tax_minor for line in lines_of(new.pk)] == [690, 690, 1265 - 1380]


def test_an_adjustment_may_have_a_tax_category_of_its_own(draft: Invoice) -> None:
    """Rule 12.8: 10.00 more at 13.5 % is 1.35 of tax; the others keep 60.00 × 23 %."""
    reduced = TaxCategory.objects.create(code="reduced", name="Reduced")
    TaxRate.objects.create(category=reduced, rate=Decimal("13.5"), valid_from=date(2000, 1, 1))
    line = lines_of(draft.pk)[0].pk
    [new] = adjust([line], amount="10", reason="Parts", by=None, now=NOW, tax_category="reduced")
    assert lines_of(new)[2].tax_minor == 135
    assert Invoice.objects.get(pk=new).tax_minor == 1380 + 135


def test_the_draft_replaced_says_so_and_totals_are_what_counts_now(draft: Invoice) -> None:
    """Rules 12.5 and 12.7: control totals stay as generated; what is reviewed is the new draft."""
    new = adjusted(draft)
    assert (state_of(draft.pk), state_of(new.pk)) == ("replaced", "draft")
    assert draft.exclusion.replaced_by == new
    [total] = totals_of(Invoice.objects.filter(run=draft.run_id))
    assert (total.documents, total.net_minor, total.excluded, total.replaced) == (1, 5500, 0, 1)
    assert draft.run.totals.get().net_minor == 6000


def test_a_draft_is_adjusted_again_and_the_first_reason_stays(draft: Invoice) -> None:
    """Rule 12.8: both adjustments refer to the line beside them, each with its own reason."""
    first = adjusted(draft)
    [second] = adjust([lines_of(first.pk)[1].pk], amount="1", reason="Postage", by=None, now=NOW)
    lines = lines_of(second)
    assert [line.net_minor for line in lines] == [3000, 3000, -500, 100]
    assert [line.refers_to for line in lines[2:]] == lines[:2]
    assert [line.reason.reason for line in lines[2:]] == ["Late response", "Postage"]


def test_a_waived_line_is_0_and_its_days_stay_billed(draft: Invoice) -> None:
    """Rule 12.7: a 0.00 line with reason and person; the span has moved and July comes next."""
    line = lines_of(draft.pk)[0]
    [new] = waive([line.pk], reason="First month free", by=None, now=NOW)
    waived, other = lines_of(new)
    assert (waived.kind, waived.net_minor, waived.tax_minor, waived.refers_to) == ("waived", 0, 0, line)
    assert (other.net_minor, waived.reason.reason) == (3000, "First month free")
    assert {span.billed_to for span in ChargeSpan.objects.all()} == {JULY}
    assert build.run(cutoff=JULY).totals.get().net_minor == 6000


def test_a_waived_line_takes_its_adjustments_along(draft: Invoice) -> None:
    """Rule 12.7: 30.00 − 5.00 waived is 0.00, not −5.00; the other line stays 30.00."""
    new = adjusted(draft)
    [waived] = waive([lines_of(new.pk)[0].pk], reason="Free", by=None, now=NOW)
    assert [(line.line_no, line.kind, line.net_minor) for line in lines_of(waived)] == [
        (1, "waived", 0),
        (2, "charge", 3000),
    ]


def test_a_replaced_draft_excluded_sets_the_span_back_and_a_later_one_does_not_block_itself(
    draft: Invoice,
) -> None:
    """Rules 2.5 and 12.7: June's replacement is younger than July's lines, but July is billed further."""
    july = build.run(cutoff=JULY).invoice_set.get()
    new = adjusted(draft)
    with pytest.raises(review.BilledFurther):
        review.exclude([new.pk], reason="x", by=None, now=NOW)
    review.exclude([july.pk], reason="x", by=None, now=NOW)
    review.exclude([new.pk], reason="x", by=None, now=NOW)
    assert {span.billed_to for span in ChargeSpan.objects.all()} == {None}


def test_nothing_below_zero_nothing_by_0_and_nothing_too_large(draft: Invoice) -> None:
    """Rule 5.5: 60.00 less 60.01 is refused, and nothing is stored."""
    line = lines_of(draft.pk)[0].pk
    with pytest.raises(BelowZero, match=r"-0\.01"):
        adjust([line], amount="-60.01", reason="x", by=None, now=NOW)
    with pytest.raises(NothingToAdjust):
        adjust([line], amount="0.00", reason="x", by=None, now=NOW)
    for amount in ("1000000000000.01", "-9000000000000000", "99999999999999999999"):
        with pytest.raises(AdjustmentTooLarge, match="at most 1000000000000,"):
            adjust([line], amount=amount, reason="x", by=None, now=NOW)
    assert (Invoice.objects.count(), state_of(draft.pk)) == (1, "draft")


def test_the_hold_goes_over_to_the_draft_that_takes_the_place(draft: Invoice) -> None:
    """Rule 12.7: a held draft stays held, and is issued once released."""
    review.hold([draft.pk], reason="disputed", by=None, now=NOW)
    new = adjusted(draft)
    assert (state_of(draft.pk), state_of(new.pk), new.hold.reason) == ("replaced", "held", "disputed")
    issue.authorise(draft.run_id, by=None, now=NOW)
    issue.issue(draft.run_id, today=JUNE, now=build.now)
    review.release([new.pk])
    issue.issue(draft.run_id, today=JUNE, now=build.now)
    assert DocumentNumber.objects.get().invoice == new


def test_a_held_draft_is_dated_anew_and_no_longer_stuck() -> None:
    """Rule 7.2: tax at the new tax point (25 % from July), due 14 days from the new date, both shown before."""
    TaxRate.objects.create(category=TaxCategory.objects.get(), rate=25, valid_from=JULY)
    build.charge()
    run = build.run()
    held = run.invoice_set.get()
    review.hold([held.pk], reason="disputed", by=None, now=NOW)
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    build.charge(starts_on=JULY)
    july = build.run(cutoff=JULY, payer="any")
    issue.authorise(july.pk, by=None, now=NOW)
    issue.issue(july.pk, today=JULY, now=build.now)
    [shown] = redated([held.pk], invoice_date=JULY)
    assert (shown.tax_before_minor, shown.tax_after_minor) == (690, 750)  # 30.00 × 23 %, × 25 %
    assert (shown.due_before, shown.due_after) == (date(2026, 6, 15), date(2026, 7, 15))
    [new] = redate([held.pk], invoice_date=JULY, reason="A later one is issued", by=None, now=NOW)
    review.release([new])
    issue.issue(run.pk, today=JULY, now=build.now)
    stored = Invoice.objects.get(pk=new)
    assert (stored.invoice_date, stored.tax_minor, stored.number.due_on) == (JULY, 750, date(2026, 7, 15))
    assert Run.objects.get(pk=run.pk).status == RunStatus.ISSUED


def test_a_draft_dated_later_is_issued_on_its_day(draft: Invoice) -> None:
    """Rule 7.2: the others of its run are issued now, and the run is done when the last one is."""
    build.charge()
    run = draft.run
    [new] = redate([draft.pk], invoice_date=JULY, reason="Next month", by=None, now=NOW)
    issue.authorise(run.pk, by=None, now=NOW)
    assert issue.issue(run.pk, today=JUNE, now=build.now).status == RunStatus.AUTHORISED
    assert queries.runs_due(today=JUNE) == []
    assert queries.runs_due(today=JULY) == [run.pk]
    assert issue.issue(run.pk, today=JULY, now=build.now).status == RunStatus.ISSUED
    assert Invoice.objects.get(pk=new).number.due_on == date(2026, 7, 15)


def test_drafts_are_rated_anew_on_todays_data(draft: Invoice) -> None:
    """C4: the price was mended, 30.00 → 40.00; the new draft of the same run takes the place of the old."""
    master = draft.lines.first().charge.master_charge
    master.unit_price = 40
    master.save()
    [new] = rerate([draft.pk], reason="Price list of May", by=None, now=NOW).drafts
    stored = Invoice.objects.get(pk=new)
    assert (stored.run_id, stored.net_minor, state_of(draft.pk)) == (draft.run_id, 8000, "replaced")
    assert {span.billed_to for span in ChargeSpan.objects.all()} == {JULY}


def test_a_draft_for_which_nothing_is_owed_any_more_is_excluded(draft: Invoice) -> None:
    """C4: one charge ended before June, so the new draft has one line; then both, and none is left."""
    first, second = (line.charge for line in lines_of(draft.pk))
    first.starts_on, first.ends_before = date(2026, 1, 1), date(2026, 1, 2)
    type(first).objects.filter(pk=first.pk).update(starts_on=JULY)
    [new] = rerate([draft.pk], reason="Not yet", by=None, now=NOW).drafts
    assert Invoice.objects.get(pk=new).net_minor == 3000
    type(second).objects.filter(pk=second.pk).update(starts_on=JULY)
    result = rerate([new], reason="Not yet either", by=None, now=NOW)
    assert (result.drafts, result.gone, state_of(new)) == ([], 1, "excluded")


def test_a_credit_note_is_dated_anew_with_its_tax_and_never_rated_anew(draft: Invoice) -> None:
    """Rules 6.1 and 6.6: 25 % since July does not touch a credit of lines at 23 %."""
    TaxRate.objects.create(category=TaxCategory.objects.get(), rate=25, valid_from=JULY)
    issue.authorise(draft.run_id, by=None, now=NOW)
    issue.issue(draft.run_id, today=JUNE, now=build.now)
    asked = CreditAsked(invoice_id=draft.pk, invoice_date=JUNE)
    note = credit_invoice(asked, reason="All of it", by=None, now=NOW).invoice_set.get()
    with pytest.raises(NotRatedAnew):
        rerate([note.pk], reason="x", by=None, now=NOW)
    [new] = redate([note.pk], invoice_date=JULY, reason="In July", by=None, now=NOW)
    stored = Invoice.objects.get(pk=new)
    assert (stored.net_minor, stored.tax_minor, stored.credits) == (-6000, -1380, draft)
    assert [line.refers_to for line in lines_of(new)] == lines_of(draft.pk)


def test_whoever_adjusts_does_not_authorise_under_four_eyes(draft: Invoice) -> None:
    """Rule 12.8."""
    Organisation.objects.update(four_eyes=True)
    adjuster = User.objects.create(username="adjuster", role=Role.APPROVER)
    other = User.objects.create(username="other", role=Role.APPROVER)
    adjusted(draft, by=adjuster)
    with pytest.raises(issue.AdjusterMayNotAuthorise, match="other"):
        issue.authorise(draft.run_id, by=adjuster, now=NOW)
    assert issue.authorise(draft.run_id, by=other, now=NOW).authorised_by == other


def test_what_is_adjusted_after_authorising_is_released_by_somebody_else(draft: Invoice) -> None:
    """Rule 12.8: the authoriser never saw it."""
    Organisation.objects.update(four_eyes=True)
    adjuster = User.objects.create(username="adjuster", role=Role.APPROVER)
    other = User.objects.create(username="other", role=Role.APPROVER)
    issue.authorise(draft.run_id, by=other, now=NOW)
    new = adjusted(draft, by=adjuster)
    assert state_of(new.pk) == "held"
    with pytest.raises(review.ReviserMayNotRelease):
        review.release([new.pk], by=adjuster)
    assert review.release([new.pk], by=other) == 1


def test_a_date_in_closed_books_is_refused_with_what_to_do(draft: Invoice) -> None:
    """Rule 7.5: at dating anew and at authorising."""
    close_books(before=JULY)
    with pytest.raises(BooksClosed, match="2026-07-01"):
        redate([draft.pk], invoice_date=date(2026, 6, 30), reason="x", by=None, now=NOW)
    with pytest.raises(BooksClosed, match="Settings"):
        issue.authorise(draft.run_id, by=None, now=NOW)
    with pytest.raises(BooksClosed):
        build.run()
    redate([draft.pk], invoice_date=JULY, reason="June is closed", by=None, now=NOW)
    assert issue.authorise(draft.run_id, by=None, now=NOW).status == RunStatus.AUTHORISED


def _amounts(total: Total) -> tuple[str, int, int, int, int]:
    return total.currency, total.documents, total.lines, total.net_minor, total.gross_minor


def test_the_totals_of_a_run_are_those_of_its_invoices_whatever_was_done_to_them() -> None:
    for _customer in range(6):
        build.charge()
    build.charge(
        client=build.client(customer=build.customer(currency="GBP")),
        master_charge=build.master(currency="GBP"),
    )
    run = build.run()
    first, second, third, fourth, fifth, *_rest = run.invoice_set.order_by("pk")

    def agree() -> list[Total]:
        kept = totals_of_run(Run.objects.get(pk=run.pk))
        assert kept == totals_of(Invoice.objects.filter(run=run))
        waiting = totals_of(queries.drafts_to_issue(run.pk))
        assert [_amounts(one) for one in totals_to_issue(Run.objects.get(pk=run.pk))] == [
            _amounts(one) for one in waiting
        ]
        return kept

    assert [(total.currency, total.documents) for total in agree()] == [("EUR", 6), ("GBP", 1)]
    review.hold([first.pk], reason="asked", by=None, now=NOW)
    review.exclude([second.pk], reason="wrong", by=None, now=NOW)
    [again] = adjust([third.lines.get().pk], amount="-10.00", reason="goodwill", by=None, now=NOW)
    waive([Invoice.objects.get(pk=again).lines.order_by("line_no")[0].pk], reason="more", by=None, now=NOW)
    rerate([fourth.pk], reason="mended", by=None, now=NOW)
    euro = agree()[0]
    assert (euro.documents, euro.held, euro.excluded, euro.replaced) == (5, 1, 1, 3)
    issue.authorise(run.pk, by=None, now=NOW)
    agree()
    issue.issue(run.pk, today=JUNE, now=build.now)
    assert agree()[0].issued == 4  # five that count, one of them held
    void_invoices([fifth.pk], reason="wrong", by=None, now=NOW)
    assert (agree()[0].issued, agree()[0].voided) == (3, 1)
