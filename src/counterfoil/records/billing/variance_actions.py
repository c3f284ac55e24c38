"""The only writer of what runs differ by."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from counterfoil.records.billing.models import Run, RunComparison
from counterfoil.records.copying import copy_in


def begin_comparison(run: Run, *, before: Run, dropped: int, now: datetime) -> RunComparison:
    """Store that *run* is compared with *before*, in place of what was stored of an earlier comparison.

    The caller holds the run's row locked, and adds totals, customers and lines in the same transaction.
    """
    RunComparison.objects.filter(pk=run.pk).delete()
    return RunComparison.objects.create(run=run, before=before, dropped=dropped, compared_at=now)


def store_variances(*, totals: pa.Table, customers: pa.Table, lines: pa.Table) -> None:
    """Append what a comparison found; columns are named like the tables'."""
    for table, rows in (("variancetotal", totals), ("customervariance", customers), ("linevariance", lines)):
        if rows.num_rows:
            copy_in(table=f"billing_{table}", rows=rows)
