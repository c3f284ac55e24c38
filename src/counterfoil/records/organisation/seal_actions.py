"""The only writer of seals, what they cover, and the marks of how far a trail had been written."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from counterfoil.records.organisation.models import Seal, SealedRange, SealMark

# Any number, as long as nobody else's: the first digits of the square root of 3.
_SEALING = 1_732_050


def lock_sealing() -> None:
    """Let one transaction at a time seal, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING])


def create_seal(seal: Seal, ranges: Iterable[SealedRange]) -> Seal:
    """Store *seal* with the *ranges* it covers."""
    seal.save(force_insert=True)
    covered = list(ranges)
    for one in covered:
        one.seal = seal
    SealedRange.objects.bulk_create(covered)
    return seal


def move_marks(marks: Iterable[SealMark]) -> None:
    """Store *marks*, each in place of the one its source had."""
    SealMark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["source"], update_fields=["up_to", "before_xid"]
    )
