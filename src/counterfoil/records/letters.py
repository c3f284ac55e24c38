"""Columns in which any part of a word is found by an index of its letters, three at a time (PostgreSQL's pg_trgm).

The extension comes with PostgreSQL and any owner of a database may create it, but a packager may have left it out:
then there are no such indexes, and what is searched is read from beginning to end. These indexes are therefore made
beside the models, by a migration and again by `counterfoil upgrade`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

# As Django compares for `icontains`: UPPER(column::text) LIKE UPPER(…).
SEARCHED: Mapping[str, Sequence[str]] = {
    "parties_billingcustomer": ("name", "email"),
    "parties_client": ("name", "city"),
    "parties_contact": ("name", "email", "phone"),
    "parties_lognote": ("text",),
    "charges_billableevent": ("description",),
    "charges_meter": ("name",),
    "deliveries_mail": ("recipients", "subject"),
}

# Who may not create it, or has it not, goes without: nothing else is lost.
_EXTENSION = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm cannot be created: %', SQLERRM;
END $$
"""
_INDEX = "CREATE INDEX IF NOT EXISTS {table}_{column}_letters ON {table} USING gin (upper({column}::text) gin_trgm_ops)"

_COLUMNS = """
SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s) AND attnum > 0 AND NOT attisdropped
"""


def has_letters() -> bool:
    """Return whether the extension is there, so that parts of words are found by indexes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def index_letters() -> bool:
    """Make what is missing of these indexes on the columns there are; return whether any can be made. Can run twice."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTENSION)
    if not has_letters():
        return False
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [list(SEARCHED)])
        there = set(cursor.fetchall())
        for table, columns in SEARCHED.items():
            for column in columns:
                if (table, column) in there:
                    cursor.execute(_INDEX.format(table=table, column=column))
            if any((table, column) in there for column in columns):
                # How often letters occur is known of an index only once its table is analysed after it was made.
                cursor.execute(f"ANALYZE {table}")
    return True
