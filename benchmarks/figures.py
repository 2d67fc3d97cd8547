"""A measured figure, beside what it is measured against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

OUT = Path(__file__).parent / "out"


class Figure(Struct, frozen=True, kw_only=True):
    """`ratio` is measured / baseline. `target` bounds the ratio; `met` is None where nothing was promised.

    `spread` is (lowest, highest) of the rounds of which `measured` is the median.
    """

    name: str
    measured: float
    unit: str
    spread: tuple[float, float] | None = None
    against: str | None = None
    baseline: float | None = None
    ratio: float | None = None
    target: str | None = None
    met: bool | None = None


Benchmark = Callable[[], list[Figure]]


def beside(
    name: str,
    measured: Sequence[float],
    unit: str,
    against: str,
    baseline: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The medians of two series of rounds; `at_least` or `at_most` is the ratio that was promised."""
    ratio = median(measured) / median(baseline)
    target, met = None, None
    if at_least is not None:
        target, met = f">= {at_least:g}", ratio >= at_least
    if at_most is not None:
        target, met = f"<= {at_most:g}", ratio <= at_most
    return Figure(
        name=name,
        measured=round(median(measured), 3),
        unit=unit,
        spread=(round(min(measured), 3), round(max(measured), 3)),
        against=against,
        baseline=round(median(baseline), 3),
        ratio=round(ratio, 3),
        target=target,
        met=met,
    )


def alone(name: str, measured: Sequence[float], unit: str) -> Figure:
    return Figure(
        name=name,
        measured=round(median(measured), 3),
        unit=unit,
        spread=(round(min(measured), 3), round(max(measured), 3)),
    )


def below(name: str, measured: Sequence[float], unit: str, bound: float) -> Figure:
    """A figure that was promised to stay under a bound."""
    figure = alone(name, measured, unit)
    return msgspec.structs.replace(figure, target=f"< {bound:g}", met=figure.measured < bound)


def median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def write(name: str, figures: Sequence[Figure]) -> Path:
    OUT.mkdir(exist_ok=True)
    path = OUT / f"{name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return path


def show(name: str, figures: Sequence[Figure]) -> None:
    table = Table(title=name, title_justify="left")
    for column in ("figure", "measured", "spread", "unit", "against", "baseline", "ratio", "target", "met"):
        table.add_column(column, justify="left" if column in ("figure", "unit", "against") else "right")
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(width=160).print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[figure.met]
    spread = f"{figure.spread[0]:,g}-{figure.spread[1]:,g}" if figure.spread else ""
    baseline = "" if figure.baseline is None else f"{figure.baseline:,g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    measured = f"{figure.measured:,g}"
    return figure.name, measured, spread, figure.unit, figure.against or "", baseline, ratio, figure.target or "", met
