"""Google Ads: tables downloaded from its pages, its report editor, and CSV made of its API's fields.

Defaults: source google, medium cpc. Two real exports (Search keyword report, Search terms report) gave: UTF-16LE with a
mark, tabs, a title line, a line `1 May 2026 - 8 May 2026`, `Cost`, `Currency code`, `Impr.`, `Clicks`, ` --` for
nothing, and lines `Total: …` at the end whose label may stand in the third column after ` --`. `Day` is there only in
reports segmented by day. German names (Tag, Kampagne, Anzeigengruppe, Suchbegriff, Kosten, Klicks, `Gesamt: Konto`)
are those that public importers read. From memory: Währungscode, all French names, brackets and quotes around keywords.
API: `metrics.cost_micros`, `segments.date` … as in Google's reference of reporting fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ringtrace.intake.files.moments import DateStyle, read_range
from ringtrace.intake.files.spend.port import Format, Vendor

_TITLES = ("report", "bericht", "rapport")


def _knows(names: frozenset[str], preamble: Sequence[str]) -> bool:
    if "metrics cost micros" in names:
        return True
    cost = names & {"cost", "kosten", "cout"}
    if not cost or names & {"amount spent", "spend"}:
        return False
    titled = len(preamble) >= 2 and any(word in preamble[0].lower() for word in _TITLES)
    shown = names & {"impr", "search keyword", "search term", "suchbegriff", "terme de recherche"}
    return bool(shown) or (titled and _period(preamble, DateStyle.AMBIGUOUS) is not None)


def _period(preamble: Sequence[str], style: DateStyle) -> tuple[date, date] | None:
    """The line under the title, whatever the language of its months (English, German, French)."""
    return next((found for line in preamble if (found := read_range(line, style))), None)


FORMAT = Format(
    vendor=Vendor.GOOGLE_ADS,
    title="Google Ads",
    source="google",
    medium="cpc",
    names={
        "day": ("day", "segments date", "date", "tag", "datum", "jour", "date segment"),
        "week": ("week", "segments week", "woche", "semaine"),
        "month": ("month", "segments month", "monat", "mois"),
        "search_term": (
            *("search term", "search term view search term", "search query", "suchbegriff", "suchanfrage"),
            *("terme de recherche",),
        ),
        "keyword": (
            *("search keyword", "keyword", "keyword text", "ad group criterion keyword text"),
            *("segments keyword info text", "suchbegriff keyword", "mot cle", "mot cle pour le reseau de recherche"),
        ),
        "campaign": ("campaign", "campaign name", "kampagne", "kampagnenname", "campagne", "nom de la campagne"),
        "ad_group": ("ad group", "ad group name", "anzeigengruppe", "groupe d annonces"),
        "ad": ("ad", "ad name", "ad id", "ad group ad ad id", "anzeige"),
        "cost": ("cost", "kosten", "cout"),
        "cost_micros": ("metrics cost micros", "cost micros"),
        "currency": (
            *("currency code", "currency", "customer currency code", "wahrungscode", "wahrung"),
            *("code de devise", "code devise", "devise"),
        ),
        "clicks": ("clicks", "metrics clicks", "klicks", "clics"),
        "impressions": ("impr", "impressions", "metrics impressions", "impressionen"),
    },
    knows=_knows,
    preamble_period=_period,
    names_of_row=("campaign", "ad_group", "keyword", "search_term"),
)
