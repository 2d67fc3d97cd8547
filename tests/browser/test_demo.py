"""`ringtrace demo` as a newcomer meets it: the link, the pages, the plumber's site and the button that rings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ringtrace.cli.demo import clear
from ringtrace.core.errors import BadInput
from ringtrace.testing.serving import Serving, start_serving

DAYS = 5


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with start_serving(tmp_path_factory.mktemp("demo") / "data", "--days", str(DAYS), command="demo") as running:
        yield running


def test_it_lets_a_newcomer_in_once_and_rings_into_the_running_town(chromium: Browser, demo: Serving) -> None:
    context = chromium.new_context()
    owner, visitor = context.new_page(), context.new_page()
    owner.goto(demo.link)
    expect(owner.get_by_role("heading", name="Overview")).to_be_visible()
    expect(owner.locator("body")).to_contain_text("simulated")

    visitor.goto(f"{demo.site_url}/?utm_source=newsletter&utm_medium=email&utm_campaign=spring-checkup")
    button = visitor.get_by_role("button", name="Ring this number")
    expect(button).to_be_enabled()
    shown = visitor.locator("[data-shown-number]").first.inner_text()
    visitor.get_by_role("combobox", name="How it goes").select_option("caller_hangs_up")
    button.click()
    expect(visitor.locator(".demo-said")).to_contain_text("hung up", timeout=15_000)

    owner.goto(f"{demo.web_url}/calls/")
    first = owner.locator("tbody tr").first
    expect(first).to_contain_text("Abandoned")
    expect(first).to_contain_text("newsletter")
    expect(first).to_contain_text(shown)
    owner.goto(demo.link)
    expect(owner.locator("body")).to_contain_text(re.compile("used|once", re.IGNORECASE))
    context.close()


def test_it_fills_every_page_with_the_town(chromium: Browser, demo: Serving) -> None:
    page = chromium.new_page()
    page.goto(demo.run("link", "--web-url", demo.web_url).strip())
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    for path in ("/", "/sources/", "/calls/", "/numbers/", "/settings/"):
        response = page.goto(f"{demo.web_url}{path}")
        assert response is not None
        assert response.status == 200, path
    page.goto(f"{demo.web_url}/sources/?by=campaign")
    expect(page.locator("tbody").first).to_contain_text("emergency")
    expect(page.locator("tbody").first).to_contain_text("Unknown")
    page.goto(f"{demo.web_url}/calls/")
    assert page.locator("tbody tr").count() > 10
    assert problems == []
    page.close()


def test_it_keeps_the_town_and_the_accounts_over_a_restart(tmp_path: Path, serving: Callable[..., Serving]) -> None:
    first = serving("--days", "1", command="demo")
    assert first.stop() == 0
    site_url = first.site_url.rpartition(":")[2]
    again = Serving(first.data_dir, ("--days", "1", "--site-port", site_url), "demo")
    try:
        again.wait_until_up()
        assert "is being lived" not in "".join(again.said)
    finally:
        assert again.stop() == 0


def test_it_does_not_build_a_town_over_a_real_ringtrace(tmp_path: Path, serving: Callable[..., Serving]) -> None:
    real = serving()
    real.stop()
    refused = Serving(real.data_dir, (), "demo")
    try:
        assert refused.process.wait(30) == 1
        assert refused.wait_for("no demo")
    finally:
        refused.stop()
    assert (real.data_dir / "ledger.sqlite").exists()


def test_it_never_empties_a_folder_that_is_not_a_demo(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/to-my-mother.txt").write_text("Dear mother")
    with pytest.raises(BadInput, match="no demo"):
        clear(tmp_path)
    assert (tmp_path / "letters/to-my-mother.txt").exists()
