"""Proof that a message is what it says: keyed hashes compared in constant time, and a window of time."""

from __future__ import annotations

import hashlib
import hmac

from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.port import GENUINE, LONGEST_BODY, REPLAY_WINDOW_MS, HookMessage, Verdict

FEWEST_RANDOM = 24  # bytes; the shortest key that Standard Webhooks asks for


def hmac_sha256(key: str | bytes, text: bytes) -> bytes:
    return hmac.new(raw(key), text, hashlib.sha256).digest()


def is_same(one: str | bytes, other: str | bytes) -> bool:
    """In constant time, for texts of any kind."""
    return hmac.compare_digest(raw(one), raw(other))


def raw(text: str | bytes) -> bytes:
    """UTF-8 of any text, so that nothing a header says can raise."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def first_look(message: HookMessage, secret: str) -> Verdict | None:
    """What refuses any message before a hash is made: its size, its method, a hook without a secret. None: go on."""
    if len(message.body) > LONGEST_BODY:
        return Verdict(Refusal.TOO_LARGE, f"The body is over {LONGEST_BODY:,} bytes.")
    if message.method != "POST":
        return Verdict(Refusal.FORGED, "Webhooks are POST requests.")
    if not secret.strip():
        return Verdict(Refusal.FORGED, "This hook has no secret, so nothing can be proven.")
    return None


def said_digits(text: str) -> int | None:
    """A timestamp header's number; None for anything but a few plain digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def in_window(said_ms: int, now_ms: int) -> Verdict:
    """Genuine within five minutes either way: later is a replay, earlier a wrong clock."""
    if abs(now_ms - said_ms) <= REPLAY_WINDOW_MS:
        return GENUINE
    return Verdict(Refusal.STALE, "It was signed more than five minutes away from this machine's clock.")


def check_random(random: bytes) -> bytes:
    """Raises ValueError for too few random bytes: a programming mistake, never a person's."""
    if len(random) < FEWEST_RANDOM:
        raise ValueError(f"a secret needs at least {FEWEST_RANDOM} random bytes")
    return random
