"""A tag's name: kept as it was typed, compared without regard to case."""

from __future__ import annotations

import unicodedata

from ringtrace.core.errors import BadInput

LONGEST_TAG = 60


def is_printed(text: str) -> bool:
    """Whether it holds no control characters, line breaks or halves of characters."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text)


def check_tag(text: str) -> str:
    """A tag's name: trimmed, runs of blanks made one, NFC. Raises BadInput.

    1 to 60 characters, no control characters, no `|`, which stands between tags in a file.
    """
    if not is_printed(text) or "|" in text:
        raise BadInput(f"{text[:60]!r} is not a tag.", hint="Leave out | and line breaks.")
    tag = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(tag) <= LONGEST_TAG:
        raise BadInput(f"A tag has 1 to {LONGEST_TAG} characters; this has {len(tag)}.", hint="Shorten it.")
    return tag


def tag_key(tag: str) -> str:
    """The same for tags that differ in case alone; what a company has only one of. Takes what `check_tag` gave."""
    return unicodedata.normalize("NFC", tag.casefold())
