"""Where a lake is: a folder of this machine, or a bucket with a folder as its cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from ringtrace.lake.manifest import MANIFEST, Manifest, decode_manifest


class Held(NamedTuple):
    """A file of the lake that lies there, named or not. `since_ms`: written, or last known to be named."""

    path: str
    size: int
    since_ms: int


class Raw(NamedTuple):
    """A manifest as it lies there, and the tag by which its storage knows just this one ("" where it has none)."""

    data: bytes
    tag: str = ""


class LakeHome(Protocol):
    """One lake. Paths are below its top; what is written is in `folder` first."""

    @property
    def folder(self) -> Path: ...

    @property
    def name(self) -> str:
        """For people: the folder or the URL."""
        ...

    def read_raw(self) -> Raw | None:
        """The manifest as it is now; None where nothing was published."""
        ...

    def write_raw(self, data: bytes, over: Raw | None) -> None:
        """Replaces the manifest `over`, atomically. Raises LakeMoved where another has taken its place meanwhile."""
        ...

    def keep(self, path: str) -> None:
        """Makes a file that was written to `folder` durable, before a manifest names it."""
        ...

    def has(self, path: str) -> bool:
        """Whether this file is there."""
        ...

    def local(self, paths: Sequence[str]) -> list[str]:
        """These files on this machine's disk. Raises FileNotFoundError for one that is gone."""
        ...

    def held(self) -> Iterator[Held]:
        """Every data file that lies there."""
        ...

    def touch(self, paths: Iterable[str], now_ms: int) -> None:
        """Notes that these files were named until now."""
        ...

    def remove(self, paths: Sequence[str]) -> None: ...


class LocalLake:
    """A lake in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return str(self.folder)

    def read_raw(self) -> Raw | None:
        try:
            return Raw((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            return None

    def write_raw(self, data: bytes, over: Raw | None) -> None:  # noqa: ARG002 - a folder has one writer, by its lock
        """Written beside it, synced, renamed over it."""
        fresh = self.folder / f"{MANIFEST}.fresh"
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / MANIFEST)
        sync_folder(self.folder)

    def keep(self, path: str) -> None:
        sync_folder((self.folder / path).parent)

    def has(self, path: str) -> bool:
        return (self.folder / path).exists()

    def local(self, paths: Sequence[str]) -> list[str]:
        return [str(self.folder / path) for path in paths]

    def held(self) -> Iterator[Held]:
        for path in self.folder.rglob("*.parquet"):
            found = path.stat()
            yield Held(str(path.relative_to(self.folder)), found.st_size, found.st_mtime_ns // 1_000_000)

    def touch(self, paths: Iterable[str], now_ms: int) -> None:
        for path in paths:
            full = self.folder / path
            if full.exists():
                os.utime(full, ns=(now_ms * 1_000_000, now_ms * 1_000_000))

    def remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            (self.folder / path).unlink(missing_ok=True)


def as_home(lake: LakeHome | Path) -> LakeHome:
    return LocalLake(lake) if isinstance(lake, Path) else lake


def read_manifest(lake: LakeHome | Path) -> Manifest:
    """The newest manifest; an empty one where nothing was published. Raises what `decode_manifest` does."""
    raw = as_home(lake).read_raw()
    return Manifest() if raw is None else _decoded(raw.data)


@lru_cache(maxsize=4)
def _decoded(data: bytes) -> Manifest:
    """Most questions find the manifest that the one before found, and a large one takes long to read."""
    return decode_manifest(data)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
