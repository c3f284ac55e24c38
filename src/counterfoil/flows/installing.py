"""A new installation: the organisation, its first branch, the supplied definitions and one administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import Locale
from django.db import transaction

from counterfoil.core.money import minor_digits
from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.billing import actions as billing
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Payer
from counterfoil.records.catalog import actions as catalog
from counterfoil.records.catalog.models import Kind, TaxCategory
from counterfoil.records.organisation import actions as organisations
from counterfoil.records.organisation.models import Branch, Organisation, Role, User

FIRST_BRANCH = "main"
STANDARD_TAX = "standard"
ADMINISTRATOR = "admin"


class UnknownCountry(Refusal):
    """{country} is not a country of ISO 3166. Give its two letters, for example IE."""


class UnknownTimezone(Refusal):
    """{timezone} is not a time zone. Give its name in the tz database, for example Europe/Dublin."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The organisation, and the one password to be shown once; None where everything was there already."""

    organisation: Organisation
    username: str
    password: str | None


def install(organisation: Organisation, *, new_password: Callable[[], str]) -> Installed:
    """Set up what a new installation needs; what is there already stays as it is.

    *organisation* is used where there is none yet. *new_password* is asked for the administrator's password
    if nobody can sign in yet. Raises `UnknownCountry`, `UnknownTimezone` and `UnknownCurrency`.
    """
    check_organisation(organisation)
    with transaction.atomic():
        organisations.lock_setting_up()
        stored = Organisation.objects.first() or organisations.create_organisation(organisation)
        if not Branch.objects.exists():
            organisations.create_branches([Branch(organisation=stored, code=FIRST_BRANCH, name=stored.name)])
        if not TaxCategory.objects.filter(code=STANDARD_TAX).exists():
            catalog.create_tax_categories([TaxCategory(code=STANDARD_TAX, name="Standard")])
        create_missing_definitions()
        if User.objects.filter(is_active=True).exists():
            return Installed(organisation=stored, username=ADMINISTRATOR, password=None)
        password = new_password()
        organisations.create_users([administrator()], password=password)
        return Installed(organisation=stored, username=ADMINISTRATOR, password=password)


def check_organisation(organisation: Organisation) -> None:
    """Raise `UnknownCountry`, `UnknownTimezone` or `UnknownCurrency` unless *organisation* can be stored."""
    minor_digits(organisation.currency)
    if len(organisation.country) != 2 or organisation.country not in Locale("en").territories:
        raise UnknownCountry(country=shown(organisation.country))
    try:
        ZoneInfo(organisation.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownTimezone(timezone=shown(organisation.timezone)) from error


def administrator() -> User:
    """Return the first account: an administrator who sees every branch."""
    return User(username=ADMINISTRATOR, role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)


def create_missing_definitions() -> None:
    """Store those of the supplied definitions that are missing by name."""
    known = set(BatchDefinition.objects.values_list("name", flat=True))
    billing.create_definitions(one for one in _supplied_definitions() if one.name not in known)


def _supplied_definitions() -> list[BatchDefinition]:
    """Return the supplied definitions."""
    service, activation, work_order = Kind.SERVICE.value, Kind.ACTIVATION.value, Kind.WORK_ORDER.value
    return [
        BatchDefinition(
            name="service-direct", title="Service direct", kinds=[service], payer=Payer.DIRECT.value
        ),
        BatchDefinition(
            name="service-dealer", title="Service via dealer", kinds=[service], payer=Payer.DEALER.value
        ),
        BatchDefinition(name="activation", title="Activations", kinds=[activation]),
        BatchDefinition(name="work-order", title="Work orders", kinds=[work_order]),
        BatchDefinition(name="credit", title="Credit notes", kinds=[], credit_basis=CreditBasis.DAILY.value),
    ]
