"""Bring the database's tables up to date, by one process at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from counterfoil.core.refusals import Refusal

# An app, and the name of one of its migrations.
_Name = tuple[str, str]

# What made all tables at once before, by app. Databases and backups have it noted beside the single steps it replaced,
# which say the same (decision 0048).
_FORMER: frozenset[_Name] = frozenset(
    {
        ("organisation", "0001_squashed_0003_all_tables"),
        ("parties", "0001_squashed_0002_all_tables"),
        ("catalog", "0001_squashed_0003_all_tables"),
        ("charges", "0001_squashed_0006_all_tables"),
        ("billing", "0001_squashed_0011_all_tables"),
        ("deliveries", "0001_squashed_0004_all_tables"),
    }
)

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
    return _strange(loader.applied_migrations.keys(), loader=loader)


def check_not_later() -> None:
    """Raise `MadeByLaterVersion` where a later version has changed the database."""
    if names := unknown():
        raise MadeByLaterVersion(migrations=", ".join(names))


def make_tables_of(seen: Mapping[str, Sequence[str]]) -> None:
    """Make the tables anew as they are after the migrations *seen*, by app; whatever was there is gone.

    Raises `MadeByLaterVersion` where this version does not have one of them.
    """
    wanted = {(app, name) for app, names in seen.items() for name in names} - _FORMER
    if strange := _strange(wanted, loader=MigrationExecutor(connection).loader):
        raise MadeByLaterVersion(migrations=", ".join(strange))
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    executor = MigrationExecutor(connection)
    steps = _steps_to(wanted, loader=executor.loader)
    nodes = executor.loader.graph.node_map
    executor.migrate(
        sorted(step for step in steps if not any(child.key in steps for child in nodes[step].children))
    )


def _strange(names: Iterable[_Name], *, loader: MigrationLoader) -> list[str]:
    """Return those of *names* that this version neither has nor has replaced by one that does the same at once."""
    replaced = {name for migration in loader.replacements.values() for name in migration.replaces}
    known = loader.disk_migrations.keys() | replaced | _FORMER
    return sorted(f"{app}.{name}" for app, name in set(names) - known)


def _steps_to(wanted: Set[_Name], *, loader: MigrationLoader) -> set[_Name]:
    """Return the migrations of *loader*'s graph that lead an empty database to where all *wanted* were applied.

    Where all that a migration replaces is wanted, that one is taken. Where only a part is, the database was made
    before there was a replacement: the graph is built again without any, and every single step is taken.
    """
    steps = set(wanted)
    for key, migration in loader.replacements.items():
        if steps.issuperset(migration.replaces):
            steps = steps.difference(migration.replaces) | {key}
    if steps <= loader.graph.nodes.keys():
        return steps
    loader.replace_migrations = False
    loader.build_graph()
    return wanted - loader.replacements.keys()


def bring_up_to_date() -> None:
    """Apply the pending migrations. Of several processes that come at once, one does it and the others wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
