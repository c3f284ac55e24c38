"""COUNTERFOIL_HOME: the folder that holds an installation's data, and the secrets kept in it."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import counterfoil
from counterfoil.project import environment


def home() -> Path:
    """Return the installation's folder as an absolute path, made when missing, readable by its owner alone.

    COUNTERFOIL_HOME decides; without it a clone uses its own `var`, anything else the platform's folder
    for a user's data.
    """
    folder = Path(environment.text("HOME") or _default_home()).expanduser().absolute()
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise environment.SettingIsWrong(name="HOME", reason=f"{folder}: {error.strerror}") from error
    return folder


def _default_home() -> Path:
    clone = Path(counterfoil.__file__).parents[2]
    if (clone / "pyproject.toml").exists() and (clone / "src").is_dir():
        return clone / "var"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "counterfoil"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "counterfoil"


def kept_secret(path: Path) -> str:
    """Return the secret kept in *path*, making 256 random bits (hexadecimal) the first time.

    Two processes that come first at once agree on one: the file appears complete, under its final name,
    or not at all.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_text(encoding="ascii")
        finally:
            draft.unlink()
    try:
        return path.read_text(encoding="ascii")
    except PermissionError as error:
        raise environment.SettingIsWrong(name="HOME", reason=f"{path} belongs to somebody else") from error
