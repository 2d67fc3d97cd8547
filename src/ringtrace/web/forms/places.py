"""Currencies, countries and time zones to choose from."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

CURRENCIES = (
    ("USD", "USD · US dollar"),
    ("EUR", "EUR · Euro"),
    ("GBP", "GBP · Pound sterling"),
    ("AUD", "AUD · Australian dollar"),
    ("BRL", "BRL · Brazilian real"),
    ("CAD", "CAD · Canadian dollar"),
    ("CHF", "CHF · Swiss franc"),
    ("CZK", "CZK · Czech koruna"),
    ("DKK", "DKK · Danish krone"),
    ("HKD", "HKD · Hong Kong dollar"),
    ("HUF", "HUF · Hungarian forint"),
    ("ILS", "ILS · Israeli shekel"),
    ("INR", "INR · Indian rupee"),
    ("JPY", "JPY · Japanese yen"),
    ("KRW", "KRW · South Korean won"),
    ("MXN", "MXN · Mexican peso"),
    ("NOK", "NOK · Norwegian krone"),
    ("NZD", "NZD · New Zealand dollar"),
    ("PLN", "PLN · Polish zloty"),
    ("RON", "RON · Romanian leu"),
    ("SEK", "SEK · Swedish krona"),
    ("SGD", "SGD · Singapore dollar"),
    ("TRY", "TRY · Turkish lira"),
    ("ZAR", "ZAR · South African rand"),
)

REGIONS = (
    ("US", "United States"),
    ("AR", "Argentina"),
    ("AU", "Australia"),
    ("AT", "Austria"),
    ("BE", "Belgium"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CL", "Chile"),
    ("CZ", "Czechia"),
    ("DK", "Denmark"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("DE", "Germany"),
    ("GR", "Greece"),
    ("HK", "Hong Kong"),
    ("HU", "Hungary"),
    ("IN", "India"),
    ("IE", "Ireland"),
    ("IL", "Israel"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("KR", "South Korea"),
    ("MX", "Mexico"),
    ("NL", "Netherlands"),
    ("NZ", "New Zealand"),
    ("NO", "Norway"),
    ("PL", "Poland"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("SG", "Singapore"),
    ("ZA", "South Africa"),
    ("ES", "Spain"),
    ("SE", "Sweden"),
    ("CH", "Switzerland"),
    ("TR", "Türkiye"),
    ("GB", "United Kingdom"),
)


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """The zones named for a place, such as `America/New_York`, and UTC."""
    places = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
    )
    return ("UTC", *sorted(places))
