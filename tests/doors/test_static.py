"""Scripts, styles and pages as a browser gets them: compressed, and the same."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

import ringtrace.web
from ringtrace.web.squeezing import Squeezed

_STATIC = Path(ringtrace.web.__file__).parent / "static"
_VENDORED = sorted(_STATIC.glob("vendor/*.js"))


@pytest.mark.parametrize("script", _VENDORED, ids=lambda path: path.name)
def test_it_has_every_vendored_script_compressed(script: Path) -> None:
    squeezed = script.with_name(script.name + ".gz")
    assert squeezed.is_file(), "run tools/squeeze"
    assert gzip.decompress(squeezed.read_bytes()) == script.read_bytes(), "run tools/squeeze"


def test_it_serves_them_compressed_to_whoever_takes_it(db: None) -> None:
    answer = Client().get("/static/vendor/htmx.min.js", headers={"Accept-Encoding": "gzip"})
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert (answer["Content-Encoding"], answer["Cache-Control"]) == ("gzip", "max-age=3600, public")
    answer.close()
    assert gzip.decompress(body) == (_STATIC / "vendor/htmx.min.js").read_bytes()
    plain = Client().get("/static/vendor/htmx.min.js")
    assert "Content-Encoding" not in plain
    plain.close()


@pytest.mark.parametrize(("kind", "is_squeezed"), [("text/html", True), ("text/event-stream", False)])
def test_it_squeezes_pages_and_no_stream(kind: str, is_squeezed: bool) -> None:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
    page = HttpResponse(b"a page " * 100, content_type=kind)
    answer = Squeezed(lambda _request: page).process_response(request, page)
    assert answer.has_header("Content-Encoding") is is_squeezed


@pytest.mark.parametrize("path", ["/static/../settings.py", "/static/..%2fsettings.py", "/static/nothing.js"])
def test_it_serves_nothing_else(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404
