"""What a server that was killed leaves behind, and when it is safe to sweep it away."""

from __future__ import annotations

import time
from pathlib import Path

from counterfoil.project.database.address import EMBEDDED_PORT, socket_folder
from counterfoil.project.database.cluster import Cluster, lock_lines
from counterfoil.project.database.errors import DataInUse

SECONDS_TO_WAIT = 30
PROCESSES = Path("/proc")


def sweep(cluster: Cluster) -> None:
    """Remove the lock files of a server that lives no more, so that a stranger with its number does no harm.

    A server whose keeper was killed is on its way out: it is waited for. Files stay where any server of the
    same account might be using the data; PostgreSQL itself then decides by its shared memory.
    Raises DataInUse when a server goes on using the data.
    """
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while (pid := _serving(cluster)) is not None:
        if time.monotonic() > deadline:
            raise DataInUse(pid=pid, data=cluster.data)
        time.sleep(0.05)
    if not _suspects(cluster):
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        (socket_folder(cluster.home) / f".s.PGSQL.{EMBEDDED_PORT}.lock").unlink(missing_ok=True)


def _serving(cluster: Cluster) -> int | None:
    lines = lock_lines(cluster.data)
    pid = int(lines[0]) if lines else None
    return pid if pid in _suspects(cluster) else None


def _suspects(cluster: Cluster) -> list[int]:
    """Return the processes that may be using the data: servers of our account not known to be elsewhere."""
    folders = [folder for folder in PROCESSES.glob("[0-9]*") if _is_server(folder, uid=cluster.account.uid)]
    return [int(folder.name) for folder in folders if _working_folder(folder) in {None, cluster.data}]


def _is_server(process: Path, *, uid: int) -> bool:
    try:
        lines = (process / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    is_alive = "Z" not in facts["State"]
    return is_alive and facts["Name"].strip() == "postgres" and int(facts["Uid"].split()[0]) == uid


def _working_folder(process: Path) -> Path | None:
    """Return the folder a process works in, None when we may not know."""
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None
