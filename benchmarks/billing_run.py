"""A billing run against plain binary COPY of the rows it stores, in the same database, one after the other.

    .venv/bin/python benchmarks/billing_run.py --charges 1000000 --json

It makes an installation in a temporary folder, fills it with a bureau, previews it, bills it, and then copies
the invoices and lines just stored into copies of their tables with the same primary keys and indexes.
`load_s`, `rate_s` and `persist_s` are summed over the shards; two run side by side, so they overlap in `run_s`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

HOT_TABLES = ("billing_invoice", "billing_invoiceline")
BLOCK = 1 << 20


def main() -> None:
    """Run the benchmark as the command line asks and print its line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charges", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        Path(folder).chmod(0o711)
        os.environ["COUNTERFOIL_HOME"] = folder
        from counterfoil.commands.session import with_database

        with with_database(migrates=True):
            figures = measure(charges=asked.charges, folder=Path(folder))
    if asked.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:>14}  {figure}")


def measure(*, charges: int, folder: Path) -> dict[str, Any]:
    """Fill, preview, bill and copy; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows.billing import run
    from counterfoil.flows.billing.preview import preview
    from counterfoil.flows.billing.selection import Selection

    fill(charges=charges)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    preview_s, _ = _timed(lambda: preview(request))
    stages = _time_stages(run)
    run_s, made = _timed(lambda: run.generate(request, by=None, now=clock.now))
    peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    total = made.totals.get()
    copy_floor_s = _copy_floor(folder)
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


def _timed(work: Callable[[], Any]) -> tuple[Any, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _time_stages(run: Any) -> Counter[str]:
    """Have the stages of *run* add up the time they take, over all threads; return the sums."""
    sums: Counter[str] = Counter()
    lock = threading.Lock()

    def timed(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*args: Any, **named: Any) -> Any:
            took, result = _timed(lambda: work(*args, **named))
            with lock:
                sums[stage] += took  # type: ignore[assignment]
            return result

        return timing

    run.load_shard = timed("load", run.load_shard)
    run.bill = timed("rate", run.bill)
    run.store_shard = timed("persist", run.store_shard)
    return sums


def _copy_floor(folder: Path) -> float:
    """Return how long plain binary COPY takes to put the stored rows into indexed copies of their tables."""
    from django.db import connection, transaction

    for table in HOT_TABLES:
        with connection.cursor() as cursor, (folder / table).open("wb") as file:
            cursor.execute(f"CREATE TABLE {table}_copy (LIKE {table} INCLUDING INDEXES)")
            with cursor.copy(f"COPY {table} TO STDOUT BINARY") as rows:
                for block in rows:
                    file.write(block)
    began = time.perf_counter()
    with transaction.atomic():
        for table in HOT_TABLES:
            statement = f"COPY {table}_copy FROM STDIN BINARY"
            with (
                connection.cursor() as cursor,
                cursor.copy(statement) as rows,
                (folder / table).open("rb") as file,
            ):
                while block := file.read(BLOCK):
                    rows.write(block)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
