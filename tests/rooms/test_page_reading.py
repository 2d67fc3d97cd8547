"""Pages that were made to be hard to read. A clock that stands still lets work that grows by squares take minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.web import page_reading
from ringtrace.web.page_reading import MOST_READ, Page, read_page

TAG = '<script async src="https://edge.example/ringtrace.js" data-site="st_1"></script>'
_LONG = 120_000
CALL = "<p>Call (310) 555-0199</p>"


def _still() -> float:
    return 0.0


def _read(html: str) -> Page:
    return read_page(html, "US", clock=_still)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "<a ",
            '<a x="',
            "<a x='",
            "</a ",
            "</",
            "<!--",
            "<?",
            "<![CDATA[",
            "<!doctype ",
            "<!x",
            "<",
            "&",
            "&#",
            "&am",
        ),
        *("<script>", "</script ", "<b>", "<p>1</p>", "<template><script>x</script>", "<!--<script>-->", "<textarea>"),
        *(
            "<a href='tel:+13105550199'>",
            "(310) 555-0199 ",
            "310.555.0199, ",
            "1 ",
            "(1) ",
            "1-2.3/",
            '="data:',
            "<![x[",
        ),
    ],
)
def test_it_reads_what_is_made_of_one_part_over_and_over(part: str) -> None:
    page = _read(TAG + CALL + part * (_LONG // len(part)))
    assert page.tags[0].get("data-site") == "st_1"
    assert "+13105550199" in {one.e164 for one in page.printed}


def test_it_reads_what_opens_much_and_closes_another() -> None:
    assert _read("<b>" * 20_000 + "</i>" * 20_000 + CALL).printed[0].e164 == "+13105550199"
    assert _read("<a " * 20_000).printed == ()


def test_its_work_grows_with_the_depth_and_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def inner(reader: page_reading._Reader) -> page_reading._Open:
        nonlocal looked
        looked += 1
        return reader._open[-1] if reader._open else page_reading._NOTHING_OPEN

    monkeypatch.setattr(page_reading._Reader, "_inner", property(inner))
    _read("<b>x" * 5_000 + "</i>" * 5_000 + "</b>" * 5_000)
    assert looked < 30_000


def test_what_is_hidden_stays_so_however_deep() -> None:
    page = _read("<template>" + "<div>" * 2_000 + CALL + TAG + "</div>" * 2_000 + "</template>" + TAG)
    assert page.printed == ()
    assert [tag.where for tag in page.tags] == ["template", ""]
    kept = _read('<div class="noswap">' + "<p>" * 2_000 + CALL + "</div>").printed[0]
    assert kept.is_kept


def test_a_tag_without_an_end_is_left_out_and_the_rest_is_read() -> None:
    page = _read(f'{TAG}<a title="{"x " * 40_000}{CALL}')
    assert len(page.tags) == 1
    long = _read(f'<img src="data:image/png;base64,{"A1b2" * 50_000}" alt="">{CALL}{TAG}')
    assert (len(long.tags), long.printed[0].e164) == (1, "+13105550199")
    script = _read(f"<script>{'x = 1; ' * 20_000}</script><!-- {'y ' * 40_000}{TAG}-->{CALL}{TAG}")
    assert [tag.where for tag in script.tags[1:]] == ["", "comment"]
    assert script.printed[0].e164 == "+13105550199"


def test_it_reads_half_a_million_characters_and_says_that_there_were_more() -> None:
    assert not _read(CALL.ljust(MOST_READ)).is_cut
    page = _read(" ".ljust(MOST_READ) + CALL)
    assert page.is_cut
    assert page.printed == ()


def test_a_number_is_cut_by_no_piece() -> None:
    for before in range(page_reading._TEXT_PIECE - 40, page_reading._TEXT_PIECE + 5):
        text = ("word " * before)[:before]
        assert [one.e164 for one in _read(f"<p>{text} (310) 555-0199 is ours</p>").printed] == ["+13105550199"]


@pytest.mark.parametrize("page", ["<p>" * MOST_READ, "<!--<script>-->" * 5_000, "call 310-555-0199 " * 20_000])
def test_it_gives_up_when_it_took_too_long(page: str) -> None:
    def ticking() -> Iterator[float]:
        yield from (nth * 0.1 for nth in range(10**6))

    clock = ticking()
    with pytest.raises(BadInput, match="too tangled to read"):
        read_page(page, "US", clock=lambda: next(clock))
