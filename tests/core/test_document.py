"""A document as a value adds up or does not exist (billing-rules 5.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from counterfoil.core.document import (
    Document,
    DocumentDoesNotAddUp,
    DocumentLine,
    DocumentType,
    Party,
    TaxGroup,
)


def line(line_no: int, net_minor: int, tax_minor: int) -> DocumentLine:
    return DocumentLine(
        line_no=line_no,
        charge_code="MON",
        description="Monitoring",
        quantity_steps=1_000_000,
        unit_price_steps=net_minor * 10_000,
        net_minor=net_minor,
        tax_minor=tax_minor,
        tax_category="standard",
        tax_rate_steps=19_000_000,
    )


def document(**changes: Any) -> Document:
    values: dict[str, Any] = {
        "number": "INV-2026-000001",
        "document_type": DocumentType.CONTRACT,
        "invoice_date": date(2026, 6, 1),
        "due_date": date(2026, 6, 15),
        "currency": "EUR",
        "seller": Party(name="Fictional Alarms"),
        "buyer": Party(name="Invented Bakery", account="C-100"),
        "lines": (line(1, 3, 1), line(2, 3, 0), line(3, 3, 1)),  # cumulative rounding of 0.57, 1.14, 1.71
        "tax_groups": (
            TaxGroup(tax_category="standard", tax_rate_steps=19_000_000, net_minor=9, tax_minor=2),
        ),
        "net_minor": 9,
        "tax_minor": 2,
        "gross_minor": 11,
        "reference": "counterfoil:invoice:1",
    }
    return Document(**{**values, **changes})


def test_5_2_lines_groups_and_totals_agree() -> None:
    issued = document()
    assert issued.gross_minor == 11
    assert issued.tax_groups[0].gross_minor == 11
    assert not issued.is_draft
    assert replace(issued, number=None).is_draft
    assert document(document_type=DocumentType.CREDIT_NOTE).is_credit_note


@pytest.mark.parametrize(
    "changes",
    [
        {"net_minor": 10, "gross_minor": 12},
        {"tax_minor": 1, "gross_minor": 10},
        {"gross_minor": 12},
        {"lines": (line(1, 9, 1),)},
        {"lines": (line(1, 8, 2),)},
        {"tax_groups": ()},
    ],
)
def test_5_2_a_document_that_does_not_add_up_cannot_exist(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentDoesNotAddUp, match="totals of counterfoil:invoice:1 differ"):
        document(**changes)
