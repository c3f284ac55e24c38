"""The database server itself breaks: one of its processes is killed with SIGKILL, so that it crashes and recovers.

On a server of the test's own, since everybody's sessions end with it. That the disk is full is said by a trigger, in
test_everything_breaks.py: a small file system needs privileges that who runs the tests may not have.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from counterfoil.flows.checking import check
from counterfoil.project.database.address import parse_database_url
from counterfoil.project.database.sharing import database_running
from counterfoil.records.billing.models import Invoice
from tests.faults import company
from tests.faults.moments import MOMENTS, WAIT, Moment, planted, wait_until_it_answers, waiting_session

# Every commit is written before it is answered, as it is in earnest; only power cuts are left out.
QUICK_AND_CRASH_SAFE = "fsync = off\nfull_page_writes = off\nshared_buffers = 64MB\n"
SETTINGS = {"NAME": "name", "USER": "role", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


@pytest.fixture
def own_server(
    empty_home: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[Path]:
    """Let this process work on a server of its own, with all migrations; yield its home."""
    monkeypatch.delenv("COUNTERFOIL_DATABASE_URL", raising=False)
    settings.HOME = tmp_path
    (empty_home / "postgresql.conf").write_text(QUICK_AND_CRASH_SAFE, encoding="ascii")
    otherwise = dict(connections.settings["default"])
    with database_running(empty_home) as url, django_db_blocker.unblock():
        address = asdict(parse_database_url(url))
        connections.close_all()
        connection.settings_dict.update({key: address[name] or "" for key, name in SETTINGS.items()})
        call_command("migrate", interactive=False, verbosity=0)
        yield empty_home
        connections.close_all()
        connection.settings_dict.update({key: otherwise[key] for key in SETTINGS})


def _kill_a_session(stage: str, moment: Moment) -> None:
    """Kill the process of the server that writes for *stage*: all sessions end, and the server recovers."""
    with planted(moment, WAIT), ThreadPoolExecutor(max_workers=1) as threads:
        work = threads.submit(_do, stage)
        session = psutil.Process(waiting_session())
        assert session.name() == "postgres"
        os.kill(session.pid, signal.SIGKILL)
        with pytest.raises(DatabaseError):
            work.result()
        wait_until_it_answers()


def _do(stage: str) -> None:
    try:
        company.STAGES[stage]()
    finally:
        connections.close_all()


def test_a_month_survives_crashes_of_the_server(own_server: Path) -> None:
    """Rules 2.6, 7.1, 12.2: crashed in the middle of the lines, the spans, the numbers, the deliveries, the void."""
    company.found()
    for stage in MOMENTS:
        if stage == "void":
            break
        for moment in MOMENTS[stage][-3:]:
            _kill_a_session(stage, moment)
            assert check().violations == [], moment
        company.STAGES[stage]()
    left = company.state()
    assert [row[0] for row in left["numbers"]] == list(range(1, 13))
    assert {row[2] for row in left["deliveries"]} == {"sent"}
    assert len(left["deliveries"]) == 24
    assert ("invoices.csv", 1 + 12) in left["files"]
    assert check().violations == []
    company.generate(date(2026, 6, 2))
    assert not Invoice.objects.filter(run=company.the_run()).exists()  # nothing more is owed
