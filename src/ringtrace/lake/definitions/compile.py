"""`python -m ringtrace.lake.definitions.compile`: writes the SQL that is shipped, anew."""

from __future__ import annotations

from pathlib import Path

from ringtrace.lake.definitions.compiled import sql_of
from ringtrace.lake.definitions.shipped import SHIPPED

FOLDER = Path(__file__).parent / "duckdb"


def texts() -> dict[str, str]:
    """Each file's name and what it must hold."""
    return {f"{name}.sql": sql_of(name, "duckdb") for name in SHIPPED}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    wanted = texts()
    for old in set(FOLDER.glob("*.sql")) - {FOLDER / name for name in wanted}:
        old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
