"""Meta (Facebook and Instagram): tables exported from Ads Manager and Ads Reporting.

Defaults: source facebook, medium paid_social. Names as public importers and their test files have them: `Reporting
starts`, `Reporting ends`, `Day`, `Campaign name`, `Ad set name`, `Ad name`, `Amount spent (USD)` with the currency in
the header (or `Amount spent` beside `Currency`), `Impressions`, `Link clicks`, `Clicks (all)`; German `Tag`,
`Kampagnenname`, `Anzeigenname`, `Ausgegebener Betrag (EUR)`, `Impressionen`, `Link-Klicks`; French `Jour`, `Début des
rapports`, `Fin des rapports`, `Nom de la campagne`, `Nom de l'ensemble de publicités`, `Montant dépensé (EUR)`, `Clics
sur le lien`. The two German names of the period are from memory. A summary row, if it was exported, has no names: it is
told as left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ringtrace.intake.files.moments import DateStyle
from ringtrace.intake.files.spend.port import Format, Vendor

_SPENT = ("amount spent", "ausgegebener betrag", "montant depense")


def _knows(names: frozenset[str], preamble: Sequence[str]) -> bool:
    return not preamble and any(name in names for name in _SPENT)


def _period(preamble: Sequence[str], style: DateStyle) -> tuple[date, date] | None:  # noqa: ARG001 (a Format's shape)
    return None


FORMAT = Format(
    vendor=Vendor.META_ADS,
    title="Meta",
    source="facebook",
    medium="paid_social",
    names={
        "day": ("day", "tag", "jour"),
        "since_day": ("reporting starts", "debut des rapports", "berichtsbeginn", "auswertungsbeginn", "date start"),
        "until_day": ("reporting ends", "fin des rapports", "berichtsende", "auswertungsende", "date stop"),
        "campaign": ("campaign name", "kampagnenname", "name der kampagne", "nom de la campagne"),
        "ad_group": (
            *(
                "ad set name",
                "adset name",
                "name der anzeigengruppe",
                "anzeigengruppenname",
                "name der anzeigen gruppe",
            ),
            *("nom de l ensemble de publicites",),
        ),
        "ad": ("ad name", "anzeigenname", "name der anzeige", "nom de la publicite", "ad id"),
        "cost": _SPENT,
        "currency": ("currency", "wahrung", "devise"),
        "clicks": (
            *("link clicks", "link klicks", "clics sur le lien", "clics sur un lien"),
            *("clicks all", "klicks alle", "clics tous"),
        ),
        "impressions": ("impressions", "impressionen"),
    },
    knows=_knows,
    preamble_period=_period,
    names_of_row=("campaign", "ad_group", "ad"),
)
