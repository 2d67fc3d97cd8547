"""The sources page by every model, and what it says where a model could learn nothing."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from pytest_django import Settings

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS, MODELS
from ringtrace.web.models import Company, StaleMonth
from tests.doors.cast import Cast, make_match, publish


@pytest.fixture
def published(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """A call with its match is in the lake: far too little to learn from."""
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    return cast


def _page(cast: Cast, model: str) -> str:
    return html.unescape(cast.alice.get(f"/sources/?model={model}").content.decode())


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
