"""Apache Spark, for data that one machine does not hold: a cluster by `spark://`, a Connect server by `sc://`.

pyspark is an optional part (`ringtrace[spark]`) and loaded when an engine is made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any

from ringtrace.core.errors import PartMissing, StoreUnavailable
from ringtrace.lake.engines.port import Columns, Files, Rows, Tables, empty_sql, values_sql

_TYPES = {
    "VARCHAR": "STRING",
    "BIGINT": "BIGINT",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "VARCHAR[]": "ARRAY<STRING>",
}
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",  # what overflows or divides by zero fails, and is not null in silence
    }
)


class SparkEngine:
    """One session. `url`: `spark://host:port`, `local[2]` or `sc://host:port`; `settings` are Spark's own.

    The files that tables name must be readable by every worker under the same path. Raises PartMissing without pyspark.
    """

    dialect = "pyspark"

    def __init__(self, url: str, settings: Mapping[str, str] = _SETTINGS, *, name: str = "ringtrace") -> None:
        builder = _sessions().builder.appName(name)
        builder = builder.remote(url) if url.startswith("sc://") else builder.master(url)
        for key, value in {**_SETTINGS, **settings}.items():
            builder = builder.config(key, value)
        self._errors = _errors()
        self._one_question = Lock()  # names of tables are the session's: one question at a time
        self.session = builder.getOrCreate()

    def ask(self, sql: str, tables: Tables) -> list[dict[str, Any]]:
        with self._over(tables):
            return [row.asDict() for row in self.session.sql(sql).collect()]

    def write(self, sql: str, tables: Tables, path: Path, columns: Columns) -> None:
        """As the port says; the folder of `path` must be the workers' too."""
        parts = path.with_name(f"{path.name}.parts")
        with self._over(tables):
            wanted = [f"CAST(`{name}` AS {_TYPES[kind]}) AS `{name}`" for name, kind in columns.items()]
            answer = self.session.sql(sql).selectExpr(*wanted).coalesce(1)
            answer.write.mode("overwrite").option("compression", "zstd").parquet(str(parts))
        [part] = parts.glob("*.parquet")
        part.replace(path)
        shutil.rmtree(parts)

    def close(self) -> None:
        self.session.stop()

    @contextmanager
    def _over(self, tables: Tables) -> Iterator[None]:
        with self._one_question:
            try:
                for name, table in tables.items():
                    self._table(table).createOrReplaceTempView(name)
                yield
            except self._errors as error:
                raise StoreUnavailable(
                    f"Spark did not answer: {str(error).splitlines()[0]}", hint="Look at its master and its workers."
                ) from error

    def _table(self, table: Files | Rows) -> Any:
        if isinstance(table, Rows):
            return self.session.sql(values_sql(table, _TYPES))
        if not table.paths:
            return self.session.sql(empty_sql(table.columns, _TYPES))
        schema = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in table.columns.items())
        return self.session.read.schema(schema).parquet(*table.paths)


def _sessions() -> Any:
    try:
        return import_module("pyspark.sql").SparkSession
    except ImportError as error:
        raise PartMissing("Spark needs the package pyspark.", hint="pip install 'ringtrace[spark]'") from error


def _errors() -> tuple[type[Exception], ...]:
    """What Spark raises: its own tree, and Java's through the bridge where there is one."""
    errors = import_module("pyspark.errors")
    return (errors.PySparkException, *_of_bridge())


def _of_bridge() -> tuple[type[Exception], ...]:
    try:
        return (import_module("py4j.protocol").Py4JError,)
    except ImportError:
        return ()
