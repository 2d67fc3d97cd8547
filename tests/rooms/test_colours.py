"""Readable shades of any colour: contrast by WCAG 2.2's own formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.web.colours import LEAST_CONTRAST, check_colour, contrast, dark_shades, light_shades

_COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
_LIGHT, _DARK = ("#ffffff", "#f5f6f6", "#fafbfb"), ("#111517", "#181d20", "#1d2326")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffff00", 3.72),
    ],
)
def test_it_counts_contrast_as_wcag_does(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(_COLOURS)
def test_it_makes_every_colour_readable(colour: str) -> None:
    for shades, grounds in ((light_shades(colour), _LIGHT), (dark_shades(colour), _DARK)):
        for ground in (*grounds, shades.on_accent):
            assert contrast(shades.accent, ground) >= LEAST_CONTRAST
        for ground in (shades.soft, shades.on_accent):
            assert contrast(shades.strong, ground) >= LEAST_CONTRAST


def test_it_leaves_a_readable_colour_as_it_is() -> None:
    assert light_shades("#0b706b").accent == "#0b706b"
    assert dark_shades("#4fc0b8").accent == "#4fc0b8"


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "0b706b", "#0b706b0", "#0b706b;"])
def test_it_refuses_what_is_no_colour(text: str) -> None:
    with pytest.raises(BadInput):
        check_colour(text)


def test_it_takes_none_and_capitals() -> None:
    assert check_colour(" ") == ""
    assert check_colour("#0B706B") == "#0b706b"
