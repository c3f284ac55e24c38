"""Documents about nobody, to look at while an organisation's look is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from counterfoil.core.document import Address, Document, DocumentLine, DocumentType, Party, TaxGroup
from counterfoil.core.money import MINOR_DIGITS, STEPS
from counterfoil.core.periods import DateRange
from counterfoil.documents import formats

_ENGLISH = {
    "buyer": "Sample Customer Ltd",
    "street": "1 Sample Street",
    "city": "Sampleton",
    "first": "Sample site, warehouse",
    "second": "Sample site, shop",
    "monitoring": "Alarm monitoring, intruder and fire",
    "signalling": "Back-up signalling path",
    "keys": "Key holding",
    "terms": "14 days",
}
_GERMAN = {
    "buyer": "Musterkunde GmbH",
    "street": "Musterstraße 1",
    "city": "Musterstadt",
    "first": "Musterobjekt, Lager",
    "second": "Musterobjekt, Laden",
    "monitoring": "Alarmaufschaltung Einbruch und Brand",
    "signalling": "Zweiter Übertragungsweg",
    "keys": "Schlüsselverwahrung",
    "terms": "14 days",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "de": _GERMAN}
_TAX_PERCENT = 20


def sample(
    seller: Party, *, language: str, currency: str, day: date, is_credit_note: bool = False
) -> Document:
    """Return a document of *seller* to nobody dated *day*, over two sites and 20 % tax, worded in *language*."""
    words = _WORDS[formats.locale_of(language).language]
    month = DateRange(day.replace(day=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1))
    lines = [
        _line(1, words["monitoring"], 30, words["first"], "S-1001", month, currency=currency),
        _line(2, words["signalling"], 15, words["first"], "S-1001", month, currency=currency),
        _line(3, words["keys"], 12, words["second"], "S-1002", month, currency=currency, half=True),
    ]
    sign = -1 if is_credit_note else 1
    shown = tuple(
        replace(line, net_minor=sign * line.net_minor, tax_minor=sign * line.tax_minor) for line in lines
    )
    net, tax = sum(line.net_minor for line in shown), sum(line.tax_minor for line in shown)
    group = TaxGroup(
        tax_category="standard", tax_rate_steps=_TAX_PERCENT * STEPS, net_minor=net, tax_minor=tax
    )
    address = Address(
        lines=(words["street"],), postcode="12345", city=words["city"], country=seller.address.country
    )
    return Document(
        number="CN-0000-000001" if is_credit_note else "INV-0000-000001",
        document_type=DocumentType.CREDIT_NOTE if is_credit_note else DocumentType.CONTRACT,
        invoice_date=day,
        due_date=day + timedelta(days=14),
        currency=currency,
        seller=seller,
        buyer=Party(name=words["buyer"], account="C-0001", address=address),
        lines=shown,
        tax_groups=(group,),
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
        reference="sample",
        credited_number="INV-0000-000001" if is_credit_note else None,
        language=language,
        payment_terms=words["terms"],
        purchase_order="PO 4711",
    )


def _line(
    number: int,
    description: str,
    price: int,
    site: str,
    client: str,
    period: DateRange,
    *,
    currency: str,
    half: bool = False,
) -> DocumentLine:
    """Return a line over *price* whole units of the currency, or half of that: all divide without a rest."""
    net = price * 10 ** MINOR_DIGITS[currency] // (2 if half else 1)
    return DocumentLine(
        line_no=number,
        charge_code=f"M-{number}",
        ledger_code="",
        description=description,
        client=client,
        client_name=site,
        period=period,
        quantity_steps=STEPS,
        unit_price_steps=price * STEPS,
        fraction=Fraction(1, 2) if half else Fraction(1),
        net_minor=net,
        tax_minor=net * _TAX_PERCENT // 100,
        tax_category="standard",
        tax_rate_steps=_TAX_PERCENT * STEPS,
    )
