"""Asks the lake: DuckDB over exactly the files that one manifest names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import local
from typing import Any

import duckdb

from ringtrace.lake.manifest import read_manifest
from ringtrace.lake.schemas import columns

_of_thread = local()


class LakeReader:
    """One state of the lake, for one company. `data_version` names it; every question asks that same state."""

    def __init__(self, lake_dir: Path, company_id: str) -> None:
        self._dir = lake_dir
        self._company_id = company_id
        self._manifest = read_manifest(lake_dir)

    @property
    def data_version(self) -> str:
        return self._manifest.data_version

    def ask(
        self,
        sql: str,
        values: Mapping[str, object],
        *,
        months: frozenset[str] | None = None,
        facts: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Rows of `sql`, where `{touchpoints}`, `{calls}`, … stand for the facts named in `facts`, of `months` only."""
        tables = {fact: self._table(fact, months) for fact in facts}
        answer = _engine().execute(sql.format(**tables), dict(values))
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _table(self, fact: str, months: frozenset[str] | None) -> str:
        paths = self._manifest.paths(self._dir, fact, self._company_id, months)
        if not paths:
            empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns(fact).items())
            return f"(SELECT {empty} WHERE false)"
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        return f"read_parquet([{quoted}])"


def _engine() -> duckdb.DuckDBPyConnection:
    """One in-memory DuckDB a thread: files are read where they lie, nothing is kept."""
    if not hasattr(_of_thread, "engine"):
        _of_thread.engine = duckdb.connect(":memory:", config={"threads": 2})
    engine: duckdb.DuckDBPyConnection = _of_thread.engine
    return engine
