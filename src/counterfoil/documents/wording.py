"""How one document is worded: its language, its words, and which way its amounts are printed.

A credit note's amounts, negative inside, are printed positive: its title says which way they go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel import Locale

from counterfoil.core.billing_document import BillingDocument
from counterfoil.core.document import FULL, Document, DocumentLine, LineDiscount, TaxGroup
from counterfoil.core.periods import DateRange
from counterfoil.core.refusals import Refusal
from counterfoil.core.report import Report
from counterfoil.core.statement import Statement
from counterfoil.core.terms import parse_terms
from counterfoil.documents import formats
from counterfoil.documents.glyphs import breakable, printable
from counterfoil.documents.labels import LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The reader's language and the document's currency; *sign* is -1 where amounts are printed negated."""

    locale: Locale
    words: Mapping[str, str]
    currency: str
    sign: int

    def amount(self, minor: int) -> str:
        """Return an amount as a column prints it: "1,234.56"."""
        return formats.amount(self.sign * minor, currency=self.currency, locale=self.locale)

    def money(self, minor: int) -> str:
        """Return an amount with its currency: "EUR 1,234.56"."""
        return formats.money(self.sign * minor, currency=self.currency, locale=self.locale)

    def day(self, value: date) -> str:
        """Return a civil date."""
        return formats.day(value, locale=self.locale)

    def period(self, value: DateRange | None) -> str:
        """Return a closed period by its first and last day; nothing for none."""
        return formats.period(value, locale=self.locale) if value else ""

    def quantity(self, line: DocumentLine) -> str:
        """Return the line's quantity and its unit."""
        return f"{formats.quantity(line.quantity_steps, locale=self.locale)} {printable(line.unit)}".rstrip()

    def unit_price(self, line: DocumentLine) -> str:
        """Return the price of one unit for a whole charge period."""
        return formats.unit_price(line.unit_price_steps, currency=self.currency, locale=self.locale)

    def share(self, line: DocumentLine) -> str:
        """Return the share of the charge period that is billed, "17/31"; nothing for a whole one."""
        return "" if line.fraction == FULL else f"{line.fraction.numerator}/{line.fraction.denominator}"

    def rate(self, part: DocumentLine | TaxGroup) -> str:
        """Return the tax rate of a line or group: "19%"."""
        return formats.percent(part.tax_rate_steps, locale=self.locale)

    def tax(self, group: TaxGroup) -> str:
        """Return a tax group by its category and rate: "Reduced 7%"; a category of one's own by its code."""
        category = self.words.get(f"category_{group.tax_category}", printable(group.tax_category))
        included = f" ({self.words['tax_included']})" if group.includes_tax else ""
        return f"{category} {self.rate(group)}{included}"

    def only_tax(self, group: TaxGroup) -> str:
        """Return what the tax of the only group is called: "Tax 19%", "Reverse charge 0%"."""
        unusual = group.tax_rate_steps == 0
        return self.tax(group) if unusual else self.words["total_tax"].format(rate=self.rate(group))

    def taken_off(self, discount: LineDiscount) -> str:
        """Return what one discount took off a line: "Loyalty 10%: −1.00"."""
        percent = discount.percent_steps
        rate = "" if percent is None else f" {formats.percent(percent, locale=self.locale)}"
        return f"{breakable(discount.name)}{rate}: {self.amount(-discount.minor)}"

    def terms(self, text: str) -> str:
        """Return payment terms in the reader's language; those nobody can parse as they were written."""
        try:
            terms = parse_terms(text)
        except Refusal:
            return text
        if not terms.end_of_month:
            key = "terms_days" if terms.days else "terms_now"
            return self.words[key].format(days=self._days(terms.days))
        days, after = (self._plain_days(count) for count in (terms.days, terms.days_after))
        key = f"terms{'_from_month' if terms.days else ''}{'_after' if terms.days_after else ''}_end_of_month"
        return self.words[key].format(days=days, after=after)

    def _plain_days(self, count: int) -> str:
        """Return a number of days as a subject: "1 day", "10 Tage"."""
        return self.words["one_plain_day" if count == 1 else "many_plain_days"].format(count=count)

    def _days(self, count: int) -> str:
        """Return a number of days after "within"."""
        return self.words["one_day" if count == 1 else "many_days"].format(count=count)

    def country(self, code: str) -> str:
        """Return the name of the country with an ISO 3166-1 *code*; the code itself if it is unknown."""
        return str(self.locale.territories.get(code, code))


def wording_of(document: Document | BillingDocument | Statement | Report, *, language: str = "") -> Wording:
    """Return how *document* is worded, in *language* or if that is empty its own, as the reader's country writes it."""
    country = document.buyer.address.country or document.seller.address.country
    locale = formats.locale_of(language or document.language, country)
    return Wording(
        locale=locale,
        words=LABELS[locale.language],
        currency=document.currency,
        sign=-1 if document.is_credit_note else 1,
    )


def words_of(language: str) -> Mapping[str, str]:
    """Return the words that are printed in *language*, or in the one that stands in for it."""
    return LABELS[formats.locale_of(language).language]


def title_of(document: Document | BillingDocument | Statement | Report, *, wording: Wording) -> str:
    """Return the document's title with its number: "Invoice INV-2026-000123"; a draft has none (billing-rules 7.1)."""
    if isinstance(document, Statement):
        return wording.words["statement"]
    if isinstance(document, Report):
        return wording.words[document.kind].format(name=document.name)
    if isinstance(document, BillingDocument):
        return f"{wording.words['billing']} {document.number}"
    kind = "credit_note" if document.is_credit_note else "invoice"
    if document.is_draft:
        return wording.words[f"draft_{kind}"]
    return f"{wording.words[kind]} {document.number}"
