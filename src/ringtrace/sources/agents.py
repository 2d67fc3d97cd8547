"""What a User-Agent header says of who is there. A first filter only: a header is whatever its sender wrote.

An iPad that asks for desktop pages says it is a Macintosh, and nothing in the header tells them apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Device = Literal["desktop", "mobile", "tablet"]

_LONGEST = 512
_SHORTEST_HONEST = 12

# "cubot" is a make of phones. A headless browser passes: owners check their own pages with one, and whoever means harm
# does not say so.
_BOT = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot[/_; -]|crawl|spider|slurp|scrap[ey]|phantomjs|puppeteer|playwright|selenium"
    r"|lighthouse|pagespeed|gtmetrix|pingdom|uptime|monitor|preview|facebookexternalhit|meta-external|mediapartners"
    r"|feedfetcher|apis-google|google-(?:extended|inspectiontool|read-aloud)|chatgpt-user|perplexity-user|claude-user"
    r"|curl/|wget/|python|aiohttp|httpx|go-http-client|java/|libwww|okhttp|node-fetch|axios|undici|httpclient|guzzle"
    r"|postman|insomnia|archive\.org|wappalyzer|validator|\bwrk\b",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/(?!.*mobile)|playbook|nexus (?:7|9|10)\b", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|opera mini|blackberry|android.*\bfennec", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def _is_bot(user_agent: str) -> bool:
    return len(user_agent) < _SHORTEST_HONEST or _BOT.search(user_agent) is not None


def is_bot(user_agent: str) -> bool:
    """Whether the header names a program, or is missing. Honest bots only: add rate and pool-burn rules elsewhere."""
    return _is_bot(user_agent[:_LONGEST].strip())


@lru_cache(maxsize=4_096)
def _device(user_agent: str) -> Device:
    if _TABLET.search(user_agent):
        return "tablet"
    if _MOBILE.search(user_agent):
        return "mobile"
    return "tablet" if "android" in user_agent.lower() else "desktop"


def device_of(user_agent: str) -> Device:
    """The kind of device. Android without "Mobile" is a tablet, as Google tells developers."""
    return _device(user_agent[:_LONGEST])
