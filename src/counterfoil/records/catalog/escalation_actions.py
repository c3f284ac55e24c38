"""The only writer of escalations, and of overrides once they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from counterfoil.records.catalog.models import ChargeOverride, Escalation
from counterfoil.records.upserting import Stored, store_rows


def create_escalations(escalations: Iterable[Escalation]) -> list[Escalation]:
    """Store new *escalations* and return them with their ids."""
    return Escalation.objects.bulk_create(escalations)


def change_escalations(escalations: Iterable[Escalation], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *escalations*. What is billed already is never rated again."""
    Escalation.objects.bulk_update(escalations, fields)


def delete_escalations(escalations: Iterable[Escalation]) -> None:
    """Take *escalations* away that nothing names any more."""
    Escalation.objects.filter(pk__in=[one.pk for one in escalations]).delete()


def store_escalations(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change escalations from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Escalation, rows=rows, columns=columns)


def change_overrides(overrides: Iterable[ChargeOverride], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *overrides*. What is billed already is never rated again."""
    ChargeOverride.objects.bulk_update(overrides, fields)


def store_overrides(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change overrides from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=ChargeOverride, rows=rows, columns=columns)


def delete_overrides(overrides: Iterable[ChargeOverride]) -> None:
    """Take *overrides* back, with their prices by date: the dealer's and the master charge's values hold again."""
    ChargeOverride.objects.filter(pk__in=[override.pk for override in overrides]).delete()
