"""Links that work once: the first run's, and the demo's."""

from __future__ import annotations

import hashlib
import secrets

from ringtrace.core.clock import DAY_MS
from ringtrace.web.models import OneTimeLink, User


def do_make_link(now_ms: int, user: User | None = None) -> str:
    """A fresh token, good for one day. `user` None: it leads to creating the first owner."""
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(token_hash=_hash(token), user=user, expires_ms=now_ms + DAY_MS)
    return token


def do_use_link(token: str, now_ms: int) -> OneTimeLink | None:
    """The link of this token if it was never used and is not too old; from now on it is used."""
    token_hash = _hash(token)
    live = OneTimeLink.objects.filter(token_hash=token_hash, used_ms=None, expires_ms__gt=now_ms)
    if live.update(used_ms=now_ms) != 1:  # the conditional update decides between two at once
        return None
    return OneTimeLink.objects.select_related("user").get(token_hash=token_hash)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
