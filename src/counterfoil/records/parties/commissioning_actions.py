"""The only writer of the times a client was commissioned before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from counterfoil.records.parties.models import PastCommissioning
from counterfoil.records.upserting import Stored, store_rows


def create_commissionings(commissionings: Iterable[PastCommissioning]) -> list[PastCommissioning]:
    """Store new past *commissionings* and return them with their ids."""
    return PastCommissioning.objects.bulk_create(commissionings)


def change_commissionings(commissionings: Iterable[PastCommissioning], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing past *commissionings*."""
    PastCommissioning.objects.bulk_update(commissionings, fields)


def delete_commissionings(commissionings: Iterable[PastCommissioning]) -> None:
    """Take past *commissionings* back. What they were billed for is credited when credits are run."""
    PastCommissioning.objects.filter(pk__in=[one.pk for one in commissionings]).delete()


def store_commissionings(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change past commissionings from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=PastCommissioning, rows=rows, columns=columns)
