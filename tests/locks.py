"""Two at once: wait until one of them is held up by what the other has locked."""

from __future__ import annotations

from django.db import connection


def until_somebody_waits() -> None:
    """Return once another connection to this database waits for a lock."""
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting:
            cursor.execute("SELECT pg_sleep(0.01) IS NULL")
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE datname = current_database() AND NOT granted"
            )
            waiting = cursor.fetchone()[0]
