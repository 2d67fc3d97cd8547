"""How values are written for people. What is unknown is a dash, never a zero."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import at_from_ms
from ringtrace.core.phones import show_phone
from ringtrace.core.sources import Channel

register = template.Library()

DASH = "—"
_SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "AUD": "A$",
    "CAD": "CA$",
    "NZD": "NZ$",
}
_STATUS_WORDS = {
    CallStatus.RINGING: gettext_noop("Ringing"),
    CallStatus.IN_PROGRESS: gettext_noop("In progress"),
    CallStatus.ANSWERED: gettext_noop("Answered"),
    CallStatus.MISSED: gettext_noop("Missed"),
    CallStatus.ABANDONED: gettext_noop("Abandoned"),
    CallStatus.VOICEMAIL: gettext_noop("Voicemail"),
    CallStatus.BUSY: gettext_noop("Busy"),
    CallStatus.FAILED: gettext_noop("Failed"),
    CallStatus.BLOCKED: gettext_noop("Blocked"),
}
_TONES = (
    Channel.PAID_SEARCH,
    Channel.ORGANIC_SEARCH,
    Channel.DIRECT,
    Channel.EMAIL,
    Channel.PAID_SOCIAL,
    Channel.REFERRAL,
    Channel.OFFLINE,
    Channel.DISPLAY,
    Channel.AI_ASSISTANT,
    Channel.ORGANIC_SOCIAL,
)


@register.filter
def at(ms: int | None, zone: ZoneInfo) -> str:
    """`3 Mar 14:05` in a zone."""
    return DASH if ms is None else f"{_local(ms, zone):%-d %b %H:%M}"


@register.filter
def at_full(ms: int | None, zone: ZoneInfo) -> str:
    """`Tue 3 Mar 2026, 14:05:09 CET` in a zone."""
    return DASH if ms is None else f"{_local(ms, zone):%a %-d %b %Y, %H:%M:%S %Z}"


@register.filter
def clock(ms: int | None, zone: ZoneInfo) -> str:
    return DASH if ms is None else f"{_local(ms, zone):%H:%M:%S}"


@register.simple_tag
def moment(ms: int | None, zone: ZoneInfo) -> SafeString:
    """A `<time>` with the whole moment in its title."""
    if ms is None:
        return unknown("not known yet")
    local = _local(ms, zone)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), at_full(ms, zone), at(ms, zone)
    )


@register.filter
def day(on_date: date | None) -> str:
    return DASH if on_date is None else f"{on_date:%-d %b %Y}"


@register.filter
def secs(seconds: float | None) -> str:
    """`8 s`, `4:05`, `1:02:09`."""
    if seconds is None:
        return DASH
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    mins, rest = divmod(whole, 60)
    hours, mins = divmod(mins, 60)
    return f"{hours}:{mins:02}:{rest:02}" if hours else f"{mins}:{rest:02}"


@register.filter
def phone(e164: str | None) -> str:
    return show_phone(e164) if e164 else DASH


@register.filter
def money(cents: float | None, currency: str) -> str:
    """`$1,234.50`; whole amounts without decimals."""
    if cents is None:
        return DASH
    return _money(cents, currency, 0 if round(cents) % 100 == 0 else 2)


@register.filter
def money_whole(cents: float | None, currency: str) -> str:
    """`$1,235`: for totals, where decimals only tire."""
    return DASH if cents is None else _money(cents, currency, 0)


@register.filter
def percent(p: float | None) -> str:
    """`83 %`; what is nearly certain is not written as certain."""
    if p is None:
        return DASH
    if 0.995 <= p < 1:
        return ">99 %"
    if 0 < p < 0.005:
        return "<1 %"
    return f"{p * 100:.0f} %"


@register.filter
def percent_fine(p: float | None) -> str:
    """`0.4 %` of what is small, where a tenth matters."""
    if p is None:
        return DASH
    if 0 < p < 0.0005:
        return "<0.1 %"
    return f"{p * 100:.1f}".removesuffix(".0") + " %" if p < 0.1 else f"{p * 100:.0f} %"


@register.filter
def share(credit: float | None) -> str:
    """Credit added up: one decimal, `12.4`."""
    return DASH if credit is None else f"{credit:,.1f}"


@register.filter
def count(number: float | None) -> str:
    return DASH if number is None else f"{number:,.0f}"


@register.filter
def ratio(number: float | None) -> str:
    """`3.2×`, for return on ad spend."""
    return DASH if number is None else f"{number:,.1f}×"


@register.filter
def signed(change: float | None) -> str:
    """A change as a share: `+12 %`."""
    return DASH if change is None else f"{_sign(change)}{abs(change) * 100:.0f} %"


@register.filter
def points(change: float | None) -> str:
    """A change between two shares: `+2.1 pts`."""
    return DASH if change is None else f"{_sign(change)}{abs(change) * 100:.1f} pts"


@register.filter
def delta(change: float | None) -> str:
    """A difference of counts or credit: `+12.4`, `−3`, `0`."""
    if change is None:
        return DASH
    size = f"{abs(change):,.1f}".removesuffix(".0")
    return size if size == "0" else f"{_sign(change)}{size}"


@register.filter
def minutes(seconds: int) -> str:
    """`4 h`, `30 min`, `90 s`: in the largest unit that leaves no rest."""
    if seconds and seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


@register.filter
def words(value: str) -> str:
    """`no_answer` as `No answer`."""
    return str(value).replace("_", " ").capitalize()


@register.filter
def place(destination: str) -> str:
    """Where a call goes: a phone number as people write it, a SIP address as it is."""
    return show_phone(destination) if destination.startswith("+") else destination


@register.filter
def hundred(p: float | None) -> str:
    """A probability as the width of a bar of 100."""
    return f"{(p or 0) * 100:.1f}"


@register.filter
def of_most(value: float, most: float) -> str:
    """The width of a bar of 100 whose longest sister is `most`."""
    return f"{100 * value / most:.1f}" if most else "0"


@register.simple_tag
def written(value: float | None, how: str, currency: str) -> str:
    """A key figure, written as its kind asks."""
    if how == "money":
        return money(value, currency)
    if how == "money_whole":
        return money_whole(value, currency)
    if how == "ratio":
        return ratio(value)
    return percent(value) if how == "percent" else count(value)


@register.simple_tag
def unknown(why: str) -> SafeString:
    """A dash that says why nothing is known, to the eye on hover and to a screen reader."""
    return format_html(
        '<span class="unknown" title="{0}"><span aria-hidden="true">—</span><span class="sr">{0}</span></span>',
        gettext("Unknown: %(why)s") % {"why": gettext(why)},
    )


@register.filter
def status_word(status: str) -> str:
    return gettext(_STATUS_WORDS[CallStatus(status)])


@register.filter
def tone(channel: str | None) -> str:
    """The colour class of a channel: the same channel has the same colour on every page."""
    return tone_of(channel)


def tone_of(channel: str | None) -> str:
    if channel is None:
        return "tone-unknown"
    return f"tone-{_TONES.index(Channel(channel)) + 1}" if channel in _TONES else "tone-other"


def _sign(change: float) -> str:
    return "+" if change > 0 else "−" if change < 0 else "±"


def _local(ms: int, zone: ZoneInfo) -> datetime:
    return at_from_ms(ms).astimezone(zone)


def _money(cents: float, currency: str, places: int) -> str:
    amount = cents / 100
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'−' if amount < 0 else ''}{sign}{abs(amount):,.{places}f}"
