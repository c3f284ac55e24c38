"""Locks on files: held by a process, and let go by the kernel however that process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FileLock:
    """One process's hold on the lock file *path*: shared by many, exclusive for one, or none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Wait until nobody holds it exclusively, then share it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def own(self) -> None:
        """Wait until nobody else holds it, then own it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_to_share(self) -> bool:
        """Share it and return True, or return False at once when somebody owns it."""
        return self._try(fcntl.LOCK_SH)

    def try_to_own(self) -> bool:
        """Own it and return True, or return False at once, holding nothing, when somebody else holds it."""
        return self._try(fcntl.LOCK_EX)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(self) -> None:
        """Hold it no longer."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go and forget the file."""
        os.close(self._descriptor)


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Own the lock file *path* for the length of a block, waiting for it first."""
    lock = FileLock(path)
    try:
        lock.own()
        yield
    finally:
        lock.close()


def is_owned(path: Path) -> bool:
    """Return whether some process owns the lock file *path* at this moment."""
    lock = FileLock(path)
    try:
        return not lock.try_to_share()
    finally:
        lock.close()
