"""Consolidated billing: queued, eligible, checked beforehand, short of the minimum, rolled, numbered (8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.consolidation import (
    OFF,
    AmountNotPositive,
    Flag,
    Gathering,
    Group,
    Kind,
    MinimumNotBelowLimit,
    NextDateNeedsCycle,
    NotABillingNumber,
    Queued,
    Settings,
    billing_date,
    billing_number,
    checked_beforehand,
    first_date,
    flag_of_new,
    gathered,
    is_due_to_roll,
    is_eligible,
    kind_of,
    next_seqs,
    parse_number,
    rolled,
    short_minor,
    short_text,
    why_unchecked,
)
from counterfoil.core.document import DocumentType
from counterfoil.core.periods import Length

D = date.fromisoformat
USES = Settings(currency="EUR", takes_sales=True, takes_service=True)
ONE = Queued(
    invoice=1,
    customer=1,
    branch=1,
    currency="EUR",
    kind=Kind.SALES,
    invoice_date=D("2026-05-10"),
    gross_minor=4000,
)


@pytest.mark.parametrize(
    ("document_type", "credited", "kind"),
    [
        (DocumentType.SALES, None, Kind.SALES),
        (DocumentType.SERVICE, None, Kind.SERVICE),
        (DocumentType.CONTRACT, None, None),
        (DocumentType.CREDIT_NOTE, DocumentType.SERVICE, Kind.SERVICE),
        (DocumentType.CREDIT_NOTE, DocumentType.CONTRACT, None),
    ],
)
def test_8_1_sales_and_service_invoices_and_credit_notes_of_them_never_contract_ones(
    document_type: DocumentType, credited: DocumentType | None, kind: Kind | None
) -> None:
    assert kind_of(document_type, credited=credited) is kind


def test_8_1_the_flag_is_what_the_box_for_the_type_says_unless_somebody_chose() -> None:
    only_sales = replace(USES, takes_service=False)
    assert flag_of_new(Kind.SALES, settings=only_sales) == Flag(is_on=True)
    assert flag_of_new(Kind.SERVICE, settings=only_sales) == OFF
    assert flag_of_new(Kind.SALES, settings=only_sales, chosen=False) == OFF
    assert flag_of_new(Kind.SERVICE, settings=only_sales, chosen=True) == Flag(is_on=True)


def test_8_1_nothing_is_queued_without_consolidation() -> None:
    assert flag_of_new(Kind.SALES, settings=None, chosen=True) == OFF
    assert flag_of_new(Kind.SALES, settings=replace(USES, is_used=False), chosen=True) == OFF
    assert flag_of_new(None, settings=USES, chosen=True) == OFF


def test_8_1_with_x_the_flag_of_both_types_is_on_and_locked() -> None:
    below = Settings(currency="EUR", limit_minor=10_000)
    for kind in Kind:
        assert flag_of_new(kind, settings=below, chosen=False) == Flag(is_on=True, is_locked=True)


@pytest.mark.parametrize(
    ("invoice_date", "next_date", "cutoff", "eligible"),
    [
        ("2026-05-10", None, "2026-05-10", True),
        ("2026-05-11", None, "2026-05-10", False),
        ("2026-05-10", "2026-05-31", "2026-05-30", False),  # N after the cut-off
        ("2026-05-10", "2026-05-31", "2026-05-31", True),
        ("2026-05-31", "2026-05-31", "2026-06-15", True),
        ("2026-06-01", "2026-05-31", "2026-06-15", False),  # dated after N
    ],
)
def test_8_3_dated_up_to_the_cutoff_and_up_to_a_next_date_that_has_come(
    invoice_date: str, next_date: str | None, cutoff: str, eligible: bool
) -> None:
    settings = replace(USES, next_date=D(next_date) if next_date else None)
    one = replace(ONE, invoice_date=D(invoice_date))
    assert is_eligible(one, settings=settings, cutoff=D(cutoff)) is eligible
    assert not is_eligible(one, settings=replace(settings, is_used=False), cutoff=D(cutoff))


def test_8_4_with_x_ticked_types_below_it_are_checked_and_the_others_say_why_not() -> None:
    below = Settings(currency="EUR", takes_sales=True, limit_minor=5_000)
    listed = [
        ONE,  # sales: 40.00 < 50.00
        replace(ONE, invoice=2, kind=Kind.SERVICE),
        replace(ONE, invoice=3, currency="USD", gross_minor=900_000),
    ]
    assert checked_beforehand(listed, settings=below, by_branch=False) == {
        1: "",
        2: "service invoices of this customer are not consolidated automatically",
        3: "",  # another currency has neither X nor a minimum
    }
    more = [*listed, replace(ONE, invoice=4, gross_minor=1_000)]
    assert checked_beforehand(more, settings=below, by_branch=False)[1] == (
        "sales invoices come to EUR 50.00, not below EUR 50.00"  # 40.00 + 10.00
    )
    elsewhere = [*listed, replace(ONE, invoice=4, branch=2, gross_minor=1_000)]
    assert checked_beforehand(elsewhere, settings=below, by_branch=True)[1] == ""
    credit = [*more, replace(ONE, invoice=5, gross_minor=-1)]
    assert checked_beforehand(credit, settings=below, by_branch=False)[1] == ""  # 40.00 + 10.00 − 0.01


def test_8_4_without_x_all_are_checked() -> None:
    nothing_ticked = Settings(currency="EUR")
    assert why_unchecked(Kind.SALES, queued_minor=10**9, settings=nothing_ticked, currency="EUR") == ""


def test_8_4_below_the_minimum_no_billing_is_made_and_equal_suffices() -> None:
    minimum = replace(USES, minimum_minor=5_000)
    assert short_minor(1_880, settings=minimum, currency="EUR") == 3_120  # 50.00 − 18.80
    assert short_minor(5_000, settings=minimum, currency="EUR") == 0
    assert short_minor(1_880, settings=minimum, currency="USD") == 0
    assert short_minor(-100, settings=minimum, currency="EUR") == 5_100
    assert short_text(1_880, settings=minimum, currency="EUR") == (
        "EUR 31.20 short of the minimum of EUR 50.00: carried to the next cycle"
    )
    assert short_text(5_000, settings=minimum, currency="EUR") == ""


def test_8_4_one_billing_a_customer_currency_and_branch() -> None:
    others = [replace(ONE, invoice=2, branch=2), replace(ONE, invoice=3, currency="USD")]
    settings = {1: replace(USES, minimum_minor=8_000)}
    assert gathered([ONE, *others], settings=settings, by_branch=False) == [
        Gathering(group=Group(1, "EUR", None), invoices=(1, 2), total_minor=8_000, short_minor=0),
        Gathering(group=Group(1, "USD", None), invoices=(3,), total_minor=4_000, short_minor=0),
    ]
    assert [one.is_billed for one in gathered([ONE, *others], settings=settings, by_branch=True)] == [
        False,  # 40.00 of 80.00, in each branch
        False,
        True,
    ]


def test_8_4_the_minimum_is_below_x() -> None:
    with pytest.raises(MinimumNotBelowLimit) as refusal:
        Settings(currency="EUR", minimum_minor=5_000, limit_minor=5_000)
    assert "The minimum of 50.00 is not below 50.00" in str(refusal.value)
    with pytest.raises(AmountNotPositive):
        Settings(currency="EUR", minimum_minor=0)
    Settings(currency="JPY", minimum_minor=49, limit_minor=50)


def test_8_5_the_billing_date_is_given_or_the_customers_own() -> None:
    given_date, own = D("2026-06-30"), D("2026-06-25")
    with_next = replace(USES, next_date=own)
    assert billing_date(given=given_date, uses_next_date=True, settings=with_next) == own
    assert billing_date(given=given_date, uses_next_date=False, settings=with_next) == given_date
    assert billing_date(given=given_date, uses_next_date=True, settings=USES) == given_date


def test_8_6_a_roll_counts_from_the_date_typed_by_hand() -> None:
    settings = replace(
        USES, cycle=Length.parse("1 month"), next_date=D("2026-01-31"), typed_date=D("2026-01-31")
    )
    days = []
    for _ in range(3):
        days.append(str(settings.next_date))
        settings = replace(settings, next_date=rolled(settings))
    assert days == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert rolled(replace(settings, cycle=Length.parse("2 weeks"), typed_date=D("2026-04-30"))) == D(
        "2026-05-14"
    )


def test_8_6_offered_to_those_with_a_date_and_a_cycle_that_has_come() -> None:
    settings = replace(USES, cycle=Length.parse("1 month"), next_date=D("2026-05-31"))
    assert is_due_to_roll(settings, cutoff=D("2026-05-31"))
    assert not is_due_to_roll(settings, cutoff=D("2026-05-30"))
    assert not is_due_to_roll(replace(settings, cycle=None), cutoff=D("2026-05-31"))
    assert not is_due_to_roll(replace(settings, next_date=None), cutoff=D("2026-05-31"))
    assert not is_due_to_roll(replace(settings, is_used=False), cutoff=D("2026-05-31"))
    with pytest.raises(NextDateNeedsCycle):
        rolled(replace(settings, cycle=None))


def test_8_7_by_hand_the_date_is_the_customers_next_one_else_today() -> None:
    assert first_date(settings=USES, today=D("2026-05-12")) == D("2026-05-12")
    assert first_date(settings=replace(USES, next_date=D("2026-05-31")), today=D("2026-05-12")) == D(
        "2026-05-31"
    )


def test_7_3_numbers_and_their_revisions() -> None:
    assert billing_number(seq=10_001, revision=0) == "B10001-0"
    assert billing_number(seq=10_001, revision=1) == "B10001-1"
    assert [parse_number(text) for text in ("B10001", "10001", " b10001-0 ")] == [10_001] * 3
    for text in ("", "B", "B0", "B10001-1", "INV-1", "B1²", "-5"):
        with pytest.raises(NotABillingNumber):
            parse_number(text)
    assert next_seqs(after=10_001, count=3, taken={10_002, 9}) == [10_001, 10_003, 10_004]


DAYS = st.integers(0, 40).map(lambda days: D("2026-05-01") + timedelta(days=days))
SETTINGS = st.builds(
    lambda used, next_date, minimum, more, x, sales, service: Settings(
        is_used=used,
        currency="EUR",
        next_date=next_date,
        minimum_minor=minimum,
        limit_minor=(minimum or 0) + more if x else None,
        takes_sales=sales,
        takes_service=service,
    ),
    st.booleans(),
    st.none() | DAYS,
    st.none() | st.integers(1, 300),
    st.integers(1, 300),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
DOCUMENTS = st.lists(
    st.builds(
        Queued,
        invoice=st.just(0),
        customer=st.integers(1, 2),
        branch=st.integers(1, 2),
        currency=st.sampled_from(["EUR", "USD"]),
        kind=st.sampled_from(Kind),
        invoice_date=DAYS,
        gross_minor=st.integers(-100, 300),
    ),
    max_size=12,
)


@given(DOCUMENTS, SETTINGS, SETTINGS, DAYS, st.booleans())
def test_8_3_and_8_4_agree_with_a_plain_telling(
    documents: list[Queued], first: Settings, second: Settings, cutoff: date, by_branch: bool
) -> None:
    documents = [replace(one, invoice=number) for number, one in enumerate(documents, start=1)]
    settings = {1: first, 2: second}
    eligible = [one for one in documents if is_eligible(one, settings=settings[one.customer], cutoff=cutoff)]
    reasons: dict[int, str] = {}
    for customer, its in settings.items():
        of_it = [one for one in eligible if one.customer == customer]
        reasons |= checked_beforehand(of_it, settings=its, by_branch=by_branch)
    checked = [one for one in eligible if not reasons[one.invoice]]
    billed = [one for one in gathered(checked, settings=settings, by_branch=by_branch) if one.is_billed]
    assert {one.group: (set(one.invoices), one.total_minor) for one in billed} == _told_plainly(
        documents, settings=settings, cutoff=cutoff, by_branch=by_branch
    )


def _told_plainly(
    documents: list[Queued], *, settings: dict[int, Settings], cutoff: date, by_branch: bool
) -> dict[Group, tuple[set[int], int]]:
    """Tell 8.3 and 8.4 over whole lists, group by group, with nothing shared with the code."""
    listed = []
    for one in documents:
        its = settings[one.customer]
        last = cutoff if its.next_date is None else min(cutoff, its.next_date)
        waits = its.next_date is not None and its.next_date > cutoff
        if its.is_used and not waits and one.invoice_date <= last:
            listed.append(one)
    billings = {}
    for group in {Group(one.customer, one.currency, one.branch if by_branch else None) for one in listed}:
        its, members = (
            settings[group.customer],
            [
                one
                for one in listed
                if (one.customer, one.currency) == (group.customer, group.currency)
                and group.branch in (None, one.branch)
            ],
        )
        taken = []
        for kind, is_ticked in ((Kind.SALES, its.takes_sales), (Kind.SERVICE, its.takes_service)):
            of_kind = [one for one in members if one.kind == kind]
            total = sum(one.gross_minor for one in of_kind)
            ruled = group.currency == "EUR" and its.limit_minor is not None
            if not ruled or (is_ticked and total < (its.limit_minor or 0)):
                taken += of_kind
        total = sum(one.gross_minor for one in taken)
        enough = group.currency != "EUR" or its.minimum_minor is None or total >= its.minimum_minor
        if taken and enough:
            billings[group] = ({one.invoice for one in taken}, total)
    return billings
