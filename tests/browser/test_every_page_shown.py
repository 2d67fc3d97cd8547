"""Every page of the shell in a real browser: no barrier that axe knows of (WCAG 2.2 AA), in light and in dark, and
nothing that is wider than a phone. The pages come from the table of addresses, so that a new one is looked at too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.played_shell import Shell, running_shell

_RULES: dict[str, Any] = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": _RULES}
_CONTRAST: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("shell")) as running:
        yield running


@pytest.fixture(scope="module")
def pages(shell: Shell) -> list[str]:
    """Every address that shows its owner, or somebody not signed in, a page."""
    found: list[str] = json.loads(shell.play("addresses"))
    return found


@pytest.fixture(scope="module")
def alice(chromium: Browser, shell: Shell) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(shell.link)
    yield page
    context.close()


def test_it_knows_its_pages(pages: list[str]) -> None:
    assert {"/", "/calls/", "/settings/", "/numbers/", "/metrics/"} <= set(pages)
    assert len(pages) > 40


def test_it_has_no_barrier_on_any_page(alice: Page, shell: Shell, pages: list[str]) -> None:
    alice.set_viewport_size({"width": 1280, "height": 900})
    barriers = []
    for path in pages:
        alice.emulate_media(color_scheme="light")
        alice.goto(shell.url + path)
        barriers += _barriers(alice, path, _OPTIONS)
        alice.emulate_media(color_scheme="dark")
        barriers += _barriers(alice, f"{path} in the dark", _CONTRAST)
    assert not barriers, "\n".join(barriers)


def test_it_fits_a_phone_on_every_page(alice: Page, shell: Shell, pages: list[str]) -> None:
    alice.emulate_media(color_scheme="light")
    alice.set_viewport_size({"width": 360, "height": 740})
    too_wide = []
    for path in pages:
        alice.goto(shell.url + path)
        over = alice.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            too_wide.append(f"{path}: {over} px")
    assert not too_wide, "\n".join(too_wide)


def test_it_keeps_the_policy_on_every_page(alice: Page, shell: Shell, pages: list[str]) -> None:
    said: list[str] = []

    def note(text: str) -> None:
        said.append(f"{alice.url}: {text}")

    alice.on("console", lambda message: note(message.text) if message.type in ("error", "warning") else None)
    alice.on("pageerror", lambda error: note(str(error)))
    for path in pages:
        alice.goto(shell.url + path)
    assert not said, "\n".join(said)


def _barriers(page: Page, where: str, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{where}: {one['id']} at {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"][:3]
    ]
