"""Places where the process can be made to die, so that anyone can prove that work resumes.

`COUNTERFOIL_TEST_STOP=after-shard-2` kills the process with SIGKILL when it comes to that place. The places
are listed in docs/reference/stops.md.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "COUNTERFOIL_TEST_STOP"


def stop_here(place: str) -> None:
    """Kill this process if the environment asks for it to die at *place*."""
    if os.environ.get(VARIABLE) == place:
        os.kill(os.getpid(), signal.SIGKILL)
