"""Opens a lake by where it is: a folder by default, or what `RINGTRACE_LAKE` names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ringtrace.core.errors import BadInput
from ringtrace.lake.home import LakeHome, LocalLake
from ringtrace.lake.objects import SCHEMES, ObjectLake

VARIABLE = "RINGTRACE_LAKE"


@lru_cache(maxsize=8)
def open_lake(url: str, folder: Path) -> LakeHome:
    """The lake at `url`: "" is `folder` itself; `file:///path` another folder; `s3://bucket/prefix` (or `gs://`,
    `az://`) object storage, with `folder` as the cache of its files. Raises BadInput, PartMissing."""
    if not url:
        return LocalLake(folder)
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path not in ("", "/"):
        return LocalLake(Path(unquote(parts.path)))
    if parts.scheme in SCHEMES and parts.netloc:
        return ObjectLake(url.rstrip("/"), folder)
    raise BadInput(
        f"{VARIABLE} does not name a lake.", hint="Write it like s3://bucket/prefix or file:///srv/ringtrace/lake."
    )
