"""Payment terms and due dates."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.core.periods import DateOutOfRange
from counterfoil.core.terms import NotPaymentTerms, due_date, parse_terms


@pytest.mark.parametrize(
    ("text", "invoice_date", "due", "written"),
    [
        ("14 days", "2026-01-20", "2026-02-03", "14 days"),
        ("Net 30", "2026-01-31", "2026-03-02", "30 days"),
        ("net 30 days", "2026-01-31", "2026-03-02", "30 days"),
        ("30 days net", "2026-01-31", "2026-03-02", "30 days"),
        ("1 day", "2026-12-31", "2027-01-01", "1 day"),
        ("due on receipt", "2026-01-20", "2026-01-20", "due on receipt"),
        ("  Due  upon receipt ", "2026-01-20", "2026-01-20", "due on receipt"),
        ("0 days", "2026-01-20", "2026-01-20", "due on receipt"),
        ("end of month", "2026-02-10", "2026-02-28", "end of month"),
        ("EOM", "2024-02-10", "2024-02-29", "end of month"),
        ("30 days end of month", "2026-01-15", "2026-02-28", "30 days end of month"),  # 14 Feb, then its end
        ("end of month + 10 days", "2026-01-15", "2026-02-10", "end of month + 10 days"),
        ("end of month plus 10", "2026-01-15", "2026-02-10", "end of month + 10 days"),
        ("60 days eom + 5 days", "2026-01-15", "2026-04-05", "60 days end of month + 5 days"),  # 16 Mar
    ],
)
def test_terms_are_read_as_people_write_them(text: str, invoice_date: str, due: str, written: str) -> None:
    terms = parse_terms(text)
    assert due_date(terms=terms, invoice_date=date.fromisoformat(invoice_date)) == date.fromisoformat(due)
    assert str(terms) == written
    assert parse_terms(str(terms)) == terms


@pytest.mark.parametrize(
    "text", ["", "30", "soon", "-5 days", "1.5 days", "99999 days", "days", "2/10 net 30"]
)
def test_what_is_no_payment_term_is_refused_with_examples(text: str) -> None:
    with pytest.raises(NotPaymentTerms) as refusal:
        parse_terms(text)
    assert str(refusal.value) == (
        f"'{text}' is not a payment term. Write, for example, 14 days, net 30, 30 days end of month, "
        "end of month + 10 days, or due on receipt."
    )


def test_a_due_date_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DateOutOfRange):
        due_date(terms=parse_terms("30 days"), invoice_date=date(9999, 12, 20))
