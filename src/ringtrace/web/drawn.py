"""Small pictures made of numbers on the server: a page that shows them needs no script.

Paths are for an SVG that is stretched over its box (`preserveAspectRatio="none"`), so they have no text in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

WIDE, HIGH = 100.0, 24.0
_GAP = 0.28  # of a bar's place
_NICE = (1, 2, 2.5, 5, 10)


def spark(values: Sequence[float | None]) -> str:
    """The path of a line over its days, broken where a value is unknown; "" where there is no line to draw."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    least, most = min(0.0, *known), max(known)
    step, scale = WIDE / (len(values) - 1), (HIGH - 2) / ((most - least) or 1)
    said: list[str] = []
    for nth, value in enumerate(values):
        if value is None:
            continue
        is_first = nth == 0 or values[nth - 1] is None
        said.append(f"{'M' if is_first else 'L'}{_short(nth * step)} {_short(HIGH - 1 - (value - least) * scale)}")
    return "".join(said)


class Stack(Struct, frozen=True, kw_only=True):
    """Stacked bars: a `path` a series, in the order given; `top`: what the height of the box stands for."""

    paths: tuple[str, ...]
    top: float
    width: int
    height: int = 100


_PLACE = 10


def stacked(series: Sequence[Sequence[float]]) -> Stack:
    """Bars of a place each, one series on top of the other; all have the same number of values."""
    length = len(series[0]) if series else 0
    sums = [list(accumulate((values[nth] for values in series), initial=0.0)) for nth in range(length)]
    top = nice_above(max((line[-1] for line in sums), default=0.0))
    paths = tuple("".join(_bars(values, [line[row] for line in sums], top)) for row, values in enumerate(series))
    return Stack(paths=paths, top=top, width=max(length, 1) * _PLACE)


def _bars(values: Sequence[float], below: Sequence[float], top: float) -> Iterator[str]:
    wide = _short(_PLACE * (1 - _GAP))
    for nth, (value, base) in enumerate(zip(values, below, strict=True)):
        high = 100 * value / top
        if high >= 0.05:
            left, y = _short((nth + _GAP / 2) * _PLACE), _short(100 - 100 * (base + value) / top)
            yield f"M{left} {y}h{wide}v{_short(high)}h-{wide}z"


def nice_above(value: float) -> float:
    """The least of 1, 2, 2.5, 5 times a power of ten that is not below."""
    if value <= 1:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1)
    return next(step * power for step in _NICE if step * power >= value)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
