"""Tables are made at once on an empty database, and step by step where a database has seen the first steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from counterfoil.project.database.address import parse_database_url
from counterfoil.project.migrations import (
    MadeByLaterVersion,
    bring_up_to_date,
    make_tables_of,
    pending,
    unknown,
)
from tests.conftest import Installation

# What PostgreSQL knows of the tables; names of relations are written out.
FACTS = """
SELECT 'column', format('%s.%s', attrelid::regclass, attname),
       format('%s %s %s %s', format_type(atttypid, atttypmod), attnotnull, attidentity,
              (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'options', relname, reloptions::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
UNION ALL SELECT 'constraint', format('%s %s', conrelid::regclass, conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', format('%s %s', tgrelid::regclass, tgname), pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""


@pytest.fixture
def own_database(installation: Installation, django_db_blocker: Any) -> Iterator[None]:
    """Let this process work on a database of the test's own, whose tables were made at once."""
    otherwise = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = parse_database_url(
            installation.environment["COUNTERFOIL_DATABASE_URL"]
        ).name
        yield
        connection.close()
        connection.settings_dict["NAME"] = otherwise


def _rows(statement: str) -> set[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return set(cursor.fetchall())


def test_single_steps_lead_to_the_tables_that_are_made_at_once(own_database: None) -> None:
    made_at_once = _rows(FACTS)
    assert len([name for kind, name, _ in made_at_once if kind == "trigger"]) > 100
    make_tables_of({"organisation": ["0001_initial"]})
    assert unknown() == []
    first_steps = ("organisation.0001", "organisation.0002", "organisation.0003", "parties.0001")
    assert (
        [name for name in pending() if name.startswith(first_steps)]
        == [
            "organisation.0002_api_answers",
            "organisation.0003_tax_status_and_closing",
            "parties.0001_squashed_0011_all_tables",  # the database has seen no step of it, so all are done at once
        ]
    )
    bring_up_to_date()
    assert (pending(), unknown()) == ([], [])
    assert _rows(FACTS) == made_at_once


def test_a_database_that_has_seen_every_single_step_is_up_to_date(own_database: None) -> None:
    seen = _rows("SELECT app, name FROM django_migrations")
    at_once = _rows("DELETE FROM django_migrations WHERE strpos(name, '_squashed_') > 0 RETURNING app, name")
    assert len(at_once) == 6  # one for each app of records/
    assert (pending(), unknown()) == ([], [])
    bring_up_to_date()
    assert _rows("SELECT app, name FROM django_migrations") == seen


def test_what_made_tables_at_once_before_says_no_more_than_its_steps(own_database: None) -> None:
    former = {"billing": "0001_squashed_0011_all_tables", "deliveries": "0001_squashed_0004_all_tables"}
    seen: dict[str, list[str]] = {}
    for app, name in _rows("SELECT app, name FROM django_migrations WHERE strpos(name, '_squashed_') = 0"):
        seen.setdefault(app, []).append(name)
    made = _rows(FACTS)
    for app, at_once in former.items():
        replaced = at_once.split("_")[2]
        seen[app] = [name for name in seen[app] if name[:4] <= replaced] + [at_once]
    make_tables_of(seen)
    for app, at_once in former.items():
        MigrationRecorder(connection).record_applied(app, at_once)
    assert unknown() == []
    assert {"billing.0012_numbers_follow_the_shards", "deliveries.0005_undelivered_by_state"} <= set(
        pending()
    )
    bring_up_to_date()
    assert _rows(FACTS) == made


def test_tables_of_a_later_version_are_not_made(own_database: None) -> None:
    with pytest.raises(MadeByLaterVersion, match=r"it has billing\.0999_x\. Use"):
        make_tables_of({"billing": ["0001_initial", "0999_x"]})
    assert pending() == []  # nothing was dropped
