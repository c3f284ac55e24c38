"""Seal what was changed and issued since the last seal (security.md, audit trail).

A trail is sealed up to a mark set earlier, once every transaction of that time has ended: until then one of them may
still add a row below the mark. Documents need no mark, since the numbers of a series are given under its lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep

import pghistory.models
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max

from counterfoil.flows.sealing.digests import DOCUMENTS, Range, columns_of, digests, tables_of
from counterfoil.records.billing.models import DocumentNumber
from counterfoil.records.organisation import seal_actions
from counterfoil.records.organisation.models import Seal, SealedRange, SealMark

ROWS_A_RANGE = 10_000
DOCUMENTS_A_RANGE = 1_000
A_MOMENT = timedelta(milliseconds=50).total_seconds()
MOST_RANGES = 200
"""So many ranges of a source are sealed at a time; what is beyond them comes with the next seal."""


@dataclass(frozen=True)
class Sealed:
    """The newest seal (None: there is none yet), and how many ranges and rows were sealed just now."""

    newest: Seal | None
    ranges: int
    rows: int


def trails() -> list[str]:
    """Return the tables of the audit trail, in the order of the alphabet."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event) and model._meta.managed
    )


def seal_all(*, now: datetime, patience: int = 100) -> Sealed:
    """Seal everything there is, but for what transactions under way may still add to.

    These are waited for, *patience* times a twentieth of a second; what they still hold up then comes later.
    """
    sealed = seal(now=now)  # and sets the marks
    ranges, rows = sealed.ranges, sealed.rows
    _oldest, following = _transactions()
    for _ in range(patience):
        if _transactions()[0] >= following:
            break
        sleep(A_MOMENT)
    while (sealed := seal(now=now)).ranges:
        ranges, rows = ranges + sealed.ranges, rows + sealed.rows
    return Sealed(sealed.newest, ranges, rows)


def seal(*, now: datetime) -> Sealed:
    """Seal what is ready, in one batch, and mark how far the trails are written now. Cheap if nothing is new."""
    with transaction.atomic():
        seal_actions.lock_sealing()
        newest = Seal.objects.order_by("-number").first()
        ranges = [*_changes(), *_documents()]
        if ranges:
            newest = _sealed(ranges, after=newest, now=now)
        return Sealed(newest, len(ranges), sum(one.row_count for one in ranges))


def digest_after(before: str, *, number: int, sealed_at: datetime, ranges: Sequence[SealedRange]) -> str:
    """Return the digest of seal *number* over *ranges*, in their order, which includes the digest *before*."""
    digest = hashlib.sha256(f"{before}\n{number}\n{sealed_at.isoformat()}\n".encode())
    for one in ranges:
        names = ";".join(f"{table}:{','.join(one.columns[table])}" for table in sorted(one.columns))
        facts = (one.source, one.series, one.above, one.up_to, one.row_count, names, one.digest)
        digest.update(("|".join(map(str, facts)) + "\n").encode())
    return digest.hexdigest()


def in_order(ranges: Sequence[SealedRange]) -> list[SealedRange]:
    """Return *ranges* in the order in which a seal hashes them."""
    return sorted(ranges, key=lambda one: (one.source, one.series, one.up_to))


def _sealed(ranges: Sequence[SealedRange], *, after: Seal | None, now: datetime) -> Seal:
    number = after.number + 1 if after else 1
    before = after.digest if after else ""
    digest = digest_after(before, number=number, sealed_at=now, ranges=in_order(ranges))
    return seal_actions.create_seal(Seal(number=number, sealed_at=now, digest=digest), ranges)


def _changes() -> list[SealedRange]:
    """Return the ranges of trails that are ready, and set new marks where the old ones are reached."""
    marks = {mark.source: mark for mark in SealMark.objects.all()}
    reached = _reached(DOCUMENTS, but=True)
    written = _written_to(
        trails()
    )  # before the transactions are asked for: none that comes later wrote these
    oldest_xid, next_xid = _transactions()
    ranges, moved = [], []
    for source, written_to in written.items():
        mark, sealed_to = marks.get(source), reached.get((source, 0), 0)
        if mark and mark.before_xid <= oldest_xid and mark.up_to > sealed_to:
            new = _cut(0, sealed_to, mark.up_to, size=ROWS_A_RANGE)
            ranges += _hashed(source, new)
            sealed_to = new[-1].up_to
        # After a restore into another server its transaction ids say nothing: begin anew.
        is_of_another_server = mark is not None and mark.before_xid > next_xid
        if written_to > sealed_to and (mark is None or is_of_another_server or sealed_to >= mark.up_to):
            moved.append(SealMark(source=source, up_to=written_to, before_xid=next_xid))
    seal_actions.move_marks(moved)
    return ranges


def _documents() -> list[SealedRange]:
    reached = _reached(DOCUMENTS)
    ranges: list[Range] = []
    newest = DocumentNumber.objects.values_list("series_id").annotate(Max("seq")).order_by("series_id")
    for series, issued_to in newest:
        sealed_to = reached.get((DOCUMENTS, series), 0)
        if issued_to > sealed_to:
            ranges += _cut(series, sealed_to, issued_to, size=DOCUMENTS_A_RANGE)
    return _hashed(DOCUMENTS, ranges)


def _cut(series: int, above: int, up_to: int, *, size: int) -> list[Range]:
    """Return (above, up_to] cut into ranges of *size*, at most `MOST_RANGES` of them."""
    edges = range(above, up_to, size)[:MOST_RANGES]
    return [Range(series, edge, min(edge + size, up_to)) for edge in edges]


def _hashed(source: str, ranges: Sequence[Range]) -> list[SealedRange]:
    if not ranges:
        return []
    columns = columns_of(tables_of(source))
    return [
        SealedRange(
            source=source,
            series=one.series,
            above=one.above,
            up_to=one.up_to,
            row_count=hashed.row_count,
            columns=columns,
            digest=hashed.digest,
        )
        for one, hashed in zip(ranges, digests(source, ranges, columns=columns), strict=True)
    ]


def _reached(source: str, *, but: bool = False) -> dict[tuple[str, int], int]:
    """Return how far each series of *source* is sealed; with *but*, every source other than it."""
    rows = SealedRange.objects.exclude(source=source) if but else SealedRange.objects.filter(source=source)
    return {
        (name, series): up_to
        for name, series, up_to in rows.values_list("source", "series").annotate(Max("up_to")).order_by()
    }


def _written_to(tables: Sequence[str]) -> dict[str, int]:
    """Return the newest key of each of *tables* that has rows."""
    each = " UNION ALL ".join(f"SELECT '{table}', max(pgh_id) FROM \"{table}\"" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(each)
        return {table: newest for table, newest in cursor.fetchall() if newest}


def _transactions() -> tuple[int, int]:
    """Return the oldest transaction id still under way, and the first one not yet given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(now.taken)::text::bigint, pg_snapshot_xmax(now.taken)::text::bigint"
            " FROM (SELECT pg_current_snapshot() AS taken) AS now"
        )
        oldest, following = cursor.fetchone()
    return oldest, following
