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

# People's browsers name the engine that draws the page (Opera Mini and UC draw elsewhere).
_ENGINES = ("applewebkit/", "gecko/", "trident/", "presto/", "ucbrowser")
# They leave no visiting card, and have not been "compatible" with anything since Internet Explorer 10.
_CARDS = ("http:", "https:", "www.", "(compatible;", "; compatible;", ";compatible;", "+compatible;")
_ADDRESS = re.compile(r"@[a-z-]+\.[a-z]")
_BOT = re.compile(r"(?<!cu)bot(?![a-z])")  # Cubot makes phones
# Programs that dress up as a browser, besides those that say bot. A headless browser passes: owners check their own
# pages with one, and whoever means harm does not say so. Names: the programs' own pages, and those that
# github.com/monperrus/crawler-user-agents (MIT, 1.67) collects, of which this filter knows 99 in a hundred.
_NAMES = (
    *("crawl", "spider", "slurp", "scrape", "scrapy", "robots", "archive", "harvest", "img2dataset", "omgili"),
    # AI: crawlers, and fetchers that read a page for somebody who asked
    *("chatgpt-user", "claude-user", "claude-web", "anthropic-ai", "perplexity-user", "mistralai-user", "gemini-deep"),
    *("google-extended", "google-agent", "googleagent", "google-notebooklm", "google-cloudvertex", "meta-external"),
    *("bytespider", "cohere-ai", "manus-user", "novaact", "duckassist", "webzio", "timpi"),
    # search engines' and networks' helpers
    *("mediapartners", "apis-google", "googleother", "google-inspectiontool", "google-read-aloud", "google-adwords"),
    *("google-safety", "google-site-verification", "google-ads-conversions", "googledocs", "googleimageproxy"),
    *("google favicon", "google web preview", "appengine-google", "playstore-google", "duplexweb", "feedfetcher"),
    *("facebookexternalhit", "facebookcatalog", "bingpreview", "skypeuripreview", "embedly", "iframely", "preview"),
    # uptime and speed
    *("uptim", "monitor", "pingdom", "statuscake", "site24x7", "datadog", "newrelic", "dynatrace", "synthetic"),
    *("catchpoint", "checkly", "rigor)", "thousandeyes", "lighthouse", "pagespeed", "page speed", "gtmetrix"),
    *("webpagetest", "ptst/", "dareboost", "miniature.io", "critical css", "criticalcss", "optimizer-agent"),
    # automation that says so, and HTTP libraries
    *(
        "phantomjs",
        "puppeteer",
        "playwright",
        "selenium",
        "cypress",
        "ghost inspector",
        "testlocally",
        "splash version",
    ),
    *("curl/", "wget/", "python", "aiohttp", "httpx", "go-http-client", "java/", "libwww", "okhttp", "node-fetch"),
    *("axios", "undici", "httpclient", "guzzle", "postman", "insomnia"),
    # SEO, advertising checks, security, compliance, pictures of pages
    *("semrush", "ahrefs", "screaming frog", "sitebulb", "seositecheckup", "seobility", "seokicks", "marketgoo"),
    *("marketingminer", "brandverity", "datanyze", "sindup", "proximic", "adbeat", "admantx", "grapeshot", "adscanner"),
    *(
        "scope3",
        "geedo",
        "newsnow",
        "newsai/",
        "feeder.co",
        "superfeedr",
        "page2rss",
        "nessus",
        "nmap",
        "nikto",
        "qualys",
    ),
    *("acunetix", "zgrab", "netcraft", "censys", "shodan", "sucuri", "quttera", "probely", "detectify", "watchtowr"),
    *("foregenix", "hardenize", "securityheaders", "cookiehub", "sqwatcher", "silktide", "wappalyzer", "builtwith"),
    *("validator", "checker", "auditor", "scanner/", "scan/", "contentscan", "linkwalker", "linktiger", "ips-agent"),
    *("luminator", "screenshot", "thumbnail", "snapshot", "fetcher", "prerender", "rendertron", "printfriendly"),
    *("pwabuilder", "zotero", "collapsify", "hotjar", "ylt chrome"),
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/(?!.*mobile)|playbook|nexus (?:7|9|10)\b")
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|opera mini|blackberry|android.*\bfennec")


@lru_cache(maxsize=4_096)
def _is_bot(user_agent: str) -> bool:
    text = user_agent.lower()
    return (
        len(text) < _SHORTEST_HONEST
        or not any(engine in text for engine in _ENGINES)
        or any(card in text for card in _CARDS)
        or ("bot" in text and _BOT.search(text) is not None)
        or any(name in text for name in _NAMES)
        or ("@" in text and _ADDRESS.search(text) is not None)
    )


def is_bot(user_agent: str) -> bool:
    """Whether the header names a program, or is missing. Honest bots only: add rate and pool-burn rules elsewhere."""
    return _is_bot(user_agent[:_LONGEST].strip())


@lru_cache(maxsize=4_096)
def _device(user_agent: str) -> Device:
    text = user_agent.lower()
    if _TABLET.search(text):
        return "tablet"
    if _MOBILE.search(text):
        return "mobile"
    return "tablet" if "android" in text else "desktop"


def device_of(user_agent: str) -> Device:
    """The kind of device. Android without "Mobile" is a tablet, as Google tells developers."""
    return _device(user_agent[:_LONGEST])
