"""Questions about the organisation and its people."""

from __future__ import annotations

from counterfoil.records.organisation.models import Organisation


class NotInstalled(Exception):
    """This installation has no organisation yet. Run `counterfoil init` first."""


def the_organisation() -> Organisation:
    """Return the installation's organisation. Raises `NotInstalled` before `counterfoil init`."""
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotInstalled(NotInstalled.__doc__)
    return organisation
