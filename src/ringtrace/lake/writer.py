"""Publishes to the lake: files first, then one manifest that names them; and sweeps what nobody names any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from ringtrace.lake.draft import PART, STAGED, THREADS, Draft, Facts
from ringtrace.lake.home import Held, LakeHome, Raw, as_home
from ringtrace.lake.manifest import Manifest, decode_head, decode_manifest
from ringtrace.lake.schemas import FACTS, SCHEMA

UNREAD_AFTER_SECS = 600


class LakeWriter:
    """The one writer of a lake. Not for two processes at once: the worker's lock on the data directory sees to that,
    and object storage takes no manifest that was made from another than the last."""

    def __init__(self, lake: LakeHome | Path, *, unread_after_secs: float = UNREAD_AFTER_SECS) -> None:
        self.home = as_home(lake)
        self.unread_after_secs = unread_after_secs
        self.home.folder.mkdir(parents=True, exist_ok=True)
        spill = str(self.home.folder / ".spill")  # what is larger than memory
        self._engine = duckdb.connect(":memory:", config={"threads": THREADS, "temp_directory": spill})

    def published(self) -> Manifest:
        """What is published now; empty where nothing is, or only by an older schema, which nobody reads any more."""
        return _manifest(self.home.read_raw())

    def months_of_older_schema(self) -> set[tuple[str, str]]:
        """Each (company_id, month) that a lake of an older schema has; empty where the lake is of ours."""
        raw = self.home.read_raw()
        head = decode_head(raw.data) if raw is not None else None
        if head is None or head.schema >= SCHEMA:
            return set()
        return {(company, month) for of in head.files.values() for company, months in of.items() for month in months}

    def draft(self, *, definitions: str = "", repair: bool = False) -> Draft:
        """Begins the next state from the one that is published."""
        over = self.home.read_raw()
        return Draft(self.home, self._engine, _manifest(over), over, definitions=definitions, repair=repair)

    def commit(self, draft: Draft, now_ms: int) -> Manifest:
        """Makes a draft what readers see. Raises LakeMoved, StoreUnavailable or OSError; then nothing changed."""
        named = {entry.path for of in draft.files.values() for months in of.values() for entry in months.values()}
        self.home.touch(draft.old.all_paths() - named, now_ms)
        return draft.commit()

    def publish(self, months: Mapping[tuple[str, str], Facts], now_ms: int, *, definitions: str = "") -> Manifest:
        """Replaces each (company_id, month) by its facts, all in one new manifest; returns that.

        A fact without rows leaves no file. Raises StoreUnavailable or OSError when the disk does not take it; then
        nothing changed.
        """
        draft = self.draft(definitions=definitions)
        for (company_id, month), facts in months.items():
            for fact in FACTS:
                draft.put_rows(fact, company_id, month, facts.get(fact, ()))
        return self.commit(draft, now_ms)

    def sweep(self, now_ms: int, *, at_once: Collection[str] = ()) -> list[Held]:
        """Removes files that no manifest has named for ten minutes, so that no reader is still at them; which.

        Of companies in `at_once` all that no manifest names goes now: somebody was erased. A reader that was at them
        is told to ask again.
        """
        named = self.published().all_paths()
        unnamed = [held for held in self.home.held() if held.path not in named]
        until_ms = now_ms - round(self.unread_after_secs * 1000)
        stale = [held for held in unnamed if held.since_ms <= until_ms or _company_of(held.path) in at_once]
        self.home.remove([held.path for held in stale])
        self._sweep_unfinished(now_ms if at_once else until_ms)
        return stale

    def _sweep_unfinished(self, until_ms: int) -> None:
        """What a killed writer was at; nobody else writes while this one sweeps."""
        for path in self.home.folder.iterdir():
            if path.suffix in (PART, STAGED) and path.stat().st_mtime_ns // 1_000_000 <= until_ms:
                path.unlink()

    def close(self) -> None:
        self._engine.close()


def _company_of(path: str) -> str:
    """`fact/company/month-digest.parquet`; "" for what lies elsewhere."""
    return path.split("/")[1] if path.count("/") == 2 else ""


def _manifest(raw: Raw | None) -> Manifest:
    if raw is None:
        return Manifest()
    head = decode_head(raw.data)
    return Manifest(version=head.version) if head.schema < SCHEMA else decode_manifest(raw.data)
