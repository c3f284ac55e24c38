"""A billing run against plain binary COPY of the rows it stores, in the same database, one after the other.

    .venv/bin/python benchmarks/billing_run.py --charges 1000000 --json

It makes an installation in a temporary folder, fills it with a bureau, previews it, bills it, and then copies
the invoices and lines just stored into copies of their tables with the same primary keys and indexes.
`load_s`, `rate_s` and `persist_s` are summed over the shards; two run side by side, so they overlap in `run_s`.
"""

from __future__ import annotations

import resource
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.floor import copy_floor, timed
from benchmarks.installation import run_benchmark

HOT_TABLES = ("billing_invoice", "billing_invoiceline")


def measure(*, charges: int, folder: Path) -> dict[str, Any]:
    """Fill, preview, bill and copy; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows.billing import run
    from counterfoil.flows.billing.preview import preview
    from counterfoil.flows.billing.selection import Selection

    fill(charges=charges)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    preview_s, _ = timed(lambda: preview(request))
    stages = _time_stages(run)
    run_s, made = timed(lambda: run.generate(request, by=None, now=clock.now))
    peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    total = made.totals.get()
    copy_floor_s = copy_floor(HOT_TABLES, folder=folder)
    return {
        "charges": charges,
        "lines": total.lines,
        "invoices": total.documents,
        "load_s": round(stages["load"], 2),
        "rate_s": round(stages["rate"], 2),
        "persist_s": round(stages["persist"], 2),
        "run_s": round(run_s, 2),
        "copy_floor_s": round(copy_floor_s, 2),
        "ratio": round(run_s / copy_floor_s, 2),
        "peak_rss_mb": peak_rss_mb,
        "preview_s": round(preview_s, 2),
    }


def _time_stages(run: Any) -> Counter[str]:
    """Have the stages of *run* add up the time they take, over all threads; return the sums."""
    sums: Counter[str] = Counter()
    lock = threading.Lock()

    def summed(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*args: Any, **named: Any) -> Any:
            took, result = timed(lambda: work(*args, **named))
            with lock:
                sums[stage] += took  # type: ignore[assignment]
            return result

        return timing

    run.load_shard = summed("load", run.load_shard)
    run.bill = summed("rate", run.bill)
    run.store_shard = summed("persist", run.store_shard)
    return sums


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
