"""All that a stage needs, imported once: the server that forks the processes of these tests loads this first."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from counterfoil.project.loading import load_django

load_django()

# Django has to be loaded before its models.
from procrastinate.contrib.django import app  # noqa: E402

from counterfoil.flows.billing import issue  # noqa: E402
from counterfoil.flows.consolidating import batch, rolling  # noqa: E402
from counterfoil.flows.consolidating.choosing import Selection  # noqa: E402
from tests.faults import company  # noqa: E402

DOCUMENTS_A_BATCH = 5


def _run_of_its_own(which: int) -> None:
    """Generate a run of every charge due, or only of those whose customer is no dealer: here the same ones."""
    company.run.generate(
        company.build.request(cutoff=company.JUNE, payer=["any", "direct"][which]),
        by=None,
        now=company.now,
        shard_charges=company.SHARD_CHARGES,
    )


def _issue(run_id: int) -> None:
    """Authorise and issue one run in small batches."""
    issue.DOCUMENTS_A_BATCH = DOCUMENTS_A_BATCH
    issue.authorise(run_id, by=None, now=company.now())
    issue.issue(run_id, today=company.JUNE, now=company.now)


def _work() -> None:
    """Do queued jobs as `counterfoil work` does, until none is left."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)


def _consolidate() -> None:
    """Make consolidated billings of all that waits; a process that finds nothing exits with 1."""
    wanted = batch.Batch(selection=Selection(cutoff=company.JUNE), billing_date=company.JUNE)
    batch.create_batch(wanted, by=None, now=company.now())


def _roll() -> None:
    """Roll everybody whose next date is 1 June."""
    due = rolling.due_to_roll(cutoff=company.JUNE)
    rolling.roll({one.customer_id: company.JUNE for one in due})


STAGES = {
    **company.STAGES,
    "run of its own": _run_of_its_own,
    "issue": _issue,
    "work": _work,
    "consolidate": _consolidate,
    "roll": _roll,
}
