"""How fast files are imported, and in how much memory: customers, clients, and two charges a customer.

    .venv/bin/python benchmarks/importing.py --charges 1000000 --json

It makes an installation in a temporary folder, writes the files, and imports them; then the charges again as
they are, and once more with every price changed. `per_s` are charges imported a second, reading included.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.installation import run_benchmark

CENTS_A_CHARGE = 1_990
CENTS_IN_WHOLE = 100


def measure(*, charges: int, folder: Path) -> dict[str, Any]:
    """Write and import the files; return the figures by name, times in seconds."""
    from counterfoil.records.organisation.models import Branch, Organisation

    Organisation.objects.create(id=1, name="Bench", country="IE", currency="EUR")
    Branch.objects.create(code="main", name="Main")
    customers = range(charges // 2 + 1)
    files = {
        "master-charges": _written(
            folder / "masters.csv",
            "code,name,kind,unit_price",
            (f"M{n},Monitoring {n},service,9.99" for n in range(1, 21)),
        ),
        "customers": _written(
            folder / "customers.csv",
            "account,name,email,currency,country",
            (f"C{n},Customer {n},c{n}@example.com,EUR,IE" for n in customers),
        ),
        "clients": _written(
            folder / "clients.csv", "client,name,customer", (f"S{n},Site {n},C{n}" for n in customers)
        ),
        "charges": _charges(folder / "charges.csv", charges=charges, dearer=0),
        "again": folder / "charges.csv",
        "changed": _charges(folder / "dearer.csv", charges=charges, dearer=1),
    }
    took = {name: _imported(name, file) for name, file in files.items()}
    return {
        "charges": charges,
        "file_mb": files["charges"].stat().st_size >> 20,
        "customers_s": took["customers"],
        "clients_s": took["clients"],
        "charges_s": took["charges"],
        "again_s": took["again"],
        "changed_s": took["changed"],
        "per_s": round(charges / took["charges"]),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _charges(file: Path, *, charges: int, dearer: int) -> Path:
    prices = [divmod(CENTS_A_CHARGE + n + dearer, CENTS_IN_WHOLE) for n in range(CENTS_IN_WHOLE)]
    return _written(
        file,
        "charge,client,code,starts_on,last_day,quantity,unit_price,billed_to",
        (
            f"L{n},S{n // 2},M{1 + n % 20},20{10 + n % 16}-{1 + n % 12:02}-{1 + n % 28:02},,,"
            f"{prices[n % CENTS_IN_WHOLE][0]}.{prices[n % CENTS_IN_WHOLE][1]:02},2026-06-01"
            for n in range(charges)
        ),
    )


def _written(file: Path, header: str, rows: Iterable[str]) -> Path:
    with file.open("w", encoding="utf-8") as stream:
        stream.write(f"{header}\n")
        stream.writelines(f"{row}\n" for row in rows)
    return file


def _imported(name: str, file: Path) -> float:
    from counterfoil.flows.importing.run import import_file

    kind = "charges" if name in {"again", "changed"} else name
    began = time.perf_counter()
    with file.open("rb") as stream:
        report = import_file(kind=kind, file=stream, name=file.name, dry_run=False, by=None)
    took = time.perf_counter() - began
    [count] = report.counts
    expected = {"again": (0, 0), "changed": (0, count.rows)}.get(name, (count.rows, 0))
    assert (count.created, count.changed) == expected, report  # noqa: S101  a benchmark that did nothing is none
    return round(took, 2)


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
