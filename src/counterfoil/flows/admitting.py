"""What may be stored: the rules between the values of one record, the same for every face and for files.

A face parses what was typed or sent into a record. Whether its values mean anything is said here, by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import joined, sentence
from counterfoil.flows.importing.parties import check_recipients, check_tax_id
from counterfoil.flows.importing.values import (
    COUNTRY,
    CURRENCY,
    LANGUAGE,
    RECIPIENTS,
    TERMS,
    TIMEZONE,
    ValueType,
)
from counterfoil.flows.own_clients import mark_of
from counterfoil.flows.using import check_use, place_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    Escalation,
    MasterCharge,
    Place,
    TaxRate,
)
from counterfoil.records.catalog.queries import assignable_masters
from counterfoil.records.charges.models import Charge, Discount, PriceChange
from counterfoil.records.charges.price_queries import is_taken
from counterfoil.records.charges.queries import payer_to_be
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.organisation.queries import is_legacy
from counterfoil.records.parties.consolidation_queries import has_amounts_in_another
from counterfoil.records.parties.models import (
    BillingCustomer,
    Client,
    Contact,
    Dealer,
    LogNote,
    PastCommissioning,
)
from counterfoil.records.parties.queries import owner_of

MOST_UNITS, LAST_DAY, MOST_PERCENT, MOST_OFF = 1200, 31, 1000, 100
ONLY_MONTHS = sentence("It goes with months and years only.")
SAME_PERIOD = sentence("There is a charge period just like this. Use that one.")
NOT_ASSIGNABLE = sentence(
    "It may not be assigned here: the price list of the customer, of the dealer, or the "
    "master charge says so. Choose another, or let the price list say that it may."
)
AMOUNTS_IN_OLD_CURRENCY = sentence(
    "The minimum and the limit of consolidated billing are amounts in the currency before. "
    "Empty them in the customer's settings of consolidated billing, then change the currency "
    "and type them anew."
)
OFF_ONE_THING = sentence(
    "Name a charge alone, or a master charge, a billing customer, or both: the lines of a "
    "charge or of a master charge, or all that a customer is invoiced."
)
NO_CUSTOMER_IN_LEGACY = sentence(
    "In legacy customer mode who pays follows from the mark. Leave it empty, and set the mark."
)
PAID_BY_OWNER = sentence("What a customer or a dealer is charged itself, it pays itself. Leave it empty.")
NOT_COMMISSIONED = sentence(
    "A customer or a dealer itself is not commissioned, so it would never be billed. Say no, or leave it empty."
)
NO_PRICES_IN_LEGACY = sentence(
    "In legacy customer mode there are no prices of a customer. Set them on charges, or for a dealer."
)
ROUNDING_IS_KEPT = sentence(
    "Invoices were rounded the other way already, and every one of them can be added up "
    "again. Leave it as it is: it can be chosen before the first invoice only."
)
# The constraints of the database that no rule here asks before.
_IN_WORDS = {"charge_period_once": SAME_PERIOD}

Wrong = Iterator[tuple[str, str]]


class ValuesAreWrong(Refusal):
    """{told}"""

    def __init__(self, *, told: str, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(told=told, problems=self.problems)


def admit(record: models.Model) -> None:
    """Raise `ValuesAreWrong`, with what is wrong by field, unless the values of *record* go together."""
    rule = _RULES.get(type(record))
    if rule is not None:
        _refuse(dict(reversed(list(rule(record)))))


def admit_fields(record: models.Model, *, fields: Sequence[str]) -> None:
    """Look at the values of some *fields* of *record* by themselves, each as it is stored. Raises `ValuesAreWrong`."""
    others = [field.name for field in record._meta.fields if field.name not in fields]
    _refused_by(lambda: record.clean_fields(exclude=others))


def admit_whole(record: models.Model) -> None:
    """As `admit`, and look at every value by itself: length, choices, uniqueness. For values no form has parsed."""
    _refused_by(record.clean_fields)
    admit(record)
    _refused_by(record.validate_unique)
    _refused_by(record.validate_constraints)


def _refused_by(look: Callable[[], None]) -> None:
    try:
        look()
    except ValidationError as error:
        problems = {name: joined(map(_in_words, told), " ") for name, told in error.message_dict.items()}
        _refuse({("" if name == NON_FIELD_ERRORS else name): told for name, told in problems.items()})


def _refuse(problems: Mapping[str, str]) -> None:
    if problems:
        told = " ".join(f"{name}: {message}" if name else message for name, message in problems.items())
        raise ValuesAreWrong(told=told, problems=problems)


def _in_words(told: str) -> str:
    return next((words for name, words in _IN_WORDS.items() if name in told), told)


def _reads(holds: ValueType, value: str, *, field: str) -> Wrong:
    if value:
        try:
            holds.read(value)
        except ValueError:
            yield field, sentence("{value} is not {expected}.", value=shown(value), expected=holds.expected)


def _of_organisation(organisation: Organisation) -> Wrong:
    yield from _reads(CURRENCY, organisation.currency, field="currency")
    yield from _reads(COUNTRY, organisation.country, field="country")
    yield from _reads(TIMEZONE, organisation.timezone, field="timezone")
    yield from _reads(TERMS, organisation.payment_terms, field="payment_terms")
    stored = Organisation.objects.filter(pk=organisation.pk).values_list("rounding", flat=True).first()
    if stored not in (None, organisation.rounding) and Invoice.objects.exists():
        yield "rounding", ROUNDING_IS_KEPT


def _of_customer(customer: BillingCustomer) -> Wrong:
    yield from _reads(CURRENCY, customer.currency, field="currency")
    yield from _reads(COUNTRY, customer.country, field="country")
    yield from _reads(LANGUAGE, customer.language, field="language")
    yield from _reads(RECIPIENTS, customer.email, field="email")
    yield from _reads(TERMS, customer.payment_terms, field="payment_terms")
    if customer.pk is not None and has_amounts_in_another(customer.pk, currency=customer.currency):
        yield "currency", AMOUNTS_IN_OLD_CURRENCY
    for name, check in {
        "email": lambda: check_recipients(customer.email),
        "tax_id": lambda: check_tax_id(customer.tax_id or None, customer.country or None),
    }.items():
        try:
            check()
        except ValueError as error:
            yield name, joined(error.args, " ")


def _of_account(whose: Client | Dealer) -> Wrong:
    """Refuse an account that is somebody else's: in legacy customer mode each has its own."""
    if whose.customer_id is None or not is_legacy():
        return
    owner = owner_of(whose.customer_id, besides=whose)
    if owner is not None:
        yield (
            "customer",
            sentence(
                "This is the account of {owner}. In legacy customer mode each has its own.", owner=owner
            ),
        )


def _of_client(client: Client) -> Wrong:
    if client.is_own and client.pk is not None:
        yield from _of_own_client(client)
        return
    yield from _of_account(client)
    start, end = client.commissioned_on, client.decommissioned_on
    if start and end and end < start:
        yield (
            "decommissioned_on",
            sentence("It lies before the day of commissioning. Correct one of the two."),
        )


def _of_own_client(client: Client) -> Wrong:
    """Refuse any change of a client that stands for a customer or a dealer itself."""
    before = Client.objects.get(pk=client.pk)
    for field in Client._meta.concrete_fields:
        if getattr(client, field.attname) != getattr(before, field.attname):
            yield (
                field.name,
                sentence(
                    "This client stands for {owner} itself and follows it. Change that instead, or add a client "
                    "of its own.",
                    owner=client.owner,
                ),
            )


def _of_master(master: MasterCharge) -> Wrong:
    yield from _reads(CURRENCY, master.currency, field="currency")
    places = master.usable_on
    if not isinstance(places, list) or not set(map(str, places)) <= set(Place.values):
        yield "usable_on", sentence("Name some of these, or none: {names}.", names=", ".join(Place.values))
    if master.unit_cost is not None and master.unit_cost < 0:
        yield "unit_cost", sentence("It must be at least 0.")
    start, end = master.active_start, master.active_end
    if start and end and end <= start:
        yield (
            "active_end",
            sentence("It must lie after the first day. Correct one of the two, or leave it empty."),
        )


def _of_rate(rate: TaxRate) -> Wrong:
    yield from _reads(COUNTRY, rate.country, field="country")
    if not 0 <= rate.rate <= MOST_PERCENT:
        yield (
            "rate",
            sentence("It must be at least 0 and at most {most_percent} percent.", most_percent=MOST_PERCENT),
        )


def _of_period(period: ChargePeriod) -> Wrong:
    """Refuse no length, two anchors, and what only months have on days and weeks."""
    has_months = period.unit in {"month", "year"}
    if not 1 <= period.count <= MOST_UNITS:
        yield "count", sentence("It must be at least 1 and at most {most_units}.", most_units=MOST_UNITS)
    if period.billing_day is not None:
        if not 1 <= period.billing_day <= LAST_DAY:
            yield "billing_day", sentence("It must be at least 1 and at most {last_day}.", last_day=LAST_DAY)
        elif period.anchor is not None:
            yield "billing_day", sentence("Fill in an anchor or a billing day, and leave the other empty.")
        elif not has_months:
            yield "billing_day", ONLY_MONTHS
    for name, word in (("part_charging", "monthly"), ("day_count", "by_month")):
        if getattr(period, name) == word and not has_months:
            yield name, ONLY_MONTHS


def _of_charge(charge: Charge) -> Wrong:
    """Refuse a charge without days, and a new one of what may not be assigned there (product A3)."""
    if charge.customer_id is not None and is_legacy():
        yield "customer", NO_CUSTOMER_IN_LEGACY
    if charge.ends_before and charge.ends_before <= charge.starts_on:
        yield (
            "ends_before",
            sentence("It must lie after the start. Correct one of the two, or leave it empty."),
        )
    if charge.client.is_own:
        yield from _of_own_charge(charge)
    yield from _of_use(charge)
    if charge.pk is None:
        payer, dealer = payer_to_be(charge).customer, charge.client.dealer_id
        allowed = assignable_masters(customer_id=None if is_legacy() else payer, dealer_id=dealer)
        if not allowed.filter(pk=charge.master_charge_id).exists():
            yield "master_charge", NOT_ASSIGNABLE


def _of_own_charge(charge: Charge) -> Wrong:
    """Refuse another payer than the customer or the dealer that is charged itself, and days that it would wait for."""
    if charge.customer_id is not None and not is_legacy():
        yield "customer", PAID_BY_OWNER
    if charge.paid_by not in {"", mark_of(charge.client)}:
        yield "paid_by", PAID_BY_OWNER
    if charge.while_commissioned:
        yield "while_commissioned", NOT_COMMISSIONED


def _of_use(charge: Charge) -> Wrong:
    """Refuse what is not for clients, or for a customer or a dealer itself, or not on the day of the start.

    Asked where the master charge or the start is new.
    """
    same = Charge.objects.filter(
        pk=charge.pk, master_charge=charge.master_charge_id, starts_on=charge.starts_on
    )
    if not same.exists():
        try:
            check_use(charge.master_charge, on=place_of(charge.client), day=charge.starts_on)
        except Refusal as refusal:
            yield "master_charge", str(refusal)


def _of_contact(contact: Contact) -> Wrong:
    whose = {"customer": contact.customer_id, "client": contact.client_id, "dealer": contact.dealer_id}
    given = {name: key for name, key in whose.items() if key is not None}
    if len(given) != 1:
        yield "customer", sentence("Name a customer, a client or a dealer, and only one of them.")
        return
    same = Contact.objects.filter(name=contact.name, **given)
    if same.exclude(pk=contact.pk).exists():
        yield (
            "name",
            sentence("There is a contact of this name here already. Change that one, or tell them apart."),
        )


def _of_note(note: LogNote) -> Wrong:
    if not note.text.strip():
        yield "text", sentence("Write down what there is to say.")
    about = [name for name in ("client", "customer", "dealer") if getattr(note, f"{name}_id") is not None]
    for name in about[1:]:
        yield name, sentence("A note is about one of client, customer and dealer. Leave the others empty.")


def _of_override(override: ChargeOverride) -> Wrong:
    if (override.customer_id is None) == (override.dealer_id is None):
        yield "customer", sentence("Name a customer or a dealer, and not both.")
        return
    if override.customer_id is not None and is_legacy():
        yield "customer", NO_PRICES_IN_LEGACY
    same = ChargeOverride.objects.filter(
        master_charge=override.master_charge_id, customer=override.customer_id, dealer=override.dealer_id
    )
    if same.exclude(pk=override.pk).exists():
        yield (
            "master_charge",
            sentence("This one has an override of the master charge already. Change that one."),
        )


def _of_price(change: PriceChange) -> Wrong:
    if (
        sum(owner is not None for owner in (change.charge_id, change.master_charge_id, change.override_id))
        != 1
    ):
        yield (
            "charge",
            sentence("Say whose price it is: a charge's, a code's, or a code's for a customer or a dealer."),
        )
    elif is_taken(change):
        yield (
            "valid_from",
            sentence("There is a price from this day already. Change that one, or choose another day."),
        )


def _of_escalation(escalation: Escalation) -> Wrong:
    """Refuse what grows never, in two ways, or down to nothing."""
    every, day = escalation.every_periods, escalation.on_date
    if (every is None) == (day is None):
        yield "every_periods", sentence("Fill in a number of periods or a date, and leave the other empty.")
    if every is not None and not 1 <= every <= MOST_UNITS:
        yield (
            "every_periods",
            sentence("It must be at least 1 and at most {most_units}.", most_units=MOST_UNITS),
        )
    if escalation.yearly and day is None:
        yield "yearly", sentence("It needs the date on which the price first grows.")
    if escalation.rate <= -MOST_OFF:
        yield "rate", sentence("It must be above -{most_off}, or no price is left.", most_off=MOST_OFF)
    if escalation.step <= 0:
        yield "step", sentence("It must be above 0.")


def _of_commissioning(past: PastCommissioning) -> Wrong:
    """Refuse a time without days, a second one from the same day, and one of a customer or a dealer itself."""
    if past.client.is_own:
        yield (
            "starts_on",
            sentence(
                "This client stands for {owner} itself, which is not commissioned. Choose another client.",
                owner=past.client.owner,
            ),
        )
    if past.ends_before <= past.starts_on:
        yield "ends_before", sentence("It must lie after the day of commissioning. Correct one of the two.")
    same = PastCommissioning.objects.filter(client=past.client_id, starts_on=past.starts_on)
    if same.exclude(pk=past.pk).exists():
        yield (
            "starts_on",
            sentence("A past commissioning of this client starts on that day already. Change that one."),
        )


def _of_discount(discount: Discount) -> Wrong:
    """Refuse a discount off nothing, off two things, of nothing, or of two kinds."""
    if (discount.charge_id is not None) == bool(discount.master_charge_id or discount.customer_id):
        yield "charge", OFF_ONE_THING
    percent, amount = discount.percent, discount.amount
    if (percent is None) == (amount is None):
        yield "percent", sentence("Fill in a percentage or an amount, and leave the other empty.")
    if percent is not None and not 0 < percent <= MOST_OFF:
        yield "percent", sentence("It must be above 0 and at most {most_off}.", most_off=MOST_OFF)
    if amount is not None and amount <= 0:
        yield "amount", sentence("It must be above 0.")
    start, end = discount.starts_on, discount.ends_before
    if start and end and end <= start:
        yield "ends_before", sentence("It must lie after the start. Correct one of the two.")


_RULES: Mapping[type[models.Model], Callable[[Any], Wrong]] = {
    Organisation: _of_organisation,
    BillingCustomer: _of_customer,
    Client: _of_client,
    Dealer: _of_account,
    MasterCharge: _of_master,
    TaxRate: _of_rate,
    ChargePeriod: _of_period,
    Charge: _of_charge,
    ChargeOverride: _of_override,
    PriceChange: _of_price,
    Escalation: _of_escalation,
    PastCommissioning: _of_commissioning,
    Discount: _of_discount,
    Contact: _of_contact,
    LogNote: _of_note,
}
