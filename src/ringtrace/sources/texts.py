"""Text out of links: percent-encodings undone, also broken and doubled ones, and nothing left that a store refuses."""

from __future__ import annotations

import re
from unicodedata import normalize
from urllib.parse import unquote_to_bytes

LONGEST_TEXT = 256
LONGEST_CLICK_ID = 1_024

_LONGEST_RAW = 12 * LONGEST_TEXT  # a character takes at most four escaped bytes
# Controls, surrogates without a partner, byte order marks and what turns the direction of text. The joiners stay:
# Persian, Hindi and many emoji are misspelt without them.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BREAK = re.compile("[\t\n\r\u2028\u2029]+")
_DOUBLED = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
_NEEDLESS = re.compile(r"%(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])")  # a letter or digit: nothing escapes those
# A byte that is no UTF-8 is read as Windows' Latin letter, as browsers read pages that do not say.
_LATIN = {0xDC00 + byte: bytes((byte,)).decode("cp1252", "ignore") for byte in range(0x80, 0x100)}


def text_of(raw: str, *, plus: bool = True) -> str:
    """A value as a person would write it: at most 256 characters, printable, storable as UTF-8.

    `plus`: a plus sign is a space, as in queries and forms. Escapes that were escaped again are undone too.
    """
    if plus and "+" in raw:
        raw = raw.replace("+", " ")
    if "%" in raw:
        raw = _unescaped(fit(raw[:_LONGEST_RAW]))
    return clean(raw)


def clean(text: str) -> str:
    """A text that is not escaped, made fit to keep: line breaks are spaces, accents are part of their letters."""
    if not (text.isascii() and text.isprintable()):
        text = normalize("NFC", fit(_BREAK.sub(" ", text[:_LONGEST_RAW])))
    return text.strip()[:LONGEST_TEXT].rstrip()


def click_id_of(raw: str) -> str:
    """A click id exactly as its maker wrote it, case and plus signs too: only escapes are undone, once."""
    if "%" in raw:
        raw = _decoded(fit(raw))
    return raw if raw.isprintable() else fit(raw)


def fit(text: str) -> str:
    """Without what a store refuses or a reader cannot see."""
    return text if text.isprintable() else _UNFIT.sub("", text)


def _unescaped(raw: str) -> str:
    if "%25" in raw and raw.count("%") == len(_DOUBLED.findall(raw)):
        once = _DOUBLED.sub("%", raw)
        twice = _decoded(once)
        if _NEEDLESS.search(once) is None and twice.isprintable() and _is_utf8(once):
            return twice
    return _decoded(raw)


def _decoded(raw: str) -> str:
    text = unquote_to_bytes(raw).decode("utf-8", "surrogateescape")
    return text.translate(_LATIN) if not text.isprintable() else text


def _is_utf8(raw: str) -> bool:
    try:
        unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
