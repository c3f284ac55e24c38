"""Change the organisation that issues the documents."""

from __future__ import annotations

from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Organisation, TaxStatus
from counterfoil.records.organisation.queries import the_organisation


class UnknownTaxStatus(Refusal):
    """{status} is no tax status. Known are {known}."""


def set_tax_status(status: str) -> Organisation:
    """Set how the organisation stands to the tax (billing-rules 5.1); what is billed already stays as it is.

    Raises `UnknownTaxStatus`.
    """
    if status not in TaxStatus.values:
        raise UnknownTaxStatus(status=shown(status), known=", ".join(TaxStatus.values))
    with transaction.atomic():
        organisation = the_organisation()
        organisation.tax_status = status
        actions.change_organisation(organisation, fields=["tax_status"])
        return organisation
