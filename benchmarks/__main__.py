"""`python -m benchmarks [NAME ...]`: runs them, prints tables, writes benchmarks/out/<name>.json."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from benchmarks import credit, dashboard, definitions, edge, imports, pages, postgres, scale, sources
from benchmarks.figures import Benchmark, show, write
from ringtrace.core.errors import RingtraceError

BENCHMARKS: Mapping[str, Benchmark] = {
    "credit": credit.run,
    "dashboard": dashboard.run,
    "definitions": definitions.run,
    "edge": edge.run,
    "imports": imports.run,
    "pages": pages.run,
    "postgres": postgres.run,
    "scale": scale.run,
    "sources": sources.run,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {' or '.join(unknown)}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or list(BENCHMARKS):
        try:
            figures = BENCHMARKS[name]()
        except RingtraceError as error:
            print(error, file=sys.stderr)
            return 1
        show(name, figures)
        print(f"written to {write(name, figures)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
