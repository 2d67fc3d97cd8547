"""The landing pages: figures of explore, a rate, the best channel, search, order, and where each line leads."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS
from tests.doors.cast import Cast
from tests.doors.metric_days import publish_facts
from tests.rooms.journey_lakes import DIRECT, MAIL, PAID, Seen, call, journey
from tests.rooms.metric_lakes import DAY, google, visit

SPAN = f"since={DAY}&until={DAY}&model=first_touch"


@pytest.fixture
def day(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    """Four visits to /leaks and two to /spring; two and a half calls of them, and a printed number's."""
    pages = ["/leaks"] * 4 + ["/spring"] * 2
    visits = [msgspec.structs.replace(visit(f"v{nth}", google()), landing_page=one) for nth, one in enumerate(pages)]
    rows = [
        *call("A", journey(1.0, Seen(PAID, 1, "/leaks")), sales=1, sale_cents=12_000, is_first_call=True),
        *call("B", journey(0.5, Seen(MAIL, 2, "/leaks"))),
        *call("C", journey(1.0, Seen(MAIL, 3, "/spring"), Seen(DIRECT, 1, "/"))),
        *call("D", journey(1.0, Seen("Offline", 0)), status="missed"),
    ]
    publish_facts(cast, settings, tmp_path / "lake", {"credits": rows, "touchpoints": visits})


def _text(cast: Cast, address: str) -> str:
    answer = cast.alice.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def _words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def _rows(page: str) -> dict[str, list[str]]:
    found = re.search(r'<table class="table keeps-first landing-table">(.*?)</table>', page, re.DOTALL)
    assert found is not None
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    told = [[_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]
    return {row[0]: row[1:] for row in told[1:]}


def test_each_page_has_what_came_of_it(cast: Cast, day: None) -> None:
    rows = _rows(_text(cast, f"/landing-pages/?{SPAN}"))
    plain = {path: [cell.split(" was")[0] for cell in row] for path, row in rows.items()}
    assert plain["/leaks"][:6] == ["4", "1.5", "37.5 %", "1.5", "1", "1"]
    assert plain["/leaks"][6] == "$120"
    assert plain["/leaks"][7].startswith(f"{PAID} 67 %")
    assert plain["/spring"][:3] == ["2", "1", "50.0 %"]
    assert list(rows)[-2:] == ["No page known", "Total"]
    assert plain["Total"][:3] == ["6", "4", "41.7 %"]


def test_it_follows_the_model_that_is_chosen(cast: Cast, day: None) -> None:
    last = _rows(_text(cast, f"/landing-pages/?{SPAN.replace('first_touch', 'last_touch')}"))
    assert last["/"][1].split()[0] == "1"
    assert last["/spring"][1].split()[0] == "0"


def test_it_finds_pages_and_says_so_where_there_are_none(cast: Cast, day: None) -> None:
    assert set(_rows(_text(cast, f"/landing-pages/?{SPAN}&find=LEAK"))) == {"/leaks", "Total"}
    nowhere = _text(cast, f"/landing-pages/?{SPAN}&find=nowhere")
    assert "No landing page of these days has “nowhere” in its path." in nowhere


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("-calls", "/leaks"),
        ("landing_page", "/leaks"),
        ("-landing_page", "/spring"),
        ("-call_rate", "/spring"),
        ("-visits", "/leaks"),
        ("odd", "/leaks"),
    ],
)
def test_it_sorts_by_a_column_and_keeps_what_is_unknown_last(cast: Cast, day: None, order: str, first: str) -> None:
    page = _text(cast, f"/landing-pages/?{SPAN}&order={order}")
    paths = list(_rows(page))
    assert paths[0] == first
    assert paths[-2:] == ["No page known", "Total"]
    assert page.count("aria-sort=") == 1


def test_a_line_leads_to_the_explorer_and_to_its_calls(cast: Cast, day: None) -> None:
    page = _text(cast, f"/landing-pages/?{SPAN}")
    links = re.findall(r'href="([^"]+)"', page)
    explorer = next(url for url in links if url.startswith("/metrics/?") and "filter=landing_page:/leaks" in url)
    assert "Landing page is /leaks" in _text(cast, explorer)
    assert any(url.startswith("/calls/?") and "landing_page=/leaks" in url for url in links)
    why = next(url for url in links if url.startswith("/metrics/why/") and "metric=calls" in url)
    assert cast.alice.get(why).status_code == 200
    csv = next(url for url in links if "/download/landing_pages.csv" in url)
    answer: Any = cast.alice.get(csv)
    assert answer["Content-Type"].startswith("text/csv")
    assert "/spring" in b"".join(answer).decode()


def test_it_compares_with_nothing_before_the_data_begin(cast: Cast, day: None) -> None:
    page = _text(cast, f"/landing-pages/?{SPAN}")
    assert f"The data begin on {DAY:%-d %B %Y}: there is nothing to compare these days with." in page
    assert "Compared with" not in page
    assert all("was" not in cell for row in _rows(page).values() for cell in row)


def test_it_compares_where_there_are_data_before(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    visits = [
        visit("v1", google()),
        msgspec.structs.replace(visit("v0", google()), at_ms=visit("v1", google()).at_ms - DAY_MS),
    ]
    publish_facts(cast, settings, tmp_path / "lake", {"touchpoints": visits})
    page = _text(cast, f"/landing-pages/?{SPAN}")
    assert "Compared with" in page
    assert "The data begin" not in page


def test_an_empty_span_teaches(cast: Cast, day: None) -> None:
    assert "each page that visitors came to first" in _text(cast, "/landing-pages/?since=2020-01-01&until=2020-01-02")


@pytest.mark.parametrize(
    "part", ["find=%00", "find=" + "x" * 3000, "model=astrology", "order=-", "limit=-1", "days=0", "find=%25%7B%24a"]
)
def test_no_address_breaks_it(cast: Cast, day: None, part: str) -> None:
    assert cast.alice.get(f"/landing-pages/?since={DAY}&until={DAY}&{part}").status_code == 200
