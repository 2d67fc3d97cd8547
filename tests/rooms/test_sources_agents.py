"""What a User-Agent header says of who is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.sources import device_of, is_bot

_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KIT} Chrome/142.0.0.0 Safari/537.36"
PIXEL = f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Chrome/142.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile/15E148 Safari/604.1"
ANDROID_TABLET = f"Mozilla/5.0 (Linux; Android 13; SM-X200) {_KIT} Chrome/142.0.0.0 Safari/537.36"
CUBOT = f"Mozilla/5.0 (Linux; Android 12; CUBOT P60) {_KIT} Chrome/142.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (WINDOWS, "desktop"),
        (PIXEL, "mobile"),
        (IPHONE, "mobile"),
        (CUBOT, "mobile"),
        (IPAD, "tablet"),
        (ANDROID_TABLET, "tablet"),
        ("", "desktop"),
    ],
)
def test_it_tells_devices_apart(agent: str, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "curl/8.5.0 (x86_64)",
        "python-requests/2.32",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        WINDOWS + " Chrome-Lighthouse",
    ],
)
def test_it_knows_an_honest_program(agent: str) -> None:
    assert is_bot(agent)


@pytest.mark.parametrize("agent", [WINDOWS, PIXEL, IPHONE, IPAD, ANDROID_TABLET, CUBOT])
def test_it_takes_people_for_people(agent: str) -> None:
    assert not is_bot(agent)


@given(agent=st.text())
def test_it_takes_any_header(agent: str) -> None:
    assert device_of(agent) in ("desktop", "mobile", "tablet")
    assert is_bot(agent) in (True, False)


def test_it_lets_an_owner_check_their_page_with_a_headless_browser() -> None:
    assert not is_bot(WINDOWS.replace("Chrome/", "HeadlessChrome/"))
