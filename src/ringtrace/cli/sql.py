"""`ringtrace sql MODEL --dialect bigquery`: a model as SQL, for teams with a warehouse of their own."""

from __future__ import annotations

import argparse
from importlib import import_module

_DIALECTS = ("duckdb", "bigquery", "snowflake", "databricks", "clickhouse", "trino", "postgres", "pyspark")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="such as linear, time_decay, markov")
    parser.add_argument("--dialect", choices=_DIALECTS, default="duckdb", help="whose SQL (duckdb)")
    parser.add_argument(
        "--lookback-days", type=int, metavar="N", help="leave out touches longer before the journey's last (all count)"
    )


def run(options: argparse.Namespace) -> int:
    printed = import_module("ringtrace.lake.definitions.printed")  # loads Ibis, which no other command waits for
    print(printed.sql_text(options.model, options.dialect, options.lookback_days), end="")
    return 0
