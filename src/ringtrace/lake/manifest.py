"""The lake's one manifest: which file holds which fact of which company and month. Replaced whole, atomically.

Files are never changed once written. A reader takes the manifest once and reads the files it names; a crash at any
point leaves the old manifest or the new one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace.core.errors import StoreBehind
from ringtrace.lake.schemas import SCHEMA

_NAME = "manifest.json"


class Manifest(Struct, frozen=True, kw_only=True):
    """`files[fact][company_id][month]` is a path below the lake's folder. `version` grows with each publishing."""

    version: int = 0
    schema: int = SCHEMA
    files: dict[str, dict[str, dict[str, str]]] = {}

    @property
    def data_version(self) -> str:
        """Names this state of the data: the running number and a digest of the file names."""
        digest = hashlib.sha256(msgspec.json.encode(self.files, order="deterministic")).hexdigest()
        return f"{self.version}-{digest[:12]}"

    def paths(self, lake_dir: Path, fact: str, company_id: str, months: frozenset[str] | None = None) -> list[str]:
        """The files of a company's fact, of some months or of all."""
        of_company = self.files.get(fact, {}).get(company_id, {})
        chosen = sorted(month for month in of_company if months is None or month in months)
        return [str(lake_dir / of_company[month]) for month in chosen]

    def all_paths(self) -> frozenset[str]:
        return frozenset(
            path for companies in self.files.values() for months in companies.values() for path in months.values()
        )


def read_manifest(lake_dir: Path) -> Manifest:
    """The newest manifest; an empty one where nothing was published."""
    try:
        raw = (lake_dir / _NAME).read_bytes()
    except FileNotFoundError:
        return Manifest()
    manifest = msgspec.json.decode(raw, type=Manifest)
    if manifest.schema > SCHEMA:
        raise StoreBehind(
            f"The lake has schema {manifest.schema}, this Ringtrace reads up to {SCHEMA}.",
            hint="Start the newer Ringtrace that wrote it.",
        )
    return manifest


def write_manifest(lake_dir: Path, manifest: Manifest) -> None:
    """Replaces the manifest: written beside it, synced, renamed over it."""
    fresh = lake_dir / f"{_NAME}.fresh"
    with fresh.open("wb") as file:
        file.write(msgspec.json.encode(manifest))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(lake_dir / _NAME)
    sync_folder(lake_dir)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
