"""Collect the files that browsers fetch, with a fingerprint in each name, when they have changed."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_when_changed() -> bool:
    """Collect the static files into COUNTERFOIL_HOME/static unless that was done for these very files.

    Return whether it was needed.
    """
    stamp = settings.HOME / "static-files-are-of"
    present = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == present:
        return False
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(present, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Return a digest of the name, size and time of change of every static file."""
    found: list[str] = []
    for finder in get_finders():
        for name, storage in finder.list(None):
            changed = storage.get_modified_time(name).timestamp()
            found.append(f"{name}\0{storage.size(name)}\0{changed}")
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
