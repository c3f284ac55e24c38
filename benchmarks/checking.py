"""How long `counterfoil check` takes over a month that was billed and issued, by invariant.

.venv/bin/python benchmarks/checking.py --charges 1000000 --json
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.floor import timed
from benchmarks.installation import run_benchmark


def measure(*, charges: int, folder: Path) -> dict[str, Any]:  # noqa: ARG001  no files are needed
    """Bill, issue and check; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows import checking
    from counterfoil.flows.billing import issue, run
    from counterfoil.flows.billing.selection import Selection

    fill(charges=charges)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    made = run.generate(request, by=None, now=clock.now)
    issue.authorise(made.pk, by=None, now=clock.now())
    issue.issue(made.pk, today=CUTOFF, now=clock.now)
    took = _time_invariants(checking)
    check_s, checked = timed(checking.check)
    return {
        "charges": charges,
        "lines": made.totals.get().lines,
        "check_s": round(check_s, 2),
        "violations": len(checked.violations),
        "warnings": len(checked.warnings),
        **{name: round(seconds, 2) for name, seconds in took.items()},
    }


def _time_invariants(checking: Any) -> dict[str, float]:
    """Have `check` note how long each invariant takes, in the dictionary returned."""
    took: dict[str, float] = {}
    look = checking._breaches  # noqa: SLF001  to be timed from outside

    def timing(name: str, *args: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return look(name, *args, **named)
        finally:
            took[name] = took.get(name, 0.0) + time.perf_counter() - began

    checking._breaches = timing  # noqa: SLF001
    return took


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
