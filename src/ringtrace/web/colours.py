"""Readable shades of one colour, for light pages and for dark ones. Contrast as WCAG 2.2 defines it."""

from __future__ import annotations

import re
from typing import TypeAlias

from msgspec import Struct

from ringtrace.core.errors import BadInput

LEAST_CONTRAST = 4.5
"""AA of WCAG 2.2 for text of usual size (1.4.3)."""

_WRITTEN = re.compile(r"#[0-9a-f]{6}\Z")
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_LIGHT_GROUND, _DARK_GROUND, _DARK_CARD = (245, 246, 246), (29, 35, 38), (24, 29, 32)
_DARK_INK = (6, 16, 18)
_STEPS = 50

Rgb: TypeAlias = tuple[int, int, int]


class Shades(Struct, frozen=True, kw_only=True):
    """What links, buttons and marks are drawn in; each `#rrggbb`. `strong` is readable on `soft` too."""

    accent: str
    strong: str
    soft: str
    on_accent: str


def check_colour(text: str) -> str:
    """`#rrggbb` in lower case; "" for none. Raises BadInput."""
    said = text.strip().lower()
    if said and not _WRITTEN.match(said):
        raise BadInput(f"{text[:20]!r} is not a colour.", hint="Write it like #0b706b.")
    return said


def contrast(one: str, other: str) -> float:
    """1 to 21, of two colours `#rrggbb`."""
    return _contrast(_rgb(one), _rgb(other))


def light_shades(colour: str) -> Shades:
    """Darkened as far as it takes to be read on a light page, with white on top of it."""
    accent = _until_read(_rgb(colour), _BLACK, _LIGHT_GROUND)
    soft = _mixed(accent, _WHITE, 0.88)
    strong = _until_read(_mixed(accent, _BLACK, 0.2), _BLACK, soft)
    return Shades(accent=_text(accent), strong=_text(strong), soft=_text(soft), on_accent=_text(_WHITE))


def dark_shades(colour: str) -> Shades:
    """Lightened as far as it takes to be read on a dark page, with nearly black on top of it."""
    accent = _until_read(_rgb(colour), _WHITE, _DARK_GROUND)
    soft = _mixed(accent, _DARK_CARD, 0.82)
    strong = _until_read(_mixed(accent, _WHITE, 0.25), _WHITE, soft)
    return Shades(accent=_text(accent), strong=_text(strong), soft=_text(soft), on_accent=_text(_DARK_INK))


def css_of(colour: str) -> str:
    """The custom properties of the pages, for readers of light and of dark ones."""
    light, dark = _properties(light_shades(colour)), _properties(dark_shades(colour))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _properties(shades: Shades) -> str:
    return (
        f"--accent: {shades.accent}; --accent-strong: {shades.strong}; "
        f"--accent-soft: {shades.soft}; --on-accent: {shades.on_accent};"
    )


def _until_read(colour: Rgb, towards: Rgb, ground: Rgb) -> Rgb:
    for step in range(_STEPS + 1):
        shade = _mixed(colour, towards, step / _STEPS)
        if _contrast(shade, ground) >= LEAST_CONTRAST:
            return shade
    return towards


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _text(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
