"""The lake's one manifest: which file holds which fact of which company and month. Replaced whole, atomically.

Files are never changed once written, and a file's name carries the digest of what is in it. A reader takes the manifest
once and reads the files it names; a crash at any point leaves the old manifest or the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.lake.schemas import SCHEMA

MANIFEST = "manifest.json"


class FileEntry(Struct, frozen=True, kw_only=True):
    """A file below the lake's folder, how many `rows` it has, and a digest of what it was `made_from`."""

    path: str
    rows: int
    made_from: str


class Place(Struct, frozen=True, kw_only=True):
    """Where a file stands in a manifest."""

    fact: str
    company_id: str
    month: str
    entry: FileEntry


Files = dict[str, dict[str, dict[str, FileEntry]]]


class Manifest(Struct, frozen=True, kw_only=True):
    """`files[fact][company_id][month]` says which file holds that. `version` grows with each publishing.

    `data_version` names what is published, whatever the running number: the same files have the same name.
    `definitions` is the version of the definitions by which the derived facts were made.
    """

    version: int = 0
    schema: int = SCHEMA
    definitions: str = ""
    data_version: str = ""
    files: Files = {}

    def entry(self, fact: str, company_id: str, month: str) -> FileEntry | None:
        return self.files.get(fact, {}).get(company_id, {}).get(month)

    def relatives(self, fact: str, company_id: str, months: frozenset[str] | None = None) -> list[str]:
        """The files of a company's fact, of some months or of all, as paths below the lake's folder."""
        of_company = self.files.get(fact, {}).get(company_id, {})
        return [of_company[month].path for month in sorted(of_company) if months is None or month in months]

    def all_paths(self) -> frozenset[str]:
        return frozenset(place.entry.path for place in self.places())

    def places(self) -> Iterator[Place]:
        for fact, companies in self.files.items():
            for company_id, months in companies.items():
                for month, entry in months.items():
                    yield Place(fact=fact, company_id=company_id, month=month, entry=entry)


class _OldManifest(Struct, frozen=True, kw_only=True):
    """What every schema's manifest has."""

    schema: int
    version: int = 0
    files: dict[str, dict[str, dict[str, msgspec.Raw]]] = {}


def data_version_of(files: Files) -> str:
    """The same for the same files, always; "" for none. A file's name says what is in it, so names are enough."""
    named = sorted(
        entry.path for companies in files.values() for months in companies.values() for entry in months.values()
    )
    return hashlib.blake2b("\n".join(named).encode(), digest_size=8).hexdigest() if named else ""


def encode_manifest(manifest: Manifest) -> bytes:
    return msgspec.json.encode(manifest, order="deterministic")


def decode_manifest(raw: bytes) -> Manifest:
    """Raises StoreBehind for a newer schema, StoreUnavailable for an older one, which the worker makes anew."""
    head = decode_head(raw)
    if head.schema > SCHEMA:
        raise StoreBehind(
            f"The lake has schema {head.schema}, this Ringtrace reads up to {SCHEMA}.",
            hint="Start the newer Ringtrace that wrote it.",
        )
    if head.schema < SCHEMA:
        raise StoreUnavailable(
            f"The lake has schema {head.schema} and is being published anew as schema {SCHEMA}.",
            hint="Wait for the worker, or stop it and run `ringtrace lake publish`.",
        )
    return msgspec.json.decode(raw, type=Manifest)


def decode_head(raw: bytes) -> _OldManifest:
    """A manifest of whatever schema, as far as all have it in common."""
    return msgspec.json.decode(raw, type=_OldManifest)
