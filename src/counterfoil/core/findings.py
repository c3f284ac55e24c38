"""What can be wrong with what is to be billed: a code, how severe, a sentence, a remedy (billing-rules 12.3).

Bad data is a value. A finding sets one charge or one row aside, with the reason and what to do; the others go
on. The sentences are templates with named fields, filled by `finding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from types import MappingProxyType


class Severity(StrEnum):
    """Whether a finding stops its charge or only asks to be looked at."""

    ERROR = "error"
    WARNING = "warning"


class FindingCode(StrEnum):
    """Every finding's stable name; people filter and script by it."""

    # Who and what is billed.
    NO_CUSTOMER = "no_customer"
    NO_ACCOUNT_OF_CLIENT = "no_account_of_client"
    NO_DEALER = "no_dealer"
    NO_ACCOUNT_OF_DEALER = "no_account_of_dealer"
    CUSTOMER_INACTIVE = "customer_inactive"
    NO_PRICE = "no_price"
    NO_CHARGE_PERIOD = "no_charge_period"
    UNKNOWN_TAX_RATE = "unknown_tax_rate"
    UNKNOWN_CURRENCY = "unknown_currency"
    CURRENCY_MISMATCH = "currency_mismatch"

    # Dates.
    END_NOT_AFTER_START = "end_not_after_start"
    SERVICE_BEFORE_BILLED = "service_before_billed"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    OFFSET_OUT_OF_RANGE = "offset_out_of_range"
    TOO_MANY_PAST_PERIODS = "too_many_past_periods"
    POLICY_NEEDS_MONTHS = "policy_needs_months"
    ANCHOR_DAY_NEEDS_MONTHS = "anchor_day_needs_months"
    TWO_ANCHORS = "two_anchors"

    # Sizes.
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    TAX_RATE_OUT_OF_RANGE = "tax_rate_out_of_range"
    AMOUNT_OVERFLOW = "amount_overflow"
    NEGATIVE_DOCUMENT = "negative_document"

    # Credits.
    CREDIT_OF_DRAFT = "credit_of_draft"
    CREDIT_OF_USAGE = "credit_of_usage"
    CREDIT_OWES_MORE = "credit_owes_more"
    CREDITED_AND_SERVED_AGAIN = "credited_and_served_again"

    # Usage.
    NO_METER = "no_meter"
    NO_READING = "no_reading"
    READING_GOES_BACK = "reading_goes_back"

    # Cells of a file.
    MISSING_VALUE = "missing_value"
    UNREADABLE_VALUE = "unreadable_value"
    UNREADABLE_ROW = "unreadable_row"
    DUPLICATE_CHARGE = "duplicate_charge"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One entry of the catalogue; *sentence* and *remedy* are templates with named fields."""

    severity: Severity
    sentence: str
    remedy: str

    @property
    def field_names(self) -> frozenset[str]:
        """The names that both templates ask for."""
        templates = (self.sentence, self.remedy)
        return frozenset(name for text in templates for _, name, _, _ in Formatter().parse(text) if name)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in words a biller can act on."""

    code: FindingCode
    severity: Severity
    message: str
    remedy: str


def _error(sentence: str, remedy: str) -> FindingKind:
    return FindingKind(Severity.ERROR, sentence, remedy)


CATALOGUE: Mapping[FindingCode, FindingKind] = MappingProxyType(
    {
        FindingCode.NO_CUSTOMER: _error(
            "The charge has no billing customer.",
            "Assign one to the charge, or give its client a default customer.",
        ),
        FindingCode.NO_ACCOUNT_OF_CLIENT: _error(
            "The charge is paid directly, and its client has no account.",
            "Enter the account on the client's page, or mark the charge as paid by the dealer.",
        ),
        FindingCode.NO_DEALER: _error(
            "The charge is paid by the dealer, and its client has none.",
            "Give the client its dealer, or mark the charge as paid directly.",
        ),
        FindingCode.NO_ACCOUNT_OF_DEALER: _error(
            "The charge is paid by the dealer, who has no account.",
            "Enter the account on the dealer's page, or mark the charge as paid directly.",
        ),
        FindingCode.CUSTOMER_INACTIVE: _error(
            "The billing customer {customer} is inactive.",
            "Reactivate the customer, or assign the charge to another one.",
        ),
        FindingCode.NO_PRICE: _error(
            "No level sets a unit price: not the assignment, the customer, the dealer or the master charge.",
            "Set a price on the charge or on its master charge.",
        ),
        FindingCode.NO_CHARGE_PERIOD: _error(
            "No level sets a charge period, so it is unknown how often to bill.",
            "Set a charge period on the charge or on its master charge.",
        ),
        FindingCode.UNKNOWN_TAX_RATE: _error(
            "The tax category {tax_category} has no rate in force on {tax_point}.",
            "Enter the rate with the date it is valid from, or choose another tax category.",
        ),
        FindingCode.UNKNOWN_CURRENCY: _error(
            "{currency} is not a currency of ISO 4217.",
            "Use the currency's three capital letters, for example EUR.",
        ),
        FindingCode.CURRENCY_MISMATCH: _error(
            "The charge is priced in {currency}, but its customer is billed in {customer_currency}.",
            "Price the charge in {customer_currency}, or assign it to a customer billed in {currency}.",
        ),
        FindingCode.END_NOT_AFTER_START: _error(
            "The last day of the charge, {last_day}, is before its start, {starts_on}.",
            "Correct the start, or give a last day that is not before it.",
        ),
        FindingCode.SERVICE_BEFORE_BILLED: _error(
            "The last day of the charge is now {last_day}, but it is billed from {billed_from} on.",
            "Correct its dates, or credit what is billed and assign a new charge for the earlier days.",
        ),
        FindingCode.DATE_OUT_OF_RANGE: _error(
            "A date of the charge falls outside the years {first_year} to {last_year}.",
            "Check the dates, the length of the charge period and the offset; leave an open end empty.",
        ),
        FindingCode.OFFSET_OUT_OF_RANGE: _error(
            "The bill date is offset by {offset} days; at most {largest} either way are allowed.",
            "Give a smaller offset.",
        ),
        FindingCode.TOO_MANY_PAST_PERIODS: _error(
            "{periods} past periods are not billed yet; without confirmation at most {allowed} are.",
            "Check the start, or give the date everything before is billed. If all of them are owed, confirm them.",
        ),
        FindingCode.POLICY_NEEDS_MONTHS: _error(
            "{policy} cannot share out a charge period of {length}.",
            "Use daily with actual days, or a charge period of months or years.",
        ),
        FindingCode.ANCHOR_DAY_NEEDS_MONTHS: _error(
            "A charge period of {length} has no day of the month.",
            "Leave anchor_day and billing_day empty, or use a charge period of months or years.",
        ),
        FindingCode.TWO_ANCHORS: _error(
            "The charge has a billing day and an anchor; each alone fixes the charge periods.",
            "Empty billing_day, or empty anchor and anchor_day.",
        ),
        FindingCode.PRICE_OUT_OF_RANGE: _error(
            "The unit price {unit_price} is beyond {largest}.",
            "Correct the unit price.",
        ),
        FindingCode.QUANTITY_OUT_OF_RANGE: _error(
            "The quantity {quantity} is beyond {largest}.",
            "Correct the quantity.",
        ),
        FindingCode.TAX_RATE_OUT_OF_RANGE: _error(
            "The tax rate {tax_rate} is not a percentage from 0 to 100.",
            "Write the rate in percent, for example 19 for 19 %.",
        ),
        FindingCode.AMOUNT_OVERFLOW: _error(
            "{quantity} × {unit_price} is more than an amount can hold.",
            "Correct the quantity or the unit price.",
        ),
        FindingCode.NEGATIVE_DOCUMENT: _error(
            "The invoice would come to {gross}, which is below zero.",
            "Nothing to do if more is billed next time: it is set off then. Else give a credit note by hand.",
        ),
        FindingCode.NO_METER: _error(
            "The charge's tariff counts units of a meter, and the charge has no meter.",
            "Add its meter and the reading it began with, or choose another master charge.",
        ),
        FindingCode.NO_READING: _error(
            "The meter {meter} has no reading for {day}, so the period waits.",
            "Enter a reading of that day or within the meter's tolerance, or let the meter be estimated.",
        ),
        FindingCode.READING_GOES_BACK: _error(
            "The meter {meter} shows less at the end than at the start of {start} to {end}.",
            "Correct the readings, or say after how many digits its counter begins again at 0.",
        ),
        FindingCode.CREDIT_OF_DRAFT: _error(
            "Draft {invoice} bills days on which the charge is no longer served.",
            "Exclude the draft and let the next run bill what is left; or issue it, and credit it after that.",
        ),
        FindingCode.CREDIT_OF_USAGE: _error(
            "Usage is billed up to {billed_to}, but the charge is served only to before {ends_before}.",
            "Look at the readings, then credit the line by hand.",
        ),
        FindingCode.CREDIT_OWES_MORE: _error(
            "The credit note would come to {gross}: the customer would owe more, because a rebate falls away.",
            "Nothing to do if more is credited next time: it is set off then. Else credit the other lines by hand.",
        ),
        FindingCode.CREDITED_AND_SERVED_AGAIN: _error(
            "The days from {first_day} to before {ends_before} were credited and are served again, but as usage, or by "
            "another charge period than before.",
            "Record a sale or a work order over what they cost; or void the credit note, if it has not left the house.",
        ),
        FindingCode.MISSING_VALUE: _error(
            "The column {field} is empty.",
            "Fill it in.",
        ),
        FindingCode.UNREADABLE_VALUE: _error(
            "The column {field} holds {value}, which is not {expected}.",
            "Write {expected}.",
        ),
        FindingCode.UNREADABLE_ROW: _error(
            "The row cannot be read: {reason}.",
            "Correct the row so that it has one value for every column.",
        ),
        FindingCode.DUPLICATE_CHARGE: _error(
            "The charge {charge} stands in row {first_row} already.",
            "Give every row its own charge identifier.",
        ),
    }
)


def finding(code: FindingCode, **fields: object) -> Finding:
    """Return the finding *code* with its templates filled from *fields*, which must name all they ask for."""
    kind = CATALOGUE[code]
    return Finding(
        code=code,
        severity=kind.severity,
        message=kind.sentence.format_map(fields),
        remedy=kind.remedy.format_map(fields),
    )
