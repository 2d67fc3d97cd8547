"""A lake small enough to add up by hand: eight responses of one day, their touches, spend and visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from ringtrace.attribution.registry import LAKE_LEARNERS
from ringtrace.core.clock import HOUR_MS
from ringtrace.lake.draft import Facts
from ringtrace.lake.schemas import MODEL_COLUMNS, ConversionFact, CreditFact, SpendFact, TouchpointFact
from ringtrace.lake.writer import LakeWriter
from ringtrace.reports.questions import Scope

COMPANY = "company"
ZONE = "America/Los_Angeles"
DAY = date(2026, 10, 5)  # a Monday
MODEL = "linear"


def scope_of(lake: Path, since: date = DAY, until: date | None = None, zone: str = ZONE) -> Scope:
    return Scope(lake=lake, company_id=COMPANY, time_zone=zone, since_on=since, until_on=until or since)


NOON_MS = scope_of(Path()).since_ms + 12 * HOUR_MS


class Touch(Struct, frozen=True, kw_only=True):
    """What a candidate's touch has: `linear` and `last` are shares of credit, `p` the candidate's probability."""

    channel: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    device: str | None = None
    p: float = 1.0
    linear: float = 1.0
    last: float = 1.0
    position: int | None = 1
    length: int | None = 1
    reason: str | None = None
    learned: float | None = None


def google(**more: Any) -> Touch:
    return Touch(channel="Paid Search", source="google", medium="cpc", campaign="emergency", device="mobile", **more)


def email(**more: Any) -> Touch:
    return Touch(channel="Email", source="news", medium="email", device="desktop", **more)


def direct(**more: Any) -> Touch:
    return Touch(channel="Direct", source="direct", medium="none", device="mobile", **more)


def nobody(p: float, reason: str = "unknown") -> Touch:
    return Touch(p=p, linear=p, last=p, position=None, length=None, reason=reason)


def response(name: str, touches: Sequence[Touch], *, at_ms: int = NOON_MS, kind: str = "call", **traits: Any) -> Any:
    """The rows of credit of one response; the first is its head."""
    return [_row(name, touch, at_ms, kind, nth, traits) for nth, touch in enumerate(touches)]


def _row(name: str, touch: Touch, at_ms: int, kind: str, nth: int, traits: Mapping[str, Any]) -> Struct:
    models: dict[str, Any] = dict.fromkeys(MODEL_COLUMNS, touch.linear) | {"last_touch": touch.last}
    models |= dict.fromkeys(LAKE_LEARNERS, touch.learned)
    nothing = dict.fromkeys(("ad_group", "keyword", "content", "landing_page", "referrer_host", "region"))
    touch_id = None if touch.reason else f"{name}-{nth}"
    return CreditFact(
        company_id=COMPANY,
        response_id=name,
        kind=kind,
        at_ms=at_ms,
        touch_id=touch_id,
        visit_id=touch_id,
        touch_ms=None if touch.reason else at_ms - HOUR_MS,
        channel=touch.channel,
        source=touch.source,
        medium=touch.medium,
        campaign=touch.campaign,
        device=touch.device,
        position=touch.position,
        length=touch.length,
        p=touch.p,
        reason=touch.reason,
        head=nth == 0,
        **nothing,
        **models,
        **traits,
    )


def visit(name: str, touch: Touch, at_ms: int = NOON_MS) -> TouchpointFact:
    return TouchpointFact(
        company_id=COMPANY,
        touch_id=name,
        kind="visit",
        visit_id=name,
        visitor_id=f"of {name}",
        at_ms=at_ms,
        channel=touch.channel or "Direct",
        source=touch.source,
        medium=touch.medium,
        campaign=touch.campaign,
        ad_group=None,
        keyword=None,
        content=None,
        landing_page=None,
        referrer_host=None,
        device=touch.device,
        region=None,
    )


def outcome(name: str, kind: str, cents: int | None, at_ms: int = NOON_MS, **more: Any) -> ConversionFact:
    """An outcome; it matched nothing unless `response_id` is among `more`."""
    response_id = more.pop("response_id", name)
    return ConversionFact(
        company_id=COMPANY,
        conversion_id=name,
        kind=kind,
        response_id=response_id,
        call_id=None if response_id == name else response_id,
        at_ms=at_ms,
        response_ms=more.pop("response_ms", at_ms),
        value_cents=cents,
        definition=None,
        **more,
    )


def spend(
    cents: int, source: str = "google", campaign: str | None = "emergency", on: date = DAY, **more: Any
) -> Struct:
    return SpendFact(
        company_id=COMPANY,
        on_date=on,
        channel="Paid Search",
        source=source,
        medium="cpc",
        campaign=campaign,
        cost_cents=cents,
        **more,
    )


def day_facts(at_ms: int = NOON_MS, on: date = DAY, prefix: str = "") -> Facts:
    """Five calls, a form, a chat and a store visit, with what came of them."""

    def one(name: str, touches: Sequence[Touch], **traits: Any) -> Any:
        return response(prefix + name, touches, at_ms=at_ms, **traits)

    answered = {"status": "answered", "attributed_by": "visit"}
    rows = [
        *one(
            "A",
            [
                google(p=0.9, linear=0.45, last=0.0, length=2),
                email(p=0.9, linear=0.45, last=0.9, position=2, length=2),
                nobody(0.1),
            ],
            **answered,
            ring_secs=4.0,
            talk_secs=120.0,
            is_first_call=True,
            transferred=False,
            p_known=0.9,
            agent="Ann",
            tags=("vip",),
            person="ann's",
            number="+13105550100",
            pool="main",
            outcomes=("appointment", "lead", "refund", "sale", "show"),
            leads=1,
            appointments=1,
            shows=1,
            sales=1,
            sale_cents=50_000,
            refunds=1,
            refund_cents=5_000,
        ),
        *one(
            "B",
            [google(p=0.5, linear=0.5, last=0.5), nobody(0.2, "no_touches"), nobody(0.3)],
            status="missed",
            attributed_by="visit",
            ring_secs=20.0,
            is_first_call=False,
            p_known=0.7,
            person="bo's",
        ),
        *one(
            "C",
            [Touch(channel="Offline", source="flyer", medium="print")],
            status="abandoned",
            attributed_by="static_number",
            ring_secs=8.0,
            is_first_call=True,
            p_known=1.0,
            person="cy's",
            number="+13105550199",
        ),
        *one(
            "D",
            [google()],
            **answered,
            ring_secs=10.0,
            talk_secs=30.0,
            is_first_call=False,
            transferred=True,
            p_known=1.0,
            agent="Bob",
            tags=("hot", "vip"),
            person="di's",
            disposition="booked",
            outcomes=("appointment", "lead", "no_show", "opportunity"),
            leads=1,
            appointments=1,
            no_shows=1,
            opportunities=1,
            pipeline_cents=70_000,
        ),
        *one("E", [nobody(1.0)], status="voicemail", attributed_by="nothing"),
        *one("F", [email()], kind="form", outcomes=("lead", "sale"), leads=1, sales=1, sale_cents=20_000),
        *one("G", [direct()], kind="chat"),
        *one("H", [nobody(1.0)], kind="store_visit"),
    ]
    return {
        "credits": rows,
        "touchpoints": [
            visit(f"{prefix}v{nth}", touch, at_ms) for nth, touch in enumerate((google(), google(), email(), direct()))
        ],
        "spend": [spend(2_600, on=on, clicks=13, impressions=1_000), spend(400, "bing", "quiet", on)],
        "conversions": [
            outcome(f"{prefix}sold", "sale", 9_900, at_ms),
            outcome(f"{prefix}back", "refund", 900, at_ms),
            outcome(f"{prefix}matched", "sale", 50_000, at_ms, response_id=f"{prefix}A"),
        ],
    }


def month_of(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, tz=UTC):%Y-%m}"


def published(lake: Path, months: Mapping[str, Facts]) -> Path:
    LakeWriter(lake).publish({(COMPANY, month): facts for month, facts in months.items()}, 1, definitions="as it was")
    return lake
