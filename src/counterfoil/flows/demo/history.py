"""How much of the demo bureau is there: known without loading what loads it."""

from __future__ import annotations

from counterfoil.records.billing.models import Run
from counterfoil.records.organisation.models import Organisation

MONTHS_OF_HISTORY = 5
DEFINITIONS = ("service-direct", "service-dealer")


def is_billed(*, months: int = MONTHS_OF_HISTORY) -> bool:
    """Return whether the *months* of history and this month have their runs."""
    return Run.objects.count() >= len(DEFINITIONS) * (months + 1)


def is_wanting() -> bool:
    """Return whether nothing is set up here, or a demo whose loading was interrupted."""
    organisation = Organisation.objects.first()
    return organisation is None or (organisation.is_demo and not is_billed())
