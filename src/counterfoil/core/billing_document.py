"""A consolidated billing as a plain value, handed to documents/: a list of documents, and a copy of each.

It posts nothing and taxes nothing: its amounts are those of its members. Credit notes are negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from counterfoil.core.document import Document, DocumentDoesNotAddUp, DocumentLine, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingEntry:
    """One document of a billing as it is listed (billing-rules 8.9), with the document itself.

    *source* is what it was billed for, such as a work order's key; *due_minor* what of it is still to be paid.
    """

    document: Document
    source: str = ""
    description: str = ""
    due_minor: int

    @property
    def total_minor(self) -> int:
        """The gross of the document."""
        return self.document.gross_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDocument:
    """A revision of a consolidated billing; *is_void* once it was voided or edited into another one.

    Raises `DocumentDoesNotAddUp` unless its entries are in its currency and come to its totals.
    """

    number: str
    billing_date: date
    due_date: date
    currency: str
    seller: Party
    buyer: Party
    entries: tuple[BillingEntry, ...]
    tax_minor: int
    total_minor: int
    reference: str
    branch: str = ""
    language: str = "en"
    description: str = ""
    payment_terms: str = ""
    purchase_order: str = ""
    is_void: bool = False

    def __post_init__(self) -> None:
        """Refuse a billing that does not add up."""
        tax = sum(entry.document.tax_minor for entry in self.entries)
        total = sum(entry.total_minor for entry in self.entries)
        currencies = {entry.document.currency for entry in self.entries}
        if (tax, total) != (self.tax_minor, self.total_minor) or currencies - {self.currency}:
            raise DocumentDoesNotAddUp(reference=self.reference)

    @property
    def gross_minor(self) -> int:
        """What is to be paid: what is due of all of its documents."""
        return sum(entry.due_minor for entry in self.entries)

    @property
    def lines(self) -> tuple[DocumentLine, ...]:
        """The lines of all of its documents, in their order."""
        return tuple(line for entry in self.entries for line in entry.document.lines)

    @property
    def invoice_date(self) -> date:
        """The date of the billing, as of any document."""
        return self.billing_date

    @property
    def is_draft(self) -> bool:
        """A billing has its number from the beginning."""
        return False

    @property
    def is_copy(self) -> bool:
        """A billing goes out by itself."""
        return False

    @property
    def is_credit_note(self) -> bool:
        """A billing of credit notes alone is still no credit note."""
        return False
