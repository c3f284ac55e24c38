"""The files of those we deal with: customers, dealers, clients."""

from __future__ import annotations

from datetime import date

from babel import Locale
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from counterfoil.core.periods import ONE_DAY
from counterfoil.core.recipients import missed_by_all, parse_recipients
from counterfoil.flows.importing.columns import (
    Check,
    Column,
    Gathered,
    Installation,
    Kind,
    Reference,
    StoredCheck,
)
from counterfoil.flows.importing.values import (
    COUNTRY,
    CURRENCY,
    DAY,
    LANGUAGE,
    RECIPIENTS,
    TERMS,
    YES_NO,
    choice,
    key,
    text,
)
from counterfoil.records.parties import actions, commissioning_actions
from counterfoil.records.parties.models import (
    BillingCustomer,
    Client,
    Dealer,
    DeliveryMethod,
    PastCommissioning,
    TaxStatus,
)

# In VAT numbers Greece and Northern Ireland have codes of their own.
_COUNTRY_OF_PREFIX = {"EL": "GR", "XI": "GB"}

CUSTOMER = Reference(
    words="billing customer", table="parties_billingcustomer", key="account", kind="customers"
)
DEALER = Reference(words="dealer", table="parties_dealer", key="code", kind="dealers")
CLIENT = Reference(words="client", table="parties_client", key="code", kind="clients")
BRANCH = Reference(words="branch", table="organisation_branch", key="code")

BILLING_LINK = Reference(words="billing link", table="organisation_billinglink", key="name")

GROUP = Reference(words="customer group", table="parties_customergroup", key="name")

KEY = key(64)

IS_LEGACY = "(SELECT customer_mode FROM organisation_organisation) = 'legacy'"


def no_customer_in_legacy(*, problem: str, remedy: str, unless: str = "FALSE") -> StoredCheck:
    """Return the check that in legacy customer mode a row names no billing customer, *unless* SQL over `row` holds."""
    return StoredCheck(
        column="customer",
        fails=f"row.customer_id IS NOT NULL AND {IS_LEGACY} AND NOT {unless}",
        problem=problem,
        remedy=remedy,
    )


# A client that stands for a customer or a dealer itself is no other owner.
_OWNERS = """
(SELECT 'clients' AS kind, client.id, client.customer_id FROM parties_client AS client
 WHERE client.own_of_customer_id IS NULL AND client.own_of_dealer_id IS NULL
 UNION ALL SELECT 'dealers', id, customer_id FROM parties_dealer)
"""

IS_OWN = """EXISTS (
    SELECT FROM parties_client AS own
    WHERE own.id = {id} AND (own.own_of_customer_id IS NOT NULL OR own.own_of_dealer_id IS NOT NULL))"""
"""SQL that says whether the client with an *id*, itself SQL, stands for a customer or a dealer itself."""


def _own_account(kind: str) -> StoredCheck:
    """Return the check that in legacy customer mode no two clients or dealers have one account."""
    return StoredCheck(
        column="customer",
        fails=f"""
            row.customer_id IS NOT NULL AND {IS_LEGACY} AND (
                row.customer_id IN (SELECT customer_id FROM {{rows}} GROUP BY customer_id HAVING count(*) > 1)
                OR EXISTS (SELECT FROM {_OWNERS} AS owner
                           WHERE owner.customer_id = row.customer_id
                             AND (owner.kind <> '{kind}'
                                  OR owner.id NOT IN (SELECT id FROM {{rows}} WHERE id IS NOT NULL))))""",  # noqa: S608
        problem="The account is that of another client or dealer. In legacy customer mode each has its own.",
        remedy="Give the row an account number of its own.",
    )


def own_currency(installation: Installation) -> str:
    """Return the organisation's currency."""
    return installation.currency


def _first_branch(installation: Installation) -> str:
    return installation.branch


def check_tax_id(tax_id: str | None, country: str | None) -> None:
    """Raise ValueError(why, remedy) if *tax_id* is none of *country*'s; without a known format all is well."""
    prefix = tax_id[:2].upper() if tax_id else ""
    of_country = country or _COUNTRY_OF_PREFIX.get(prefix, prefix)
    has_format = of_country.isalpha() and len(of_country) == 2
    number = get_cc_module(of_country.lower(), "vat") if tax_id and has_format else None
    if tax_id is None or number is None:
        return
    try:
        number.validate(tax_id)
    except ValidationError as error:
        where = Locale("en").territories.get(of_country, of_country)
        raise ValueError(
            f"{tax_id!r} is no valid tax id of {where}: length, letters or check digit are wrong.",
            "Copy it from the customer's own paper, or leave it empty.",
        ) from error


def check_recipients(email: str | None) -> None:
    """Raise ValueError(why, remedy) if a document that goes out by itself would go to none of the addresses."""
    missed = missed_by_all(parse_recipients(email or ""))
    if missed:
        raise ValueError(f"Nobody gets {' and '.join(missed)}.", "Say of one of the addresses that it does.")


def _branch() -> Column:
    return Column(
        name="branch",
        holds=key(20),
        field="branch_id",
        default=_first_branch,
        refers_to=BRANCH,
        paths=("branch__code",),
    )


def _active() -> Column:
    return Column(name="active", holds=YES_NO, field="is_active", default=True)


def _customer() -> Column:
    return Column(
        name="customer", holds=KEY, field="customer_id", refers_to=CUSTOMER, paths=("customer__account",)
    )


def _place() -> tuple[Column, ...]:
    return (
        Column(name="address", holds=text(300), field="address", default=""),
        Column(name="postcode", holds=text(20), field="postcode", default=""),
        Column(name="city", holds=text(100), field="city", default=""),
    )


CUSTOMERS = Kind(
    name="customers",
    words="billing customer",
    model=BillingCustomer,
    key=("account",),
    store=actions.store_customers,
    columns=(
        Column(name="account", holds=KEY, field="account", required=True),
        Column(name="name", holds=text(200), field="name", required=True),
        Column(name="email", holds=RECIPIENTS, field="email", default=""),
        Column(name="currency", holds=CURRENCY, field="currency", default=own_currency),
        Column(name="country", holds=COUNTRY, field="country", default=""),
        *_place(),
        Column(name="tax_id", holds=text(40), field="tax_id", default=""),
        Column(
            name="tax_status",
            holds=choice(TaxStatus),
            field="tax_status",
            default=TaxStatus.STANDARD.value,
        ),
        Column(name="terms", holds=TERMS, field="payment_terms", default=""),
        Column(
            name="delivery",
            holds=choice(DeliveryMethod),
            field="delivery",
            default=DeliveryMethod.EMAIL.value,
        ),
        Column(name="language", holds=LANGUAGE, field="language", default=""),
        Column(
            name="billing_link",
            holds=key(60),
            field="billing_link_id",
            refers_to=BILLING_LINK,
            paths=("billing_link__name",),
        ),
        Column(name="group", holds=key(60), field="group_id", refers_to=GROUP, paths=("group__name",)),
        _branch(),
        _active(),
    ),
    checks=(
        Check(columns=("tax_id", "country"), check=check_tax_id),
        Check(columns=("email",), check=check_recipients),
    ),
    extra={"changes_currency": "row.id IS NOT NULL AND row.currency <> was.currency"},
    stored_checks=(
        StoredCheck(
            column="currency",
            fails="""row.changes_currency AND EXISTS (
                SELECT FROM parties_consolidationsettings AS settings
                WHERE settings.customer_id = row.id
                  AND (settings.minimum_minor IS NOT NULL OR settings.limit_minor IS NOT NULL))""",
            problem="The minimum and the limit of consolidated billing are amounts in the currency before.",
            remedy="Empty them in the customer's settings first, then change the currency and type them anew.",
        ),
    ),
)

DEALERS = Kind(
    name="dealers",
    words="dealer",
    model=Dealer,
    key=("dealer",),
    store=actions.store_dealers,
    columns=(
        Column(name="dealer", holds=KEY, field="code", required=True),
        Column(name="name", holds=text(200), field="name", required=True),
        _customer(),
        _branch(),
        _active(),
    ),
    stored_checks=(_own_account("dealers"),),
)

CLIENTS = Kind(
    name="clients",
    words="client",
    model=Client,
    key=("client",),
    store=actions.store_clients,
    only={"own_of_customer": None, "own_of_dealer": None},
    columns=(
        Column(name="client", holds=KEY, field="code", required=True),
        Column(name="name", holds=text(200), field="name", required=True),
        _customer(),
        Column(name="dealer", holds=KEY, field="dealer_id", refers_to=DEALER, paths=("dealer__code",)),
        _branch(),
        Column(name="commissioned_on", holds=DAY, field="commissioned_on"),
        Column(name="decommissioned_on", holds=DAY, field="decommissioned_on"),
        *_place(),
    ),
    stored_checks=(
        StoredCheck(
            column="client",
            fails=IS_OWN.format(id="row.id"),
            problem="This client stands for a billing customer or a dealer itself, and follows it.",
            remedy="Give the row another code. What stands for a customer or a dealer is changed by changing that.",
        ),
        _own_account("clients"),
        StoredCheck(
            column="decommissioned_on",
            fails="row.decommissioned_on < row.commissioned_on",
            problem="The client would be decommissioned before it is commissioned.",
            remedy="Correct one of the two dates. The day it is decommissioned is the first not served.",
        ),
    ),
)


def _last_day(ends_before: date) -> date:
    return ends_before - ONE_DAY


def end_of(last_day: date | None, ends_before: date | None) -> date | None:
    """Return the first day not commissioned. Raises ValueError(why, remedy) unless one of the columns is filled."""
    if (last_day is None) == (ends_before is None):
        raise ValueError(
            "The row does not say once when the commissioning ended.",
            "Fill last_day, or ends_before, the day after it.",
        )
    return ends_before if last_day is None else last_day + ONE_DAY


def _nothing(_ends_before: date) -> None:
    return None


COMMISSIONINGS = Kind(
    name="commissionings",
    words="past commissioning",
    model=PastCommissioning,
    key=("client", "starts_on"),
    store=commissioning_actions.store_commissionings,
    columns=(
        Column(
            name="client",
            holds=KEY,
            field="client_id",
            required=True,
            refers_to=CLIENT,
            paths=("client__code",),
        ),
        Column(name="starts_on", holds=DAY, field="starts_on", required=True),
        Column(name="last_day", holds=DAY, paths=("ends_before",), show=_last_day),
        Column(name="ends_before", holds=DAY, paths=("ends_before",), show=_nothing),
    ),
    gathered=(
        Gathered(
            name="ends_before",
            staged="ends_before",
            columns=("last_day", "ends_before"),
            holds=DAY,
            gather=end_of,
        ),
    ),
    stored_checks=(
        StoredCheck(
            column="client",
            fails=IS_OWN.format(id="row.client_id"),
            problem="This client stands for a billing customer or a dealer itself, which is not commissioned.",
            remedy="Name another client.",
        ),
        StoredCheck(
            column="starts_on",
            fails="row.ends_before <= row.starts_on",
            problem="The commissioning would end on or before the day it starts.",
            remedy="Correct one of the two dates.",
        ),
    ),
)
