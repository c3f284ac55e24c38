"""Processes that do one stage of the company's month and can be killed, forked from one that has all imported."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

SECONDS_OF_PATIENCE = 120


def start(stage: str, *words: object, **environment: str) -> BaseProcess:
    """Start a process that does *stage* on the test's database; *environment* is set in it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.ready"])
    known = {key: connection.settings_dict[key] for key in ("NAME", "HOST", "PORT", "USER", "PASSWORD")}
    process = context.Process(
        target=do, args=(stage, words, known, str(settings.HOME), environment), daemon=True
    )
    process.start()
    return process


def ended(processes: Sequence[BaseProcess]) -> list[int | None]:
    """Wait for *processes* and return how they exited; minus nine is SIGKILL."""
    for process in processes:
        process.join(SECONDS_OF_PATIENCE)
    return [process.exitcode for process in processes]


def do(
    stage: str,
    words: Sequence[object],
    database: dict[str, object],
    home: str,
    environment: dict[str, str],
) -> None:
    """Do *stage* of `STAGES` in this process, on *database* in *home*."""
    from tests.faults import ready

    os.environ.update(environment)
    connections.settings["default"].update(database)
    settings.HOME = Path(home)
    ready.STAGES[stage](*words)
    connections.close_all()
