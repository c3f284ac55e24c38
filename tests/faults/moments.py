"""Moments at which something breaks: a row of a table is written, and a trigger on the server strikes.

So every write of every stage can be hit in its middle, the COPYs too, without a word in the program.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.db import connection

SECONDS_OF_PATIENCE = 30

# What the trigger does: end the session it runs in, say that the disk is full, or wait for somebody to kill.
TERMINATE, DISK_FULL, WAIT = "terminate", "disk full", "wait"

_STRIKE = """
CREATE SEQUENCE IF NOT EXISTS fault_rows;
CREATE OR REPLACE FUNCTION fault_strikes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A sequence is not rolled back: what was struck once is not struck again.
    IF nextval('fault_rows') = TG_ARGV[1]::bigint THEN
        CASE TG_ARGV[0]
            WHEN 'terminate' THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60);
            WHEN 'disk full' THEN
                RAISE disk_full USING MESSAGE = 'could not extend file "base/1/1": No space left on device';
            ELSE PERFORM pg_sleep(60);
        END CASE;
    END IF;
    RETURN NEW;
END $$;
"""


@dataclass(frozen=True)
class Moment:
    """The *row*-th row that a statement inserts into or updates in *table*."""

    operation: str
    table: str
    row: int = 1

    def __str__(self) -> str:
        return f"{self.operation} {self.table} {self.row}"


# Every write of every stage, in its order.
MOMENTS = {
    "generate": [
        Moment("INSERT", "billing_run"),
        Moment("INSERT", "billing_runshard", 3),
        Moment("INSERT", "billing_invoice"),
        Moment("INSERT", "billing_invoiceline", 2),
        Moment("UPDATE", "charges_chargespan", 2),
        Moment("INSERT", "billing_billingexception"),
        Moment("UPDATE", "billing_runshard"),
        Moment("INSERT", "billing_runtotal"),
        Moment("UPDATE", "billing_run"),
    ],
    "authorise": [
        Moment("UPDATE", "billing_run"),
        Moment("INSERT", "billing_documentnumber", 7),
        Moment("UPDATE", "billing_documentseries"),
        Moment("INSERT", "deliveries_delivery", 9),
        Moment("UPDATE", "billing_run"),
    ],
    "deliver": [
        Moment("UPDATE", "deliveries_delivery", 3),  # about to be handed over
        Moment("UPDATE", "deliveries_delivery", 15),  # handed over, and looked up by our reference afterwards
        Moment("UPDATE", "deliveries_delivery", 29),  # 24 of the connector; mails: 25 about to be, 26 sent, …
    ],
    "void": [
        Moment("UPDATE", "charges_chargespan", 20),
        Moment("UPDATE", "billing_run"),
    ],
}


@contextmanager
def planted(moment: Moment, fault: str) -> Iterator[None]:
    """Let *fault* strike at *moment* while the block runs, once."""
    with connection.cursor() as cursor:
        cursor.execute(_STRIKE)
        cursor.execute("ALTER SEQUENCE fault_rows RESTART")
        cursor.execute(
            f"CREATE TRIGGER a_fault BEFORE {moment.operation} ON {moment.table}"
            f" FOR EACH ROW EXECUTE FUNCTION fault_strikes('{fault}', '{moment.row}')"
        )
    try:
        yield
    finally:
        wait_until_it_answers()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER a_fault ON {moment.table}")


def waiting_session() -> int:
    """Wait until the trigger waits, and return the process number of the session it waits in."""
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            )
            row = cursor.fetchone()
        if row:
            return int(row[0])
        time.sleep(0.01)
    raise AssertionError("nothing was written at that moment")


def wait_until_it_answers() -> None:
    """Connect anew, as often as it takes: a server that recovers from a crash refuses for a while."""
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while True:
        connection.close()
        try:
            connection.ensure_connection()
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.OperationalError) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
