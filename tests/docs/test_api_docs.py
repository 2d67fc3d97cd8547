"""docs/api.md says what the API is."""

from __future__ import annotations

from pathlib import Path

from ringtrace.web.api import answers
from ringtrace.web.api.door import api
from ringtrace.web.api.operations import OPERATIONS
from ringtrace.web.api.write_docs import main, written
from ringtrace.web.tokens import Scope

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/api.md").read_text()


def test_it_has_every_operation_as_it_is_declared() -> None:
    assert written(TEXT) == TEXT, "run python -m ringtrace.web.api.write_docs"
    for operation in OPERATIONS.values():
        assert f"| `{operation.method} {operation.path.replace('{path:', '{')}` |" in TEXT


def test_it_writes_the_page_again_where_it_differs(tmp_path: Path) -> None:
    page = tmp_path / "api.md"
    page.write_text("# The API\n<!-- operations -->\nout of date\n<!-- end -->\n")
    assert main([str(page)]) == 0
    assert "out of date" not in page.read_text()
    assert "| `GET /calls` |" in page.read_text()


def test_it_documents_every_field_that_is_told() -> None:
    schemas = api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Body"):
            assert [field for field in schema["properties"] if f"`{field}`" not in TEXT] == [], name


def test_it_documents_every_scope_and_every_code() -> None:
    commands = (ROOT / "docs/commands.md").read_text()
    assert [scope for scope in Scope if f"| `{scope}` |" not in TEXT] == []
    wrongs = {each.code for each in vars(answers).values() if isinstance(each, answers.Wrong)}
    assert {code for code in wrongs - {"E000"} if f"| {code} |" not in commands} == set()


def test_it_documents_every_header() -> None:
    """Of answers, in openapi.json and here."""
    said = api.get_openapi_schema(path_prefix="")["paths"]["/calls"]["get"]["responses"][200]["headers"]
    assert [name for name in said if f"| `{name}` |" not in TEXT] == []
