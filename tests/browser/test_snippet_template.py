"""The Google Tag Manager template: its sections as documented, its permissions as used, and its code run for real."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.played_edge import PlayedEdge, played_edge, served_pages

GALLERY = Path(__file__).parent / "gallery"
TEMPLATE = (Path(__file__).parents[2] / "snippet/gtm/template.tpl").read_text()
SECTIONS = (
    "TERMS_OF_SERVICE",
    "INFO",
    "TEMPLATE_PARAMETERS",
    "SANDBOXED_JS_FOR_WEB_TEMPLATE",
    "WEB_PERMISSIONS",
    "TESTS",
    "NOTES",
)
CONSENT_TYPES = {"ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"}
# What each of Tag Manager's own functions needs to be allowed, by its documentation ("Template permissions").
NEEDED = {
    "injectScript": "inject_script",
    "createArgumentsQueue": "access_globals",
    "callInWindow": "access_globals",
    "isConsentGranted": "access_consent",
    "addConsentListener": "access_consent",
}
# Those functions as documented, in a page: enough of them to run the template's code.
SANDBOX = """([code, data]) => {
  window.consent = {};
  window.listeners = [];
  const apis = {
    addConsentListener: (type, listener) => listeners.push([type, listener]),
    callInWindow: (name, ...given) => window[name](...given),
    createArgumentsQueue: (name) => {
      window[name] ||= function () { (window[name].q ||= []).push(arguments); };
    },
    injectScript: (url, onSuccess, onFailure) => {
      const script = document.createElement("script");
      Object.assign(script, { src: url, async: true, onload: onSuccess, onerror: onFailure });
      document.head.append(script);
    },
    isConsentGranted: (type) => window.consent[type] !== false,
  };
  return new Promise((done, failed) =>
    new Function("require", "data", code)((name) => apis[name], { ...data, gtmOnSuccess: done, gtmOnFailure: failed }));
}"""


def _sections() -> dict[str, str]:
    parts = re.split(r"^___([A-Z_]+)___$", TEMPLATE, flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _permissions() -> dict[str, list[Any]]:
    """By name, the first parameter's list, as the JSON has it."""
    found = json.loads(_sections()["WEB_PERMISSIONS"])
    return {one["instance"]["key"]["publicId"]: one["instance"]["param"][0]["value"]["listItem"] for one in found}


def _rows(permission: str) -> list[dict[str, object]]:
    """The rows of a permission that is a table."""

    def plain(cell: dict[str, object]) -> object:
        return cell["string"] if cell["type"] == 1 else cell["boolean"]

    return [
        {str(plain(key)): plain(value) for key, value in zip(row["mapKey"], row["mapValue"], strict=True)}
        for row in _permissions()[permission]
    ]


@pytest.fixture
def edge() -> Iterator[PlayedEdge]:
    with played_edge(PlayedEdge()) as edge:
        yield edge


def test_it_has_the_documented_sections_in_their_order() -> None:
    assert tuple(_sections()) == SECTIONS
    assert all(_sections().values())


def test_it_says_what_it_is() -> None:
    info = json.loads(_sections()["INFO"])
    assert (info["type"], info["containerContexts"]) == ("TAG", ["WEB"])
    assert len(info["description"]) <= 200
    assert "never imported" in _sections()["NOTES"]


def test_its_code_uses_each_parameter_and_no_other() -> None:
    named = {one["name"] for one in json.loads(_sections()["TEMPLATE_PARAMETERS"])}
    used = set(re.findall(r"\bdata\.(\w+)", _sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]))
    assert used - {"gtmOnSuccess", "gtmOnFailure"} == named


def test_it_asks_for_the_permissions_it_needs_and_no_other() -> None:
    used = set(re.findall(r"require\('(\w+)'\)", _sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]))
    assert used == set(NEEDED)
    assert set(_permissions()) == set(NEEDED.values())
    assert _permissions()["inject_script"] == [{"type": 1, "string": "https://*/ringtrace.js"}]
    assert {row["key"] for row in _rows("access_globals")} == {"ringtrace", "ringtrace.q"}
    assert {row["consentType"] for row in _rows("access_consent")} == CONSENT_TYPES
    assert all((row["read"], row["write"]) == (True, False) for row in _rows("access_consent"))


@pytest.mark.parametrize("hands_on", [True, False])
def test_its_code_loads_the_snippet_and_hands_on_consent(page: Page, edge: PlayedEdge, hands_on: bool) -> None:
    code = _sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]
    data = {"site": "site-key", "edge": edge.origin, "consent": "granted", "consentMode": hands_on}
    with served_pages(GALLERY) as site:
        page.goto(f"{site}/framed.html")
        page.evaluate(SANDBOX, [code, data])
        expect(page.locator("#number")).to_have_text("310 555 0142")
        (body,) = edge.of("visit")
        assert (body["site"], body["consent"]) == ("site-key", "granted")
        assert body.get("gcm") == (dict.fromkeys(CONSENT_TYPES, "granted") if hands_on else None)
        if hands_on:
            page.evaluate("() => { consent.ad_storage = false; listeners[0][1]('ad_storage', false); }")
            updated = edge.wait_for("visit", 2)[1]["gcm"]
            assert updated == dict.fromkeys(CONSENT_TYPES, "granted") | {"ad_storage": "denied"}
