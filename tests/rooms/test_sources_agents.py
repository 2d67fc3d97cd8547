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
        # AI companies' crawlers, and fetchers that read a page for somebody who asked
        f"Mozilla/5.0 {_KIT}; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot",
        f"Mozilla/5.0 {_KIT}; compatible; ChatGPT-User/1.0; +https://openai.com/bot",
        f"Mozilla/5.0 {_KIT}; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        f"Mozilla/5.0 {_KIT}; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
        f"Mozilla/5.0 {_KIT}; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
        f"Mozilla/5.0 {_KIT}; compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)",
        f"{PIXEL} (compatible; Bytespider; spider-feedback@bytedance.com)",
        f"{IPHONE} (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "CCBot/2.0 (https://commoncrawl.org/faq/)",
        WINDOWS + " GoogleAgent-Mariner",
        # programs dressed up as browsers
        WINDOWS.replace("(KHTML, like Gecko)", "(KHTML, like Gecko; compatible; bingbot/2.0)"),
        PIXEL.replace("Safari", "Safari/537.36 (compatible; Google-InspectionTool/1.0;)"),
        WINDOWS + " DatadogSynthetics",
        WINDOWS + " PTST/240101",
        WINDOWS + " GTmetrix",
        WINDOWS + " (probe@watcher.example)",
        WINDOWS + " https://watcher.example",
        # programs that name no engine
        "UptimeRobot/2.0",
        "node",
        "Dalvik/2.1.0 (Linux; U; Android 13)",
        "WhatsApp/2.23.20.0",
    ],
)
def test_it_knows_an_honest_program(agent: str) -> None:
    assert is_bot(agent)


IN_APPS = [
    f"{IPHONE} [FBAN/FBIOS;FBAV/466.0;FBDV/iPhone14,5;FBSN/iOS;FBLC/en_US]",
    f"{IPHONE} Instagram 335.0 (iPhone14,5)",
    IPHONE.replace("Version/18.6", "GSA/323.0"),
    f"{IPHONE} (Ecosia ios@11.0.2.2268)",
    f"{PIXEL} trill_350103 AppName/trill BytedanceWebview/d8a21c6",
    f"{PIXEL} Snapchat/12.90",
    f"{WINDOWS} YaBrowser/24.10 Yowser/2.5",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; id) Presto/2.12.423 Version/12.16",
]


@pytest.mark.parametrize("agent", [WINDOWS, PIXEL, IPHONE, IPAD, ANDROID_TABLET, CUBOT, *IN_APPS])
def test_it_takes_people_for_people(agent: str) -> None:
    assert not is_bot(agent)


@given(agent=st.text())
def test_it_takes_any_header(agent: str) -> None:
    assert device_of(agent) in ("desktop", "mobile", "tablet")
    assert is_bot(agent) in (True, False)


def test_it_lets_an_owner_check_their_page_with_a_headless_browser() -> None:
    assert not is_bot(WINDOWS.replace("Chrome/", "HeadlessChrome/"))
