"""Who gets what by e-mail, in one text (product B3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.document import DocumentType
from counterfoil.core.recipients import (
    EVERYTHING,
    MailKind,
    Recipient,
    addresses_in,
    in_order,
    mail_kind_of,
    missed_by_all,
    parse_recipients,
    write_recipients,
)

TEXT = "books@example.com; owner@example.com (statements, Invoices) ;site@example.com(credit  notes)"

ADDRESSES = st.sampled_from(["a@example.com", "b+c@example.org", "d.e@example.net"])
RECIPIENTS = st.lists(
    st.builds(Recipient, ADDRESSES, st.frozensets(st.sampled_from(MailKind), min_size=1)), max_size=5
)


def test_brackets_say_what_an_address_gets_and_none_mean_everything() -> None:
    assert parse_recipients(TEXT) == (
        Recipient("books@example.com", EVERYTHING),
        Recipient("owner@example.com", frozenset({MailKind.INVOICES, MailKind.STATEMENTS})),
        Recipient("site@example.com", frozenset({MailKind.CREDIT_NOTES})),
    )
    assert in_order(TEXT) == (
        "books@example.com; owner@example.com (invoices, statements); site@example.com (credit notes)"
    )


def test_an_address_is_found_by_what_it_gets() -> None:
    stored = in_order(TEXT)
    assert addresses_in(stored) == ("books@example.com", "owner@example.com", "site@example.com")
    assert addresses_in(stored, kind=MailKind.STATEMENTS) == ("books@example.com", "owner@example.com")
    assert addresses_in(stored, kind=MailKind.BILLINGS) == ("books@example.com",)


@pytest.mark.parametrize("wrong", ["a@x (reminders)", "a@x ()", "a@x (invoices", "(invoices)", "a (x) b"])
def test_what_cannot_be_meant_is_refused_and_left_as_it_is(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_recipients(wrong)
    assert in_order(wrong) == wrong


def test_somebody_gets_what_goes_out_by_itself() -> None:
    assert missed_by_all(parse_recipients("")) == []
    assert missed_by_all(parse_recipients("a@x (invoices, credit notes, consolidated billings)")) == []
    assert missed_by_all(parse_recipients("a@x (invoices); b@x (statements)")) == [
        MailKind.CREDIT_NOTES,
        MailKind.BILLINGS,
    ]


def test_a_credit_note_is_a_kind_of_its_own() -> None:
    assert {mail_kind_of(one) for one in DocumentType} == {MailKind.INVOICES, MailKind.CREDIT_NOTES}
    assert mail_kind_of(DocumentType.CREDIT_NOTE) == MailKind.CREDIT_NOTES


@given(RECIPIENTS)
def test_what_is_written_is_read_again(recipients: list[Recipient]) -> None:
    text = write_recipients(recipients)
    assert list(parse_recipients(text)) == recipients
    for kind in MailKind:
        assert list(addresses_in(text, kind=kind)) == [one.address for one in recipients if kind in one.kinds]
