"""The backup file: a ZIP of one text file a table and a manifest that says what is in it, each with its checksum."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from counterfoil.core.refusals import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20


class NotABackup(Refusal):
    """{file} is not a backup that `counterfoil backup` wrote: {reason}. Nothing was changed; take another file."""


class BackupIsDamaged(Refusal):
    """{file} is damaged: {member} is not what was written. Nothing was changed; take another backup."""


@dataclass(frozen=True, kw_only=True)
class TablePart:
    """One table in a backup: its columns, how many rows, and the SHA-256 of their text."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup holds.

    *migrations* are the names, by app, that the database had seen; *tables* stand in an order in which each
    refers only to those before it; *sequences* are the last values given.
    """

    made_at: str
    organisation: str
    migrations: Mapping[str, list[str]]
    tables: tuple[TablePart, ...]
    sequences: Mapping[str, int] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(table.rows for table in self.tables)


@contextmanager
def new_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """Lend an archive to be filled; *file* takes its name when it is complete, and only its owner reads it."""
    draft = file.with_name(f".{file.name}.draft")
    try:
        draft.touch(mode=0o600)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            yield archive
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Put *manifest* at the end: an archive without it is not complete."""
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False, indent=1))


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Lend the archive in *file* and its manifest. Raises `NotABackup`."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive, _manifest(archive, file=file)
    except zipfile.BadZipFile as error:
        raise NotABackup(file=file, reason=str(error)) from error


def verify(file: Path) -> Manifest:
    """Return the manifest of *file* when every table in it is as it was written. Raises `BackupIsDamaged`."""
    with opened(file) as (archive, manifest):
        for table in manifest.tables:
            if _sha256(archive, table.name, file=file) != table.sha256:
                raise BackupIsDamaged(file=file, member=table.name)
        return manifest


def member_of(table: str) -> str:
    """Return the name of the file that holds *table*."""
    return f"tables/{table}.copy"


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what *stream* holds, a megabyte at a time."""
    while block := stream.read(BLOCK):
        yield block


def _sha256(archive: zipfile.ZipFile, table: str, *, file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(member_of(table)) as stream:
            for block in blocks(stream):
                digest.update(block)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise BackupIsDamaged(file=file, member=table) from error
    return digest.hexdigest()


def _manifest(archive: zipfile.ZipFile, *, file: Path) -> Manifest:
    try:
        stored: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except KeyError as error:
        raise NotABackup(file=file, reason="it has no manifest") from error
    if stored.get("format") != FORMAT:
        raise NotABackup(
            file=file, reason=f"its format is {stored.get('format')}, this version reads {FORMAT}"
        )
    tables = tuple(TablePart(**{**part, "columns": tuple(part["columns"])}) for part in stored.pop("tables"))
    return Manifest(**stored, tables=tables)
