"""What pages post to the edge, and what it answers."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ringtrace.core.consent import Said
from ringtrace.core.ids import is_token
from ringtrace.core.refusals import Refusal

_LONGEST_URL = 8_192
_LONGEST_TEXT = 256
_MOST_NUMBERS = 40
_HASH_LETTERS = 64
_DIGITS = frozenset("0123456789abcdef")


class PagePost(Struct, frozen=True, kw_only=True):
    """A post of the snippet, or of a site's own server. `visit` and `visitor` are the browser's tokens; `new`: it
    believes the visit starts here, which the store knows better. `numbers` None: the sender does not say what its page
    prints. `gcm` are Consent Mode's signals, `ck` cookies of other systems as they are, `tz` the browser's time zone.
    """

    v: int
    site: str
    url: str = ""
    referrer: str = ""
    visitor: str | None = None
    visit: str | None = None
    numbers: tuple[str, ...] | None = None
    number: str | None = None
    gpc: bool = False
    consent: Said = "unset"
    gcm: dict[str, str] = {}
    tcf: str | None = None
    new: bool = False
    ck: tuple[str, ...] = ()
    tz: str = ""
    form: str = ""
    phone: str | None = None
    email: str | None = None
    user_agent: str = ""  # these three are said by a site's own server, for its visitor
    ip: str = ""
    region: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it is of the format that is spoken here, and within its bounds."""
        return (
            self.v == 1
            and (self.visitor is None or is_token(self.visitor))
            and (self.visit is None or is_token(self.visit))
            and len(self.url) <= _LONGEST_URL
            and len(self.referrer) <= _LONGEST_URL
            and (self.numbers is None or len(self.numbers) <= _MOST_NUMBERS)
            and len(self.form) <= _LONGEST_TEXT
        )

    @property
    def names_a_person(self) -> bool:
        """Whether there is a hash, and each is a SHA-256 in lower-case hexadecimal."""
        hashes = [text for text in (self.phone, self.email) if text is not None]
        return bool(hashes) and all(len(text) == _HASH_LETTERS and _DIGITS.issuperset(text) for text in hashes)


class Swap(Struct, frozen=True):
    """Show `number` where `target` is printed; `cc` is the target's country calling code."""

    target: str
    cc: str
    number: str


class PageAnswer(Struct, frozen=True, kw_only=True):
    """What to show, and which tokens to keep: `visit` may be longer than what was sent. None: keep nothing.

    `gpc`: Global Privacy Control was seen and honoured.
    """

    visitor: str | None = None
    visit: str | None = None
    beat_secs: int = 60
    swaps: tuple[Swap, ...] = ()
    held: bool = False
    reason: str | None = None
    gpc: bool | UnsetType = UNSET


_decode = msgspec.json.Decoder(PagePost).decode


def read_post(body: bytes) -> PagePost | Refusal:
    try:
        post = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal.UNREADABLE
    return post if post.is_sound else Refusal.UNREADABLE
