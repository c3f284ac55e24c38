"""PostgreSQL's settings, as we run it: private, durable, and fast at loading a month at once."""

from __future__ import annotations

import os
from pathlib import Path

MEGABYTE = 1024 * 1024
# Docker gives /dev/shm 64 MB, too little for a parallel join; then shared memory is kept in files.
ENOUGH_SHARED_MEMORY_MB = 256


def server_settings(*, data: Path, socket: Path, port: int, own: Path) -> str:
    """Return the text of the server's configuration file; the lines of the operator's file *own* come last."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    settings = {
        # Nobody but us: no network, one socket in a closed folder, passwords by challenge.
        "data_directory": str(data),
        "hba_file": str(data / "pg_hba.conf"),
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0600",
        "port": str(port),
        "password_encryption": "scram-sha-256",
        "cluster_name": "counterfoil",
        # Durable: what is committed is on the disk. `minimal` spares the log what fills a table made in the
        # same transaction; its price is that there are no replicas.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "min_wal_size": "128MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        # Memory in proportion to the machine's; the rest is left to the file cache.
        "shared_buffers": f"{_between(64, memory_mb // 8, 2048)}MB",
        "effective_cache_size": f"{_between(256, memory_mb // 2, 65536)}MB",
        "maintenance_work_mem": f"{_between(64, memory_mb // 32, 512)}MB",
        "work_mem": f"{_between(8, memory_mb // 256, 64)}MB",
        "dynamic_shared_memory_type": _shared_memory_type(),
        # Disks without moving parts; queries too short for compilation to pay.
        "random_page_cost": "1.1",
        "jit": "off",
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "log_min_messages": "warning",
        "log_statement": "none",
    }
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    if own.exists():
        lines.append(own.read_text(encoding="utf-8"))
    return "\n".join(lines) + "\n"


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))


def _shared_memory_type() -> str:
    try:
        there = os.statvfs("/dev/shm")  # noqa: S108  a mount the kernel gives, not a temporary file
    except OSError:
        return "mmap"
    return "posix" if there.f_frsize * there.f_blocks >= ENOUGH_SHARED_MEMORY_MB * MEGABYTE else "mmap"
