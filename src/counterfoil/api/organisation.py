"""The organisation that issues the documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from counterfoil.api.auth import Need
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, reads
from counterfoil.api.shapes import Request
from counterfoil.flows.organising import change_settings
from counterfoil.records.organisation.models import Organisation as OrganisationRow
from counterfoil.records.organisation.models import Role, TaxStatus
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["organisation"])
SEES = Need("organisation:read")
CHANGES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))


class Organisation(Schema):
    """Who issues the documents. `tax_status` is how it stands to the tax (billing-rules 5.1).

    With `four_eyes` nobody authorises a run they generated or revised. Whoever has one of `two_factor_roles` signs in
    with a second factor. Schedules are meant in `timezone`; `rounding` is chosen before the first invoice.
    `text_ledger_code` is where the revenue of sales lines without a master charge is posted, unless they say otherwise.
    """

    name: str
    legal_name: str
    address: str
    postcode: str
    city: str
    country: str
    registration: str
    tax_id: str
    tax_status: TaxStatus
    email: str
    phone: str
    website: str
    bank_name: str
    iban: str
    bic: str
    payment_terms: str
    text_ledger_code: str
    currency: str
    timezone: str
    language: str
    rounding: str
    customer_mode: str
    four_eyes: bool
    two_factor_roles: list[Role]


class OrganisationWanted(Request):
    """What is to be changed; what is not named stays."""

    name: str | None = None
    legal_name: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    registration: str | None = None
    tax_id: str | None = None
    tax_status: TaxStatus | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    bank_name: str | None = None
    iban: str | None = None
    bic: str | None = None
    payment_terms: str | None = None
    text_ledger_code: str | None = None
    currency: str | None = None
    timezone: str | None = None
    language: str | None = None
    rounding: str | None = None
    four_eyes: bool | None = None
    two_factor_roles: list[Role] | None = None


@reads(router, "", need=SEES, answer=Organisation)
def get_organisation(request: HttpRequest) -> Organisation:  # noqa: ARG001
    """Return the organisation."""
    return _shape(the_organisation())


@changes(router, "", need=CHANGES, answer=Organisation)
def change_organisation(request: HttpRequest, wanted: OrganisationWanted) -> HttpResponse:
    """Change settings of the organisation; documents issued before stay as they are."""
    sent = wanted.model_dump(exclude_none=True)
    return once(request, lambda: _shape(change_settings(**sent)))


def _shape(organisation: OrganisationRow) -> Organisation:
    return Organisation(**{name: getattr(organisation, name) for name in Organisation.model_fields})
