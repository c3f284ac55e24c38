"""`counterfoil work`: one worker, for this machine or another that reaches the database."""

from __future__ import annotations

from typing import Annotated

import typer

from counterfoil.commands.session import with_database

SECONDS_TO_FINISH = 25


def work(name: Annotated[str, typer.Option(help="The worker's name in the logs.")] = "worker") -> None:
    """Do queued work, one job at a time, until told to stop; the job in hand is finished first."""

    with with_database(is_somebodys=False):
        from procrastinate.contrib.django import app

        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(
                name=name,
                concurrency=1,
                shutdown_graceful_timeout=SECONDS_TO_FINISH,
                delete_jobs="successful",
            )
