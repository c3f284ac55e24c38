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

    Whoever has one of `two_factor_roles` signs in with a second factor.
    """

    name: str
    legal_name: str
    country: str
    currency: str
    timezone: str
    tax_id: str
    tax_status: TaxStatus
    two_factor_roles: list[Role]


class OrganisationWanted(Request):
    """What is to be changed; what is not named stays."""

    tax_status: TaxStatus | None = None
    two_factor_roles: list[Role] | None = None


@reads(router, "", need=SEES, answer=Organisation)
def get_organisation(request: HttpRequest) -> Organisation:  # noqa: ARG001
    """Return the organisation."""
    return _shape(the_organisation())


@changes(router, "", need=CHANGES, answer=Organisation)
def change_organisation(request: HttpRequest, wanted: OrganisationWanted) -> HttpResponse:
    """Change how the organisation stands to the tax, or who needs a second factor; documents stay as they are."""
    return once(request, lambda: _shape(change_settings(**wanted.dict())))


def _shape(organisation: OrganisationRow) -> Organisation:
    return Organisation(**{name: getattr(organisation, name) for name in Organisation.model_fields})
