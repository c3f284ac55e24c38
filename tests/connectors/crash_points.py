"""Kill a sender at each of its steps: `python -m tests.connectors.crash_points FOLDER`.

Every fsync and every rename is a step. For each step a process of its own sends two batches and finishes in
`FOLDER/before-N` or `FOLDER/after-N`, and dies just before or just after step N, without a chance to clean up.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from counterfoil.connectors.registry import connect
from tests.build_document import many

DIED, LIVED = 9, 0


def send_everything(folder: Path) -> None:
    """Send ten invoices in two batches, finish, send one more and finish."""
    with connect("csv", settings={"folder": str(folder)}) as connector:
        connector.send(documents=many(5))
        connector.send(documents=many(5, first=6))
        connector.finish()
        connector.send(documents=many(1, first=11))
        connector.finish()


def dying(function: Callable[..., Any], *, when: str, step: int, steps: list[None]) -> Callable[..., Any]:
    """Return *function* so that the process dies at call number *step* of all functions that share *steps*."""

    def call(*arguments: Any) -> Any:
        steps.append(None)
        if when == "before" and len(steps) == step:
            os._exit(DIED)
        result = function(*arguments)
        if when == "after" and len(steps) == step:
            os._exit(DIED)
        return result

    return call


def dies(folder: Path, *, when: str, step: int) -> bool:
    """Run a sender that dies at *step*; return whether it came that far."""
    child = os.fork()
    if child == 0:
        steps: list[None] = []
        os.fsync = dying(os.fsync, when=when, step=step, steps=steps)
        Path.replace = dying(Path.replace, when=when, step=step, steps=steps)  # type: ignore[method-assign]
        send_everything(folder)
        os._exit(LIVED)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == DIED


def main(root: Path) -> None:
    """Kill a sender at each step, before and after it."""
    for when in ("before", "after"):
        step = 1
        while dies(root / f"{when}-{step}", when=when, step=step):
            step += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
