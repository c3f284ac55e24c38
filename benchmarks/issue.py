"""Issue of a run's drafts against plain binary COPY of the numbers and deliveries it stores.

    .venv/bin/python benchmarks/issue.py --charges 1000000 --json

It fills an installation with a bureau of two charges a customer, generates and authorises its month, issues it, and
then copies the numbers and deliveries just stored into copies of their tables with the same indexes.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.floor import copy_floor, timed
from benchmarks.installation import run_benchmark

WRITTEN = ("billing_documentnumber", "deliveries_delivery")


def measure(*, charges: int, folder: Path) -> dict[str, Any]:
    """Bill, issue and copy; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows.billing import issue, run
    from counterfoil.flows.billing.selection import Selection
    from counterfoil.records.billing.models import DocumentNumber
    from counterfoil.records.deliveries.models import Delivery

    fill(charges=charges)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    made = run.generate(request, by=None, now=clock.now)
    issue.authorise(made.pk, by=None, now=clock.now())
    issue_s, _ = timed(lambda: issue.issue(made.pk, today=CUTOFF, now=clock.now))
    copy_floor_s = copy_floor(WRITTEN, folder=folder)
    return {
        "charges": charges,
        "documents": DocumentNumber.objects.count(),
        "deliveries": Delivery.objects.count(),
        "issue_s": round(issue_s, 2),
        "copy_floor_s": round(copy_floor_s, 2),
        "ratio": round(issue_s / copy_floor_s, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
