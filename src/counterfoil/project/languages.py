"""Translations made ready when the program starts, so that nobody has to think of compiling them."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

# One domain is all that Django's gettext asks for besides JavaScript's.
DOMAIN = "django"


def compiled(folder: Path, *, into: Path) -> Path:
    """Compile the catalogues below *folder* (`de/*.po`) to one file a language below *into*; return *into*.

    What was compiled already from the same texts is left alone: the digest of the sources stands beside the
    result. Several processes may do this at once: each puts a whole file in place.
    """
    for language in sorted(path for path in folder.iterdir() if path.is_dir()):
        sources = [path.read_bytes() for path in sorted(language.glob("*.po"))]
        digest = hashlib.sha256(b"\0".join(sources)).hexdigest()
        target = into / language.name / "LC_MESSAGES" / f"{DOMAIN}.mo"
        marker = target.with_suffix(".sha256")
        if target.exists() and marker.exists() and marker.read_text(encoding="ascii") == digest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(_one_file(sources, language=language.name), target)
        _put(digest.encode("ascii"), marker)
    return into


def _one_file(sources: list[bytes], *, language: str) -> bytes:
    """Return the entries of all *sources* as a `.mo` file; what is not translated yet is left out."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=language)
    for source in sources:
        for message in read_po(BytesIO(source), locale=language):
            if message.id:
                whole[message.id] = message
    written = BytesIO()
    write_mo(written, whole)
    return written.getvalue()


def _put(content: bytes, path: Path) -> None:
    """Write *path* so that a reader finds the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
