"""A month in which every write of every stage fails once, and is done again: the end is one clean month's (12.2).

The session that writes is ended, the disk is full, the process is killed with SIGKILL, the server's process is.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from counterfoil.commands.failures import explain
from counterfoil.flows.checking import check
from counterfoil.records.billing.queries import visible_invoices
from tests.faults import company, processes
from tests.faults.moments import DISK_FULL, MOMENTS, TERMINATE, WAIT, Moment, planted, waiting_session

Strike = Callable[[str, Moment], None]
"""Does a stage, and has it fail at a moment."""


def in_process(fault: str) -> Strike:
    """Return a strike by the database itself: the stage raises its error, which a command can say in a sentence."""

    def strike(stage: str, moment: Moment) -> None:
        with planted(moment, fault), pytest.raises(DatabaseError) as raised:
            company.STAGES[stage]()
        assert str(explain(raised.value)).startswith("The database refused: "), moment

    return strike


def kill_the_process(stage: str, moment: Moment) -> None:
    """Kill the process that does the stage while it writes."""
    with planted(moment, WAIT):
        doomed = processes.start(stage)
        session = waiting_session()
        assert doomed.pid is not None
        os.kill(doomed.pid, signal.SIGKILL)
        assert processes.ended([doomed]) == [-signal.SIGKILL]
        with connection.cursor() as cursor:  # or the server would find out a minute later
            cursor.execute("SELECT pg_terminate_backend(%s)", [session])


def month(strike: Strike | None, *, stages: list[str]) -> dict[str, dict[str, list[Any]]]:
    """Do the month's *stages*, every one again after each strike; return what each leaves behind."""
    left = {}
    for stage in stages:
        for moment in MOMENTS[stage] if strike else []:
            strike(stage, moment)
            if stage == "generate":
                assert not visible_invoices().exists(), moment
            assert check().violations == [], moment
        company.STAGES[stage]()
        left[stage] = company.state()
    return left


STRIKES = {
    "the session is ended": in_process(TERMINATE),
    "the disk is full": in_process(DISK_FULL),
    "the process is killed": kill_the_process,
}
STAGES = {
    "delivered": ["generate", "authorise", "deliver"],
    "voided": ["generate", "authorise", "void"],
}
_clean: dict[str, dict[str, dict[str, list[Any]]]] = {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", STAGES)
@pytest.mark.parametrize("fault", ["nothing", *STRIKES])
def test_a_month_that_fails_everywhere_ends_as_a_clean_one(
    fault: str, end: str, settings: Any, tmp_path: Path
) -> None:
    """Row for row, ids left out: all that billing stores, and the files and mails that left."""
    settings.HOME = tmp_path
    company.found()
    left = month(STRIKES.get(fault), stages=STAGES[end])
    clean = _clean.setdefault(end, left)
    for stage in STAGES[end]:
        assert left[stage] == clean[stage], stage
