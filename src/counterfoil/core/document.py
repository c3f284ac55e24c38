"""An invoice or credit note as a plain value, handed to documents/ and connectors/.

The words are EN 16931's: seller, buyer, line, net, tax, gross, due. Amounts are whole minor units of the
document's currency; quantities, unit prices and tax rates are in millionths (`*_steps`). A credit note's
amounts are negative, so that documents of every type add up; who prints one turns the sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from counterfoil.core.periods import DateRange
from counterfoil.core.refusals import Refusal

FULL = Fraction(1)

LINE_COLUMNS = ("code", "period", "quantity", "unit_price", "share", "tax_rate")
"""The columns of a document's lines that an organisation may choose; the description and the net are always there."""

USUAL_LINE_COLUMNS = LINE_COLUMNS[1:]


class DocumentType(StrEnum):
    """What kind of document it is; with the branch it chooses the number series (billing-rules 7.2)."""

    CONTRACT = "contract"
    SERVICE = "service"
    SALES = "sales"
    CREDIT_NOTE = "credit_note"


class DocumentDoesNotAddUp(Refusal):
    """The lines, tax groups and totals of {reference} differ. Nothing was handed over; generate it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; *country* is an ISO 3166-1 alpha-2 code or empty."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A seller or a buyer. *account* is the key into the accounting package; a seller's may be empty."""

    name: str
    account: str = ""
    address: Address = Address()
    tax_id: str = ""
    registration_id: str = ""
    emails: tuple[str, ...] = ()
    phone: str = ""
    website: str = ""
    bank_account: str = ""
    bank_identifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiscount:
    """What one discount took off a line: its name, its percentage if it is one, and the minor units (4.5)."""

    name: str
    percent_steps: int | None = None
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line: what was supplied to which client in which period, its net and its share of the tax.

    *fraction* is the share of the charge period billed, 1 for a whole one. *tax_minor* is the line's part of
    its group's tax by cumulative rounding (billing-rules 5.3): the lines of a group sum to the group's tax. The net
    is after *discounts*. With *includes_tax* the unit price and the discounts include the tax (5.4). *calculation*
    tells how usage came to its amount, in signs alone; empty for other lines.
    """

    line_no: int
    charge_code: str
    ledger_code: str = ""
    description: str
    client: str = ""
    client_name: str = ""
    period: DateRange | None = None
    quantity_steps: int
    unit: str = ""
    unit_price_steps: int
    fraction: Fraction = FULL
    net_minor: int
    tax_minor: int
    tax_category: str
    tax_rate_steps: int
    discounts: tuple[LineDiscount, ...] = ()
    includes_tax: bool = False
    calculation: str = ""

    @property
    def has_unit_price(self) -> bool:
        """Whether one price is that of every unit; usage in tiers has several (billing-rules 4.4)."""
        return not self.calculation or self.unit_price_steps != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The tax of all lines with one category and rate, rounded once (billing-rules 5.2).

    Lines whose prices include the tax form groups of their own (5.4).
    """

    tax_category: str
    tax_rate_steps: int
    net_minor: int
    tax_minor: int
    includes_tax: bool = False

    @property
    def gross_minor(self) -> int:
        """Net and tax together."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An issued document, or a draft while *number* is None.

    *reference* is ours and unique for ever ("counterfoil:invoice:123"): a connector asks by it whether the
    other system has the document already. *credited_number* and *credited_date* are those of the invoice a credit
    note refers to (billing-rules 6.1). *is_void*: it was taken back and keeps its number (7.1). *is_copy*: it goes out
    with a consolidated billing, and alone is only to be looked at (8.2). Where *lines* are
    amalgamated (C11) *breakdown* are those they sum up, else it is empty. Raises `DocumentDoesNotAddUp` unless
    lines, breakdown, tax groups and totals agree exactly.
    """

    number: str | None
    document_type: DocumentType
    invoice_date: date
    due_date: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[DocumentLine, ...]
    tax_groups: tuple[TaxGroup, ...]
    net_minor: int
    tax_minor: int
    gross_minor: int
    reference: str
    branch: str = ""
    language: str = "en"
    notes: tuple[str, ...] = ()
    payment_terms: str = ""
    purchase_order: str = ""
    credited_number: str | None = None
    credited_date: date | None = None
    tax_point: date | None = None
    breakdown: tuple[DocumentLine, ...] = ()
    is_void: bool = False
    is_copy: bool = False

    def __post_init__(self) -> None:
        """Refuse a document that does not add up."""
        lines = sum(line.net_minor for line in self.lines), sum(line.tax_minor for line in self.lines)
        groups = sum(tax.net_minor for tax in self.tax_groups), sum(tax.tax_minor for tax in self.tax_groups)
        totals = (self.net_minor, self.tax_minor)
        parts = sum(one.net_minor for one in self.itemised), sum(one.tax_minor for one in self.itemised)
        if not lines == parts == groups == totals or self.net_minor + self.tax_minor != self.gross_minor:
            raise DocumentDoesNotAddUp(reference=self.reference)

    @property
    def itemised(self) -> tuple[DocumentLine, ...]:
        """Every single line: the breakdown where the document is amalgamated, else its lines."""
        return self.breakdown or self.lines

    @property
    def is_draft(self) -> bool:
        """Whether it has no number yet (billing-rules 7.1)."""
        return self.number is None

    @property
    def is_credit_note(self) -> bool:
        """Whether it credits an earlier invoice."""
        return self.document_type is DocumentType.CREDIT_NOTE
