"""Idempotency-Key: what was answered to a request is kept for a day, and the same request again is answered so.

A key is claimed first. What the request does and its answer are then written in one transaction, and only while the
claim is still its own: whatever breaks down in between, it was done once or not at all. A claim that nobody finishes is
open to the next after a minute. Answers rest sealed: they may hold callers, or a secret that is shown once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse

from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.core.errors import BadInput
from ringtrace.web.api.answers import JSON, OTHER_REQUEST, UNDER_WAY, refusal
from ringtrace.web.api.bearing import ApiRequest
from ringtrace.web.api.refusing import refusal_of
from ringtrace.web.models import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST_KEY = 255
KEPT_MS = DAY_MS
CLAIM_MS = MINUTE_MS
_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}\Z")
_FORGOTTEN_AT_ONCE = 50
_LEAST_BROKEN = 500


class _Overtaken(Exception):
    """The claim was given to another: it took longer than a minute."""


def answered_once(request: ApiRequest, key: str, run: Callable[[], HttpResponse], now_ms: int) -> HttpResponse:
    """Does what `run` does once for this key, and answers the same again. Raises BadInput for a key that is none."""
    if not _KEY.match(key):
        raise BadInput(f"{HEADER} is no key.", hint=f"1 to {LONGEST_KEY} visible characters, such as a UUID.")
    key_hash, asked_hash = _hash(request.auth.key, key), _asked(request)
    kept = _claim(key_hash, asked_hash, now_ms)
    if kept is not None:
        return _again(kept, asked_hash)
    try:
        with transaction.atomic():
            response = _run(request, run)
            if not _keep(key_hash, now_ms, response):
                raise _Overtaken
    except _Overtaken:
        return refusal(UNDER_WAY, 409)
    except BaseException:
        KeptAnswer.objects.filter(pk=key_hash, status=None, made_ms=now_ms).delete()
        raise
    return response


def _run(request: ApiRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """A refusal is an answer too; what breaks down is none."""
    try:
        return run()
    except Exception as error:
        refused = refusal_of(request, error)
        if refused is None or refused.status_code >= _LEAST_BROKEN:
            raise
        return refused


def _claim(key_hash: str, asked_hash: str, now_ms: int) -> KeptAnswer | None:
    """None: the key is ours. Else what is kept of it, or under way."""
    fresh = {"asked_hash": asked_hash, "status": None, "body": None, "made_ms": now_ms}
    _forget(now_ms)
    try:
        with transaction.atomic():
            KeptAnswer.objects.create(key_hash=key_hash, **fresh)
    except IntegrityError:
        pass
    else:
        return None
    kept = KeptAnswer.objects.filter(pk=key_hash).first()
    if kept is None:  # let go of in this moment
        return KeptAnswer(key_hash=key_hash, **fresh)
    ends_ms = kept.made_ms + (CLAIM_MS if kept.status is None else KEPT_MS)
    if ends_ms > now_ms:
        return kept
    is_ours = KeptAnswer.objects.filter(pk=key_hash, made_ms=kept.made_ms, status=kept.status).update(**fresh)
    return None if is_ours else KeptAnswer(key_hash=key_hash, **fresh)


def _keep(key_hash: str, claimed_ms: int, response: HttpResponse) -> bool:
    sealed = settings.KEYS.seal(response.content.decode(), _purpose(key_hash))
    claim = KeptAnswer.objects.filter(pk=key_hash, status=None, made_ms=claimed_ms)
    return bool(claim.update(status=response.status_code, body=sealed.encode()))


def _again(kept: KeptAnswer, asked_hash: str) -> HttpResponse:
    if kept.asked_hash != asked_hash:
        return refusal(OTHER_REQUEST, 422)
    if kept.status is None or kept.body is None:
        return refusal(UNDER_WAY, 409, {"Retry-After": "1"})
    body = settings.KEYS.unseal(bytes(kept.body).decode(), _purpose(kept.key_hash))
    return HttpResponse(body, status=kept.status, content_type=JSON, headers={REPLAYED: "true"})


def _forget(now_ms: int) -> None:
    """A few of those whose day is over: each keyed request tidies more than it leaves."""
    over = KeptAnswer.objects.filter(made_ms__lt=now_ms - KEPT_MS).values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE]
    keys = list(over)
    if keys:
        KeptAnswer.objects.filter(pk__in=keys).delete()


def _asked(request: ApiRequest) -> str:
    return _hash(request.method or "", request.get_full_path(), request.body)


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _purpose(key_hash: str) -> str:
    return f"kept-answer:{key_hash}"
