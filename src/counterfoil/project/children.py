"""Run other processes and see to it that they run: started, started again, stopped, never left behind."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field

logger = logging.getLogger("counterfoil.children")

SECONDS_TO_STOP = 30
SECONDS_BETWEEN_LOOKS = 0.5
# A process that keeps ending is started after 1, 2, 4 … seconds, at most a minute.
LONGEST_PAUSE_SECONDS = 60
LIVED_LONG_SECONDS = 60
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_PR_SET_PDEATHSIG = 1


@dataclass(kw_only=True)
class Child:
    """A process to be kept running: its name in the log, its command, and what to add to the environment."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    ends_in_a_row: int = 0

    def start(self) -> None:
        """Start the process in a group of its own. The kernel ends it when we die, whatever kills us."""
        ourselves = os.getpid()

        def die_with_us() -> None:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS | {signal.SIGCHLD})
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != ourselves:
                os._exit(1)

        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            env=os.environ | self.environment,
            start_new_session=True,
            preexec_fn=die_with_us,  # noqa: PLW1509  called by the one thread of the process
        )

    def has_ended(self) -> bool:
        """Return whether the process ran and runs no more."""
        return self.process is not None and self.process.poll() is not None

    def is_due(self) -> bool:
        """Return whether it is time to start the process (again)."""
        pause = min(2**self.ends_in_a_row, LONGEST_PAUSE_SECONDS) if self.ends_in_a_row else 0
        return self.process is None and time.monotonic() >= self.started_at + pause

    def note_end(self) -> None:
        """Log how the process ended, end what it left of its group, and remember how often it did."""
        assert self.process is not None  # noqa: S101  it has ended, so it ran
        facts = {"child": self.name, "status": self.process.returncode}
        logger.error("a process ended and is started again", extra=facts)
        self.signal_group(signal.SIGKILL)
        lived_long = time.monotonic() - self.started_at > LIVED_LONG_SECONDS
        self.ends_in_a_row = 1 if lived_long else self.ends_in_a_row + 1
        self.process = None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and to all that it started; to nobody when they are gone."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def block_signals() -> None:
    """Keep stop signals waiting until `keep_running` takes them, so that none comes between two steps."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})


def look_after(children: list[Child]) -> bool:
    """Start what is to run, notice what ended, and wait half a second. Return False when told to stop."""
    for child in children:
        if child.has_ended():
            child.note_end()
        if child.is_due():
            child.start()
    came = signal.sigtimedwait(STOP_SIGNALS | {signal.SIGCHLD}, SECONDS_BETWEEN_LOOKS)
    return came is None or came.si_signo not in STOP_SIGNALS


def stop_all(children: list[Child]) -> None:
    """Ask all to stop and wait for them; end those that take longer than SECONDS_TO_STOP."""
    running = [child for child in children if child.process is not None]
    for child in running:
        if child.process is not None and child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in running:
        assert child.process is not None  # noqa: S101  chosen above
        try:
            child.process.wait(timeout=max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("a process did not stop in time and was killed", extra={"child": child.name})
        child.signal_group(signal.SIGKILL)
        child.process.wait()
