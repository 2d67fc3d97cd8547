"""The snippet as pages load it: by a name that stays, and by one that says exactly which."""

from __future__ import annotations

import hashlib
from importlib import resources

from ringtrace.edge.http import Answer

_SNIPPET = resources.files("ringtrace.edge").joinpath("static/snippet.js").read_bytes()
_DIGITS = 12
_TO_ALL = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)


def _answer(keep: bytes) -> Answer:
    headers = ((b"cache-control", keep), *_TO_ALL)
    return Answer(body=_SNIPPET, content_type=b"text/javascript; charset=utf-8", headers=headers)


PINNED = f"/ringtrace-{hashlib.sha256(_SNIPPET).hexdigest()[:_DIGITS]}.js"

SNIPPETS = {"/ringtrace.js": _answer(b"public, max-age=300"), PINNED: _answer(b"public, max-age=31536000, immutable")}
