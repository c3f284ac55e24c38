"""Who speaks on the command line: one of those who sign in, if they say so, and always somebody of the machine."""

from __future__ import annotations

import os
import pwd

from counterfoil.project.environment import text

OWN = "COUNTERFOIL_USER"
AS = "--as"


def speaker() -> str:
    """Return the name of the user that --as or COUNTERFOIL_USER gave, "" for none."""
    return text("USER")


def operator() -> str:
    """Return who runs this process by the machine's names."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def without_speaker(words: list[str]) -> list[str]:
    """Return *words* without a leading `--as NAME`, having noted the name for this process."""
    if len(words) > 1 and words[0] == AS:
        os.environ[OWN] = words[1]
        return words[2:]
    return words
