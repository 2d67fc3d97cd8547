"""The script tag that a site pastes into its pages."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from django.conf import settings
from msgspec import Struct

from ringtrace.web.models import Site


class Snippet(Struct, frozen=True, kw_only=True):
    """The built snippet: the path that always leads to this very file, and what browsers check it by (W3C SRI)."""

    pinned_path: str
    integrity: str


@lru_cache(maxsize=1)
def snippet() -> Snippet:
    body = files("ringtrace").joinpath("edge", "static", "snippet.js").read_bytes()
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return Snippet(
        pinned_path=f"/ringtrace-{hashlib.sha256(body).hexdigest()[:12]}.js",
        integrity=f"sha384-{digest}",
    )


def script_tag(site: Site) -> str:
    """Always the newest snippet that this server has."""
    return f'<script async src="{settings.EDGE_URL}/ringtrace.js" data-site="{site.key}"></script>'


def pinned_tag(site: Site) -> str:
    """This snippet and no other: the browser refuses a file that was altered on its way."""
    return (
        f'<script async src="{settings.EDGE_URL}{snippet().pinned_path}" data-site="{site.key}"\n'
        f'  integrity="{snippet().integrity}" crossorigin="anonymous"></script>'
    )


def server_example(site: Site, key: str = "") -> str:
    """How the site's own server asks for the numbers of a page that it renders. `key` "": a place is left for it."""
    return (
        f"curl {settings.EDGE_URL}/v1/server/visit \\\n"
        f"  -H 'Authorization: Bearer {key or 'YOUR-SERVER-KEY'}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f'  -d \'{{"v": 1, "site": "{site.key}",\n'
        f'       "url": "{site.origins[0]}/", "referrer": "",\n'
        '       "user_agent": "…", "ip": "…"}\''
    )
