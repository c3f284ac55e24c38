"""Bring the database's tables up to date, by one process at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from counterfoil.core.refusals import Refusal

# Any number, as long as nobody else's: the first digits of the golden ratio.
_ADVISORY_LOCK = 1_618_033


class MadeByLaterVersion(Refusal):
    """A later version of Counterfoil wrote this: it has {migrations}. Use that version, or a later one."""


def pending() -> list[str]:
    """Return the names of the migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unknown() -> list[str]:
    """Return the names of the migrations that the database has seen and this version does not have."""
    loader = MigrationExecutor(connection).loader
    return [
        f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in loader.graph.nodes
    ]


def check_not_later() -> None:
    """Raise `MadeByLaterVersion` where a later version has changed the database."""
    if names := unknown():
        raise MadeByLaterVersion(migrations=", ".join(names))


def make_tables_of(seen: Mapping[str, Sequence[str]]) -> None:
    """Make the tables anew as they are after the migrations *seen*, by app; whatever was there is gone.

    Raises `MadeByLaterVersion` where this version does not have one of them.
    """
    executor = MigrationExecutor(connection)
    wanted = {(app, name) for app, names in seen.items() for name in names}
    missing = sorted(f"{app}.{name}" for app, name in wanted - executor.loader.graph.nodes.keys())
    if missing:
        raise MadeByLaterVersion(migrations=", ".join(missing))
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    last_seen = [
        node for node in wanted if not any(child.key in wanted for child in graph.node_map[node].children)
    ]
    executor.migrate(sorted(last_seen))


def bring_up_to_date() -> None:
    """Apply the pending migrations. Of several processes that come at once, one does it and the others wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
