"""A lake on object storage: files go up once and never change, the manifest is swapped, and readers keep copies.

Credentials and endpoints are read from the variables that each storage's own tools read (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL`, …). A copy on disk is right for as long as its name is: the name has the digest of the content.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ringtrace.core.errors import LakeMoved, PartMissing, StoreUnavailable
from ringtrace.lake.draft import digest_of_file
from ringtrace.lake.home import Held, LocalLake, Raw
from ringtrace.lake.manifest import MANIFEST, decode_manifest

SCHEMES = ("s3", "gs", "az")
_BLOCK = 1 << 20
FETCHED = ".fetched"
_RETRIES = 3
_NO_BUCKET = "NoSuchBucket"  # S3's own word; a lake that is empty is something else
_PRUNE_EVERY_SECS = 60
_KEPT_SECS = 600  # a writer on this machine may be at a file that nobody names yet


class ObjectLake:
    """A lake in a bucket. `folder` is this machine's cache; losing it loses nothing."""

    def __init__(self, url: str, folder: Path, **options: Any) -> None:
        self.name = url
        self.folder = folder
        self._cache = LocalLake(folder)
        self._library = _load("obstore")
        self._errors = _load("obstore.exceptions")
        asked = {"retry_config": {"max_retries": _RETRIES}, **options}
        with self._said():
            self._store = _load("obstore.store").from_url(url, **asked)
        self._seen: Raw | None = None
        self._pruned_at = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def read_raw(self) -> Raw | None:
        """Asks only whether it changed since it was last read."""
        seen = self._seen
        with self._said():
            try:
                found = self._library.get(self._store, MANIFEST, options={"if_none_match": seen.tag} if seen else {})
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise self._no_bucket() from error
                return None
            except self._errors.NotModifiedError:
                return seen
            self._seen = raw = Raw(bytes(found.bytes()), found.meta["e_tag"])
        self._forget_unnamed(raw)
        return raw

    def write_raw(self, data: bytes, over: Raw | None) -> None:
        """Put only if the manifest is still `over`: two writers cannot both win."""
        with self._said(), self._bucket_named():
            try:
                put = self._library.put(self._store, MANIFEST, data, mode={"e_tag": over.tag} if over else "create")
            except (self._errors.PreconditionError, self._errors.AlreadyExistsError) as error:
                raise LakeMoved(
                    f"Another writer published to {self.name}.",
                    hint="Only one Ringtrace may publish to a lake: stop the other. This one begins anew.",
                ) from error
        self._seen = Raw(data, put["e_tag"])

    def keep(self, path: str) -> None:
        """Uploads it. An object that is there already has the same content, or its name would be another."""
        with self._said(), self._bucket_named():
            self._library.put(self._store, path, self.folder / path)

    def has(self, path: str) -> bool:
        with self._said():
            try:
                self._library.head(self._store, path)
            except FileNotFoundError:
                return False
        return True

    def local(self, paths: Sequence[str]) -> list[str]:
        """Fetches what is not in the cache yet, each file whole or not at all."""
        for path in paths:
            if not self._cache.has(path):
                self._fetch(path)
        return self._cache.local(paths)

    def held(self) -> Iterator[Held]:
        """A file that this machine has a copy of was named at least until the copy was last touched."""
        copies = {held.path: held.since_ms for held in self._cache.held()}
        with self._said():
            for found in (each for batch in self._library.list(self._store) for each in batch):
                path = str(found["path"])
                if path.endswith(".parquet"):
                    since_ms = round(found["last_modified"].timestamp() * 1000)
                    yield Held(path, int(found["size"]), max(since_ms, copies.get(path, 0)))

    def touch(self, paths: Iterable[str], now_ms: int) -> None:
        self._cache.touch(paths, now_ms)

    def remove(self, paths: Sequence[str]) -> None:
        with self._said():
            if paths:
                self._library.delete(self._store, list(paths))
        self._cache.remove(paths)

    def _fetch(self, path: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._said():
            found = self._library.get(self._store, path)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=FETCHED, delete=False) as part:
                for block in found.stream(min_chunk_size=_BLOCK):
                    part.write(block)
                part.flush()
                os.fsync(part.fileno())
        if digest_of_file(Path(part.name)) not in path:
            Path(part.name).unlink()
            raise StoreUnavailable(f"{path} came damaged from {self.name}.", hint="Run `ringtrace lake check`.")
        Path(part.name).replace(target)

    def _forget_unnamed(self, raw: Raw) -> None:
        """Takes copies out of the cache that no manifest has named for a while; looks for them once a minute."""
        if time.monotonic() - self._pruned_at < _PRUNE_EVERY_SECS:
            return
        self._pruned_at = time.monotonic()
        named = decode_manifest(raw.data).all_paths()
        until_ms = round((time.time() - _KEPT_SECS) * 1000)
        self._cache.remove(
            [held.path for held in self._cache.held() if held.since_ms <= until_ms and held.path not in named]
        )

    @contextmanager
    def _said(self) -> Iterator[None]:
        """The storage's own errors, as ours; what they say may hold an address, never a key."""
        try:
            yield
        except self._errors.BaseError as error:
            raise StoreUnavailable(
                f"{self.name} cannot be reached or does not let us in.",
                hint="Check the network, the bucket's name and the credentials.",
            ) from error

    @contextmanager
    def _bucket_named(self) -> Iterator[None]:
        """Where something is put, only the bucket itself can be missing."""
        try:
            yield
        except FileNotFoundError as error:
            raise self._no_bucket() from error

    def _no_bucket(self) -> StoreUnavailable:
        return StoreUnavailable(f"{self.name}: there is no such bucket.", hint="Make it, or name another.")


def _load(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise PartMissing(
            "A lake on object storage needs the package obstore.", hint='Install it: pip install "ringtrace[objects]".'
        ) from error
