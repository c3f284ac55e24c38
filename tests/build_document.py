"""Documents for tests: name what matters to the test, the rest is plausible. Amounts add up by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

from counterfoil.core.amalgamation import amalgamated
from counterfoil.core.document import Address, Document, DocumentLine, DocumentType, Party, TaxGroup
from counterfoil.core.money import amount_of, parse_steps, round_ratio
from counterfoil.core.periods import DateRange

JUNE = DateRange(date(2026, 6, 1), date(2026, 7, 1))
TAX_STEPS = 100_000_000

SELLER = Party(
    name="Larkfield Alarm Monitoring GmbH",
    address=Address(lines=("Musterweg 12",), postcode="20095", city="Hamburg", country="DE"),
    tax_id="DE000000000",
    registration_id="HRB 000000 Hamburg",
    emails=("accounts@larkfield.example",),
    phone="+49 40 0000 0000",
    website="www.larkfield.example",
    bank_account="DE00123456781234567890",
    bank_identifier="EXAMDEFFXXX",
)
BUYER = Party(
    name="Brightwater Stores Ltd",
    account="C-10042",
    address=Address(lines=("Unit 4", "7 Harbour Road"), postcode="ZZ9 9ZZ", city="Seaford", country="GB"),
    tax_id="GB000000000",
    emails=("ledger@brightwater.example",),
)


def line(
    description: str = "Alarm monitoring",
    *,
    price: str = "30.00",
    quantity: str = "1",
    fraction: Fraction = Fraction(1),
    rate: str = "19",
    period: DateRange | None = JUNE,
    sign: int = 1,
    **fields: Any,
) -> DocumentLine:
    """Return a line of quantity × price × fraction in euro; its tax and number are set by `document`."""
    quantity_steps, unit_price_steps = parse_steps(quantity), parse_steps(price)
    net = amount_of(
        quantity_steps=quantity_steps, unit_price_steps=unit_price_steps, fraction=fraction, currency="EUR"
    )
    values: dict[str, Any] = {
        "line_no": 0,
        "charge_code": "MON",
        "ledger_code": "4000",
        "description": description,
        "period": period,
        "quantity_steps": quantity_steps,
        "unit_price_steps": unit_price_steps,
        "fraction": fraction,
        "net_minor": sign * net,
        "tax_minor": 0,
        "tax_category": "standard" if rate == "19" else "reduced" if rate == "7" else "zero",
        "tax_rate_steps": parse_steps(rate),
    }
    return DocumentLine(**values | fields)


def document(*lines: DocumentLine, number: str | None = "INV-2026-000123", **fields: Any) -> Document:
    """Return a document of *lines* (one of 30.00 without any), its tax and totals by billing-rules 5.2 and 5.3."""
    numbered = _with_tax(lines or (line(),))
    groups = tuple(_group(part) for part in _by_rate(numbered))
    net = sum(one.net_minor for one in numbered)
    tax = sum(one.tax_minor for one in numbered)
    values: dict[str, Any] = {
        "number": number,
        "document_type": DocumentType.CONTRACT,
        "invoice_date": date(2026, 6, 1),
        "due_date": date(2026, 6, 15),
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYER,
        "reference": f"counterfoil:invoice:{number or 'draft'}",
        "branch": "NORTH",
    }
    return Document(
        **values | fields,
        lines=numbered,
        tax_groups=groups,
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
    )


def credit_note(*lines: DocumentLine, number: str = "CN-2026-000007", **fields: Any) -> Document:
    """Return a credit note; give it lines with `sign=-1`."""
    values = {"document_type": DocumentType.CREDIT_NOTE, "credited_number": "INV-2026-000123"}
    return document(*lines, number=number, **values | fields)


def amalgamate(itemised: Document) -> Document:
    """Return the document with one formal line a category and rate, its lines as breakdown (C11)."""
    formal = amalgamated(
        itemised.lines, description="Charges as listed in the charge summary", currency=itemised.currency
    )
    return replace(itemised, lines=formal, breakdown=itemised.lines)


def many(count: int, *, currency: str = "EUR", first: int = 1) -> list[Document]:
    """Return *count* invoices of 30.00 + 19 % = 35.70 each, their references numbered from *first*."""
    one = document(currency=currency)
    return [
        replace(one, number=f"INV-2026-{nth:06}", reference=f"counterfoil:invoice:{nth}")
        for nth in range(first, first + count)
    ]


def _with_tax(lines: Sequence[DocumentLine]) -> tuple[DocumentLine, ...]:
    """Return the lines numbered, each with its part of its group's tax."""
    sums: dict[tuple[str, int], int] = {}
    done = []
    for nth, one in enumerate(lines, start=1):
        key = (one.tax_category, one.tax_rate_steps)
        before = sums.get(key, 0)
        sums[key] = before + one.net_minor
        tax = _tax(sums[key], one.tax_rate_steps) - _tax(before, one.tax_rate_steps)
        done.append(replace(one, line_no=nth, tax_minor=tax))
    return tuple(done)


def _tax(net_minor: int, rate_steps: int) -> int:
    return round_ratio(net_minor * rate_steps, TAX_STEPS)


def _by_rate(lines: Sequence[DocumentLine]) -> list[list[DocumentLine]]:
    key = lambda one: (one.tax_category, one.tax_rate_steps)  # noqa: E731
    return [list(part) for _, part in groupby(sorted(lines, key=key, reverse=True), key=key)]


def _group(lines: Sequence[DocumentLine]) -> TaxGroup:
    return TaxGroup(
        tax_category=lines[0].tax_category,
        tax_rate_steps=lines[0].tax_rate_steps,
        net_minor=sum(one.net_minor for one in lines),
        tax_minor=sum(one.tax_minor for one in lines),
    )


def days(start: date, count: int) -> DateRange:
    """Return the *count* days from *start*."""
    return DateRange(start, start + timedelta(days=count))
