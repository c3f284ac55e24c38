"""Digests of ranges of rows, worked out by PostgreSQL: one statement for all ranges of a source.

A row's text is that of PostgreSQL's row constructor over named columns in a fixed order, under fixed settings; it is
hashed, and a range's digest is the hash of its rows' hashes in the order of their key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

DOCUMENTS = "billing_documentnumber"
INVOICES, LINES = "billing_invoice", "billing_invoiceline"

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Range:
    """Rows of a source with a key above one and up to another; *series* is 0 for trails."""

    series: int
    above: int
    up_to: int


@dataclass(frozen=True)
class Hashed:
    """How many rows a range has, and their digest in hex."""

    row_count: int
    digest: str


_TRAIL = """
SELECT ranges.place, count(event.pgh_id),
       encode(sha256(coalesce(string_agg(sha256(convert_to(
           ROW({event}, context.metadata)::text, 'UTF8')), ''::bytea ORDER BY event.pgh_id)
           FILTER (WHERE event.pgh_id IS NOT NULL), ''::bytea)), 'hex')
FROM unnest(%(above)s::bigint[], %(up_to)s::bigint[]) WITH ORDINALITY AS ranges (above, up_to, place)
LEFT JOIN "{table}" AS event ON event.pgh_id > ranges.above AND event.pgh_id <= ranges.up_to
LEFT JOIN pghistory_context AS context ON context.id = event.pgh_context_id
GROUP BY ranges.place
"""

_ISSUED = """
SELECT ranges.place, count(number.invoice_id),
       encode(sha256(coalesce(string_agg(sha256(
           convert_to(ROW({number})::text || ROW({invoice})::text, 'UTF8') || coalesce(lines.digests, ''::bytea)),
           ''::bytea ORDER BY number.seq) FILTER (WHERE number.invoice_id IS NOT NULL), ''::bytea)), 'hex')
FROM unnest(%(series)s::bigint[], %(above)s::bigint[], %(up_to)s::bigint[])
     WITH ORDINALITY AS ranges (series, above, up_to, place)
LEFT JOIN billing_documentnumber AS number
       ON number.series_id = ranges.series AND number.seq > ranges.above AND number.seq <= ranges.up_to
LEFT JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
LEFT JOIN LATERAL (
    SELECT string_agg(sha256(convert_to(ROW({line})::text, 'UTF8')), ''::bytea ORDER BY line.line_no, line.id)
           AS digests
    FROM billing_invoiceline AS line WHERE line.invoice_id = number.invoice_id
) AS lines ON true
GROUP BY ranges.place
"""

_SETTINGS = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL bytea_output = 'hex'"


def columns_of(tables: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of the columns that each of *tables* has, in the order of the alphabet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(attname::text ORDER BY attname) FROM pg_attribute"
            " JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s) AND attnum > 0 AND NOT attisdropped"
            " GROUP BY relname",
            [list(tables)],
        )
        return dict(cursor.fetchall())


def tables_of(source: str) -> list[str]:
    """Return the tables whose rows are hashed for *source*: a trail's own, or all that a document is made of."""
    return [DOCUMENTS, INVOICES, LINES] if source == DOCUMENTS else [source]


def digests(source: str, ranges: Sequence[Range], *, columns: Columns) -> list[Hashed]:
    """Return the digest of each of *ranges* of *source*, over the *columns* of its tables."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(
            _statement(source, columns=columns),
            {
                "series": [one.series for one in ranges],
                "above": [one.above for one in ranges],
                "up_to": [one.up_to for one in ranges],
            },
        )
        found = {place: Hashed(count, digest) for place, count, digest in cursor.fetchall()}
    return [found[place] for place in range(1, len(ranges) + 1)]


def _statement(source: str, *, columns: Columns) -> str:
    if source != DOCUMENTS:
        return _TRAIL.format(table=source, event=_listed("event", columns[source]))
    return _ISSUED.format(
        number=_listed("number", columns[DOCUMENTS]),
        invoice=_listed("invoice", columns[INVOICES]),
        line=_listed("line", columns[LINES]),
    )


def _listed(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f'{alias}."{name}"' for name in names)
