"""Which calls are asked for, as it stands in the address of the call log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel

UNKNOWN = "unknown"
NONE = "none"
_LONGEST = 200
_MOST_SECS = 86_400
_MOST_DAYS = 3_660
_TEXTS = ("q", "source", "campaign", "keyword", "landing_page", "number", "agent", "tag", "disposition", "outcome")
_ORDER = (
    *("q", "days", "since", "until", "status", "channel", "source", "campaign", "keyword", "landing_page", "number"),
    *("agent", "tag", "disposition", "outcome", "first", "min_talk", "max_talk", "spam", "matched"),
)
NAMES = _ORDER
"""The parameters of the address, in the order of its links."""


class Asked(Protocol):
    """A QueryDict, or what is like one."""

    def getlist(self, key: str) -> list[str]: ...


class Filters(Struct, frozen=True, kw_only=True):
    """What narrows the calls; "" and None: nothing asked. A text may end or begin with `*` for any text.

    `channel` may be `unknown`; `disposition` and `outcome` may be `none`. `min_talk`, `max_talk`: seconds. `matched`:
    the least probability, percent. `problems`: what of the address could not be read, and is left out.
    """

    q: str = ""
    days: int | None = None
    since_on: date | None = None
    until_on: date | None = None
    status: tuple[str, ...] = ()
    channel: str = ""
    source: str = ""
    campaign: str = ""
    keyword: str = ""
    landing_page: str = ""
    number: str = ""
    agent: str = ""
    tag: str = ""
    disposition: str = ""
    outcome: str = ""
    first: str = ""
    min_talk: int | None = None
    max_talk: int | None = None
    spam: str = ""
    matched: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As they stand in an address."""
        return [(name, text) for name in _ORDER for text in _said(self, name)]

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    def without(self, *names: str) -> str:
        """The address without these."""
        return urlencode([pair for pair in self.pairs if pair[0] not in names])

    @property
    def asks_source(self) -> bool:
        return any((self.channel, self.source, self.campaign, self.keyword, self.landing_page))


def _said(filters: Filters, name: str) -> Sequence[str]:
    if name == "days":
        return [str(filters.days)] if filters.days else []
    if name in ("since", "until"):
        on = filters.since_on if name == "since" else filters.until_on
        return [] if filters.days or on is None else [on.isoformat()]
    value = getattr(filters, name)
    if isinstance(value, tuple):
        return value
    return [] if value in ("", None) else [str(value)]


def read_filters(asked: Asked, today_on: date) -> Filters:
    """What can be read; what cannot is said in `problems` and asks nothing."""
    problems: list[str] = []
    fields: dict[str, object] = {name: _text(asked, name) for name in _TEXTS}
    for name, read in _READ.items():
        fields[name] = _tried(read, asked, name, problems)
    fields["status"] = tuple(_tried_all(asked.getlist("status"), problems))
    fields |= _days(asked, today_on, problems)
    least, most = fields["min_talk"], fields["max_talk"]
    if isinstance(least, int) and isinstance(most, int) and least > most:
        problems.append("The shortest talk is longer than the longest; both are left out.")
        fields |= {"min_talk": None, "max_talk": None}
    return Filters(**fields, problems=tuple(problems))  # type: ignore[arg-type]  # each by its own reader


def check_filters(asked: Asked, today_on: date) -> Filters:
    """As `read_filters`, for what changes calls or takes them away. Raises BadInput where one cannot be read."""
    filters = read_filters(asked, today_on)
    if filters.problems:
        raise BadInput(filters.problems[0], hint="Take that filter off, then try again.")
    return filters


def with_days(filters: Filters, since_on: date, until_on: date) -> Filters:
    return replace(filters, days=None, since_on=since_on, until_on=until_on)


def _text(asked: Asked, name: str) -> str:
    """The last one said, without what no row can hold."""
    texts = asked.getlist(name)
    return " ".join((texts[-1] if texts else "").replace("\0", " ").split())[:_LONGEST].strip()


def _tried(read: Callable[[str], object], asked: Asked, name: str, problems: list[str]) -> object:
    text = _text(asked, name)
    try:
        return read(text)
    except BadInput as error:
        problems.append(f"{error.args[0]} {error.hint}")
        return read("")


def _tried_all(texts: Sequence[str], problems: list[str]) -> list[str]:
    found: dict[str, None] = {}
    for text in texts[:50]:
        if text in tuple(CallStatus):
            found[text] = None
        elif text:
            problems.append(f"There is no status {text[:40]!r}. It is left out.")
    return list(found)


def _choice(title: str, choices: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and text not in choices:
            raise BadInput(f"There is no {title} {text[:40]!r}.", hint="It is left out.")
        return text

    return read


def _whole(title: str, least: int, most: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not text:
            return None
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
        if not least <= number <= most:
            raise BadInput(f"{title} is a whole number from {least} to {most}.", hint="It is left out.")
        return number

    return read


_READ: Mapping[str, Callable[[str], object]] = {
    "channel": _choice("channel", (*Channel, UNKNOWN)),
    "first": _choice("kind of caller", ("yes", "no")),
    "spam": _choice("answer for spam", ("yes", "no")),
    "min_talk": _whole("The shortest talk in seconds", 0, _MOST_SECS),
    "max_talk": _whole("The longest talk in seconds", 0, _MOST_SECS),
    "matched": _whole("The least match in percent", 1, 100),
}


def _days(asked: Asked, today_on: date, problems: list[str]) -> dict[str, object]:
    """`days=28`, or `since` and `until`, either or both; none of them asks for all days."""
    try:
        days, since, until = _text(asked, "days"), _text(asked, "since"), _text(asked, "until")
        if since or until:
            return _dates(_date(since), _date(until))
        length = _whole("The number of days", 1, _MOST_DAYS)(days)
    except BadInput as error:
        problems.append(f"{error.args[0]} {error.hint}")
        return {}
    if length is None:
        return {}
    return {"days": length, "since_on": today_on - timedelta(days=length - 1), "until_on": today_on}


def _dates(since_on: date | None, until_on: date | None) -> dict[str, object]:
    if since_on and until_on and since_on > until_on:
        raise BadInput("The first day comes after the last.", hint="Calls of all days are shown.")
    return {"since_on": since_on, "until_on": until_on}


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        on = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{text[:20]!r} is no day; write it like 2026-03-31.", hint="Calls of all days are shown."
        ) from error
    if not 2000 <= on.year <= 2999:
        raise BadInput(f"{text[:20]!r} is too far away.", hint="Calls of all days are shown.")
    return on
