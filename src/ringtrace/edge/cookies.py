"""What other systems call this visitor, by their own first-party cookies: so that results can be sent back to them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MOST = 12
_LONGEST = 512
# `_ga=GA1.<domain level>[-<path depth>].<random>.<first visit>`; `_ga_<stream>=GS1.1.<session>.<count>…` or, of late,
# `GS2.1.s<session>$o…`. Source: Google Analytics help, "Cookies and user identification", and the cookies themselves.
_GA_CLIENT = re.compile(r"GA\d\.\d+(?:-\d+)?\.(\d+\.\d+)")
_GA_SESSION = re.compile(r"GS\d\.\d+\.s?(\d+)")
# `_fbp=fb.<level>.<ms>.<random>`, `_fbc=fb.<level>.<ms>.<fbclid>`. Source: Meta, "fbp and fbc parameters".
_META = re.compile(r"fb\.\d\.\d+\.\S+")


def ids_in(cookies: Iterable[str]) -> dict[str, str]:
    """`ga_client`, `ga_session`, `fbp`, `fbc` where they can be read out of `name=value` texts."""
    found: dict[str, str] = {}
    for cookie in list(cookies)[:_MOST]:
        name, _, value = cookie[:_LONGEST].partition("=")
        if name == "_ga":
            _put(found, "ga_client", _GA_CLIENT.fullmatch(value), 1)
        elif name.startswith("_ga_"):
            _put(found, "ga_session", _GA_SESSION.match(value), 1)
        elif name in ("_fbp", "_fbc"):
            _put(found, name[1:], _META.fullmatch(value), 0)
    return found


def _put(found: dict[str, str], name: str, match: re.Match[str] | None, group: int) -> None:
    """The first of several is kept."""
    if match is not None:
        found.setdefault(name, match[group])
