"""Questions about the organisation and its people."""

from __future__ import annotations

from counterfoil.core.refusals import Refusal
from counterfoil.records.organisation.models import Organisation


class NotInstalled(Refusal):
    """This installation has no organisation yet. Run `counterfoil init` first."""


def the_organisation() -> Organisation:
    """Return the installation's organisation. Raises `NotInstalled` before `counterfoil init`."""
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotInstalled
    return organisation
