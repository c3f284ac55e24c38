"""Read settings from the environment. Each has a `COUNTERFOIL_` variable; a secret may live in a file instead."""

from __future__ import annotations

import os
from pathlib import Path

PREFIX = "COUNTERFOIL_"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


class SettingIsWrong(Exception):
    """The setting {name} is wrong: {reason}. Correct it (docs/reference/settings.md) and start again."""

    def __init__(self, *, name: str, reason: str) -> None:
        super().__init__(str(self.__doc__).format(name=PREFIX + name, reason=reason))


def text(name: str, default: str = "") -> str:
    """Return the variable `COUNTERFOIL_<name>` without surrounding blanks, *default* when unset or empty."""
    return os.environ.get(PREFIX + name, "").strip() or default


def secret(name: str, default: str = "") -> str:
    """Return the secret *name*: its variable, or the content of the file that `COUNTERFOIL_<name>_FILE` names.

    Raises SettingIsWrong when both are set or the file cannot be read.
    """
    file_name = text(f"{name}_FILE")
    if not file_name:
        return text(name, default)
    if text(name):
        raise SettingIsWrong(name=name, reason=f"{PREFIX}{name}_FILE is set as well, and one must go")
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingIsWrong(name=f"{name}_FILE", reason=f"{file_name}: {error.strerror}") from error


def words(name: str) -> list[str]:
    """Return the comma-separated parts of the variable, blanks removed."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def switch(name: str, *, default: bool) -> bool:
    """Return a yes/no variable. Raises SettingIsWrong on any other word."""
    word = text(name).lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return default if not word else False
    raise SettingIsWrong(name=name, reason=f"“{word}” is neither yes nor no")


def whole_number(name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number between *least* and *most*. Raises SettingIsWrong otherwise."""
    written = text(name)
    if not written:
        return default
    if not written.isdecimal() or not least <= int(written) <= most:
        raise SettingIsWrong(name=name, reason=f"“{written}” is not a whole number from {least} to {most}")
    return int(written)
