"""The sources page by every model, and what it says where a model could learn nothing."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS, MODELS
from ringtrace.reports.questions import Scope
from ringtrace.web.models import Company, StaleMonth
from tests.doors.cast import Cast, make_match, mark, publish

Asked = list[tuple[Scope, str]]


@pytest.fixture
def published(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """A call with its match is in the lake: far too little to learn from."""
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    return cast


def _open(cast: Cast, query: str) -> str:
    answer = cast.alice.get(f"/sources/?{query}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _page(cast: Cast, model: str) -> str:
    return _open(cast, f"model={model}")


@pytest.mark.parametrize("model", LAKE_MODELS)
def test_it_shows_every_model_that_the_lake_keeps_in_words(published: Cast, model: str) -> None:
    page = _page(published, model)
    assert MODELS[model].meaning in page
    assert all(MODELS[name].title in page for name in LAKE_MODELS)


@pytest.mark.parametrize("model", LAKE_LEARNERS)
def test_it_says_why_there_is_no_figure_in_place_of_zeros(published: Cast, model: str) -> None:
    page = _page(published, model)
    assert "Data too thin for this model." in page
    assert "would be enough" in page
    assert "</i>Data too thin</span>" in page
    assert "Data too thin" not in _page(published, "linear")


def test_the_settings_change_the_lookback(cast: Cast) -> None:
    form = {"name": "A", "time_zone": "UTC", "currency": "USD", "region": "US"}
    assert 'value="30"' in cast.alice.get("/settings/").content.decode()
    assert cast.alice.post("/settings/", form | {"lookback_days": "90"}).status_code == 302
    assert Company.objects.get(pk=cast.company.pk).lookback_days == 90
    assert StaleMonth.objects.filter(company=cast.company).exists()
    assert cast.alice.post("/settings/", form | {"lookback_days": "366"}).status_code == 422
    assert cast.alice.post("/settings/", form).status_code == 302
    assert Company.objects.get(pk=cast.company.pk).lookback_days == 90


def test_it_takes_dates_of_ones_own(cast: Cast, asked: Asked) -> None:
    page = _open(cast, "since=2026-03-01&until=2026-03-31&model=linear")
    scope, model = asked[0]
    assert (f"{scope.since_on}", f"{scope.until_on}", model) == ("2026-03-01", "2026-03-31", "linear")
    assert "since=2026-03-01&until=2026-03-31&model=first_touch" in page


def test_it_shows_shares_of_credit_with_one_decimal_and_unknown_as_its_own_line(cast: Cast, asked: Asked) -> None:
    page = _open(cast, "")
    assert "12.3" in page
    assert "4.0×" in page
    assert "$50" in page
    assert re.search(r'class="unknown-line">.*?Unknown.*?2\.5', page, re.DOTALL)
    assert "v7" in page


@pytest.mark.parametrize("model", ["first_touch", "last_touch", "last_non_direct", "linear"])
def test_it_asks_for_the_model_in_the_address(cast: Cast, asked: Asked, model: str) -> None:
    page = _open(cast, f"model={model}")
    assert asked[0][1] == model
    assert re.search(rf'model={model}"[^>]*aria-current', page)


def test_it_falls_back_from_a_model_that_does_not_exist(cast: Cast, asked: Asked) -> None:
    _open(cast, "model=astrology")
    assert asked[0][1] == "last_non_direct"


def test_it_answers_from_a_lake_that_is_still_empty(cast: Cast) -> None:
    page = _open(cast, "")
    assert "No visits and no calls" in page
    assert 'href="/settings/"' in page


def test_it_leads_from_channel_to_the_calls(published: Cast) -> None:
    """Each line opens its next level, the levels without anything to tell are passed over, the last opens the log."""
    mark(published.alice, published.call, value="1000")
    publish(published.company, published.call.started_ms, published.visit.started_ms)
    page, seen = _open(published, ""), []
    while True:
        line = re.search(r'<th scope="row"><a href="([^"]+)"><span class="source">.*?</i>?([^<]*)</span>', page)
        assert line is not None
        seen.append(line[2])
        assert "0.8" in page  # 83 % of one call
        assert "$830" in page
        if line[1].startswith("/calls/"):
            break
        page = html.unescape(published.alice.get(f"/sources/{line[1]}").content.decode())
    assert seen == ["Paid Search", "google", "emergency-leaks", "burst pipe help", "/leaks"]
    log = parse_qs(urlsplit(line[1]).query)
    assert log["campaign"] == ["emergency-leaks"]
    assert (log["channel"], log["keyword"], log["landing_page"]) == (["Paid Search"], ["burst pipe help"], ["/leaks"])
    assert published.alice.get(line[1]).status_code == 200


def test_it_shows_the_way_down_and_back(published: Cast) -> None:
    page = _open(published, "days=28&channel=Paid Search&source=google&medium=cpc")
    crumbs = re.findall(r'<li>(?:<a href="([^"]+)">|<span aria-current="page">)([^<]+)<', page[page.index("crumbs") :])
    assert [words for _, words in crumbs][:3] == ["All channels", "Paid Search", "google / cpc"]
    assert crumbs[0][0] == "?days=28&model=last_non_direct"
    assert crumbs[1][0] == "?days=28&model=last_non_direct&channel=Paid+Search"
    assert crumbs[2][0] == ""
    assert "emergency-leaks" in page


def test_what_no_visit_explains_is_a_line_that_leads_to_its_calls(published: Cast) -> None:
    page = _open(published, "")
    line = re.search(r'unknown-line">\s*<th scope="row"><a href="([^"]+)">.*?Unknown</span>.*?</tr>', page, re.DOTALL)
    assert line is not None
    assert line[1].startswith("/calls/?channel=unknown&since=")
    assert "0.2" in line[0]


def test_it_shows_the_columns_that_are_chosen(published: Cast) -> None:
    page = _open(published, "columns=calls&columns=visits&order=-visits")
    table = page[page.index("<thead>") : page.index("</thead>")]
    assert re.findall(r">([A-Z][^<]*)(?:<span[^>]*> ↓</span>)?</a>", table) == ["Calls", "Visits"]
    assert 'aria-sort="descending"><a' in table
    assert "columns=calls,visits" in page


def test_every_figure_leads_to_why_it_is(published: Cast) -> None:
    found = re.findall(r'class="why-link" href="([^"]+)"', _open(published, "by=campaign"))
    assert found
    for address in found:
        assert published.alice.get(address).status_code == 200


@pytest.mark.parametrize("query", ["channel=" + "x" * 600, "channel=%00", "by=nonsense&order=-nonsense&columns=x"])
def test_it_leaves_out_what_cannot_be_read(published: Cast, query: str) -> None:
    assert "Paid Search" in _open(published, query)


def test_a_stale_way_leads_to_nothing_and_back(published: Cast) -> None:
    page = _open(published, "channel=Gone&source=away&medium=x")
    assert "No visits and no calls" in page
    assert "All channels" in page
