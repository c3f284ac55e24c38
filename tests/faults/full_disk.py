"""A billing run on a disk that is really full, and what is left of it. By hand, for it mounts a small disk of its own:

    unshare --mount .venv/bin/python -m tests.faults.full_disk

It needs root. `pytest` has the same failure said by a trigger, at every step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

DISK_MB = 600
ROOM_MB = 30
CHARGES, A_SHARD = 100_000, 10_000


def main() -> None:
    """Fill a bureau, then the disk; bill until it is full; make room, resume and check."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-disk-") as folder:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=711", "none", folder], check=True
        )
        try:
            os.environ["COUNTERFOIL_HOME"] = folder
            from counterfoil.commands.session import with_database

            with with_database(migrates=True):
                _bill_on_a_full_disk(Path(folder))
        finally:
            subprocess.run(["umount", folder], check=True)


def _bill_on_a_full_disk(folder: Path) -> None:
    from django.db import OperationalError, connections

    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows import checking
    from counterfoil.flows.billing import run
    from counterfoil.flows.billing.selection import Selection
    from counterfoil.records.billing.models import Run, RunShard

    fill(charges=CHARGES)
    ballast = _leave_room(folder)
    request = run.Request(title="Full disk", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    try:
        run.generate(request, by=None, now=clock.now, shard_charges=A_SHARD)
    except OperationalError as error:
        print(f"It failed: {error}")
    else:
        sys.exit("The disk was not full: leave less room.")
    connections.close_all()
    ballast.unlink()
    begun = Run.objects.get()
    print(f"The run is {begun.status}; {RunShard.objects.filter(done_at=None).count()} shards are missing.")
    made = run.resume(begun, now=clock.now)
    print(f"With room again it is {made.status}, with {made.totals.get().lines} lines of {CHARGES} charges.")
    print(f"{len(checking.check().violations)} violations.")


def _leave_room(folder: Path) -> Path:
    """Fill the disk up to ROOM_MB, and return the file that does it."""
    disk = os.statvfs(folder)
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        for _megabyte in range(disk.f_bavail * disk.f_frsize // (1 << 20) - ROOM_MB):
            file.write(bytes(1 << 20))
    return ballast


if __name__ == "__main__":
    main()
