"""Asks the lake: DuckDB over exactly the files that one manifest names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import local
from typing import Any, TypeVar

import duckdb

from ringtrace.core.errors import BadInput, LakeMoved, StoreUnavailable
from ringtrace.lake.draft import table_of
from ringtrace.lake.home import LakeHome, as_home, read_manifest
from ringtrace.lake.schemas import MODEL_COLUMNS

_TRIES = 5
_of_thread = local()
Answer = TypeVar("Answer")


class LakeReader:
    """One state of the lake, for one company. `data_version` names it; every question asks that same state."""

    def __init__(self, lake: LakeHome | Path, company_id: str) -> None:
        self._home = as_home(lake)
        self._company_id = company_id
        self._manifest = read_manifest(self._home)

    @property
    def data_version(self) -> str:
        return self._manifest.data_version

    @property
    def definitions(self) -> str:
        """The version of the definitions by which journeys and credit were made."""
        return self._manifest.definitions

    def ask(
        self,
        sql: str,
        values: Mapping[str, object],
        *,
        months: frozenset[str] | None = None,
        facts: Sequence[str] = (),
        model: str | None = None,
    ) -> list[dict[str, Any]]:
        """Rows of `sql`, where `{touchpoints}`, `{calls}`, … stand for the facts named in `facts`, of `months` only,
        and `{credit}` for the column of `model` in `credits`.

        Raises BadInput for a model that the lake has no column of, and LakeMoved when this state is gone: somebody was
        erased from it. `read_steadily` asks again by itself.
        """
        column = {} if model is None else {"credit": credit_column(model)}
        try:
            tables = {fact: self.table(fact, months) for fact in facts}
            answer = _engine().execute(sql.format(**tables, **column), dict(values))
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        except (duckdb.IOException, FileNotFoundError) as error:
            raise self._why_gone() from error

    def table(self, fact: str, months: frozenset[str] | None = None) -> str:
        """The rows of a fact, of some months or of all, as something for DuckDB to select from."""
        return table_of(fact, self.files(fact, months))

    def files(self, fact: str, months: frozenset[str] | None = None) -> list[str]:
        """The files of a fact on this machine's disk. Raises FileNotFoundError for one that is gone."""
        return self._home.local(self._manifest.relatives(fact, self._company_id, months))

    def _why_gone(self) -> StoreUnavailable:
        if read_manifest(self._home).data_version != self.data_version:
            return LakeMoved("The lake was published anew meanwhile.", hint="Ask again.")
        return StoreUnavailable(
            "A file of the lake cannot be read.", hint="Run `ringtrace lake check`: it says which, and what to do."
        )


def credit_column(model: str) -> str:
    """The column of `credits` that has a model's shares, for SQL. Raises BadInput."""
    if model not in MODEL_COLUMNS:
        raise BadInput(f"The lake keeps no credit by {model!r}.", hint=f"Choose one of {', '.join(MODEL_COLUMNS)}.")
    return f'"{model}"'


def read_steadily(lake: LakeHome | Path, company_id: str, question: Callable[[LakeReader], Answer]) -> Answer:
    """The answer to a question that asks several times, all from one state of the lake.

    Where that state is taken away in the middle, it is asked anew from the newest. Raises StoreUnavailable.
    """
    for _ in range(_TRIES - 1):
        try:
            return question(LakeReader(lake, company_id))
        except LakeMoved:
            continue
    return question(LakeReader(lake, company_id))


def _engine() -> duckdb.DuckDBPyConnection:
    """One in-memory DuckDB a thread: files are read where they lie, nothing is kept."""
    if not hasattr(_of_thread, "engine"):
        _of_thread.engine = duckdb.connect(":memory:", config={"threads": 2})
    engine: duckdb.DuckDBPyConnection = _of_thread.engine
    return engine
