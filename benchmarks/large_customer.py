"""One customer who pays for everything: an invoice of as many lines as there are charges, in which memory?

.venv/bin/python benchmarks/large_customer.py --charges 1000000 --json
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.floor import timed
from benchmarks.installation import run_benchmark


def measure(*, charges: int, folder: Path) -> dict[str, Any]:  # noqa: ARG001  no files are needed
    """Fill and bill; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows.billing import run
    from counterfoil.flows.billing.selection import Selection

    fill(charges=charges, customers=1)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    run_s, made = timed(lambda: run.generate(request, by=None, now=clock.now))
    total = made.totals.get()
    return {
        "charges": charges,
        "lines": total.lines,
        "invoices": total.documents,
        "run_s": round(run_s, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
