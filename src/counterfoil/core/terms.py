"""Payment terms as people write them, and the due date they give."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from counterfoil.core.periods import day_of_ordinal
from counterfoil.core.refusals import Refusal, shown


class NotPaymentTerms(Refusal):
    """{text} is not a payment term. Write, for example, 14 days, net 30, 30 days end of month,
    end of month + 10 days, or due on receipt.
    """


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """Pay *days* after the invoice date; if *end_of_month*, at the end of that month and *days_after* later."""

    days: int = 0
    end_of_month: bool = False
    days_after: int = 0

    def __str__(self) -> str:
        """Return the terms as `parse_terms` reads them."""
        parts = [_days(self.days)] if self.days or not self.end_of_month else []
        parts += ["end of month"] if self.end_of_month else []
        parts += [f"+ {_days(self.days_after)}"] if self.days_after else []
        return "due on receipt" if parts == ["0 days"] else " ".join(parts)

    def due_date(self, invoice_date: date) -> date:
        """Return the day payment is due for an invoice of *invoice_date*. Raises `DateOutOfRange`."""
        day = day_of_ordinal(invoice_date.toordinal() + self.days)
        if self.end_of_month:
            day = day.replace(day=monthrange(day.year, day.month)[1])
        return day_of_ordinal(day.toordinal() + self.days_after)


_ON_RECEIPT = re.compile(r"(?:(?:due|payable) )?(?:on|upon) receipt|immediately")
_NET = re.compile(r"net ([0-9]{1,4})(?: days?)?", re.ASCII)
_DAYS = re.compile(r"([0-9]{1,4}) days?(?: net)?", re.ASCII)
_END_OF_MONTH = re.compile(
    r"(?:([0-9]{1,4}) days? )?(?:end of month|eom)(?: ?(?:\+|plus) ?([0-9]{1,4})(?: days?)?)?", re.ASCII
)


def parse_terms(text: str) -> PaymentTerms:
    """Return the payment terms that *text* writes, in any case. Raises `NotPaymentTerms`.

    It reads "due on receipt", "14 days", "net 30", "30 days end of month", "end of month + 10 days".
    """
    words = " ".join(text.lower().split())
    if _ON_RECEIPT.fullmatch(words):
        return PaymentTerms()
    if match := _NET.fullmatch(words) or _DAYS.fullmatch(words):
        return PaymentTerms(days=int(match[1]))
    if match := _END_OF_MONTH.fullmatch(words):
        return PaymentTerms(days=int(match[1] or 0), end_of_month=True, days_after=int(match[2] or 0))
    raise NotPaymentTerms(text=shown(text))


def due_date(*, terms: PaymentTerms, invoice_date: date) -> date:
    """Return the day payment is due for an invoice of *invoice_date*. Raises `DateOutOfRange`."""
    return terms.due_date(invoice_date)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
