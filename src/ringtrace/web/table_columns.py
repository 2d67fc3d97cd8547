"""What each column of a table that can be taken out is, in one place: the page, the files and the docs say the same."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS, MODELS
from ringtrace.lake.schemas import columns as lake_columns


class Column(Struct, frozen=True, kw_only=True):
    """`kind`: its SQL type in Parquet. `TIMESTAMP` is UTC there, and in CSV the company's own time with its offset."""

    name: str
    kind: str
    plain: str


_SOURCE = {
    "channel": "How somebody came, such as Paid Search; empty where nothing explains it.",
    "source": "Who sent them, such as google.",
    "medium": "By what means, such as cpc.",
    "campaign": "The campaign, after the naming rules.",
    "ad_group": "The ad group within the campaign.",
    "keyword": "The keyword that was bought or searched for.",
    "content": "Which ad or link.",
    "landing_page": "The path of the visit’s first page.",
    "referrer_host": "The site that linked to the visit.",
}
_PLAIN: Mapping[str, str] = {
    **_SOURCE,
    "agent": "Who took the call.",
    "answered_at": "When somebody spoke.",
    "appointments": "Appointments booked.",
    "at": "When it was.",
    "at_ms": "When it was, in ms since 1970 (UTC).",
    "attributed_by": "What says where the call came from: visit, static_number, overflow_number, imported or nothing.",
    "call_id": "The call’s id, the same in every table.",
    "called_number": "The tracking number that was called.",
    "caller": "The caller’s number: in clear for those who may see callers, else its last two digits.",
    "caller_hash": "A keyed hash of the caller’s number: the same caller has the same, and nobody can read it back.",
    "caller_region": "Where the caller’s number is from.",
    "clicks": "Clicks, where the source tells.",
    "contact_id": "The id of the form, chat or store visit.",
    "conversion_id": "The id of what counts.",
    "cost": "What was spent, in the company’s currency.",
    "cost_cents": "What was spent, in cents of the company’s currency.",
    "currency": "The currency that it was told in, where that is another.",
    "definition": "The definition that let it count.",
    "destination": "Where its calls go.",
    "device": "desktop, mobile or tablet.",
    "disposition": "How whoever handled the call marked it.",
    "ended_at": "When it ended.",
    "external_id": "The id that the system it came from has for it.",
    "flow_branch": "Where the call flow sent the call.",
    "head": "Whether the row stands for the response itself: one row a response has it.",
    "how": "How it was matched: call_id, contact_id, caller_time, person or hand.",
    "impressions": "Impressions, where the source tells.",
    "is_first_call": "Whether this caller had never called before; empty where the caller is unknown.",
    "is_lost": "Whether the opportunity was lost.",
    "is_open": "Whether the opportunity is neither won nor lost.",
    "is_spam": "Whether it was marked as spam.",
    "kind": "Of what kind it is.",
    "leads": "How often it was marked as a lead.",
    "length": "How many touches its journey has.",
    "line_type": "Mobile, landline or another, where the carrier says.",
    "menu_keys": "What the caller pressed in a menu.",
    "miss": "Why it matched no call and no contact; empty where it did.",
    "name": "The name that it was given.",
    "no_shows": "Appointments missed.",
    "number": "The tracking number.",
    "number_id": "The tracking number’s id.",
    "number_name": "The name of the tracking number.",
    "on_date": "The day, as the company has it.",
    "opportunities": "Opportunities that came of it.",
    "outcome_id": "The outcome’s id.",
    "outcomes": "The kinds of all outcomes of the response.",
    "p": "The probability of this candidate for the response.",
    "p_known": "The probability that what the call is attributed to is right.",
    "p_none": "The probability that no visit we saw made the call.",
    "p_visit": "The probability that this visit made the call.",
    "pages": "How many pages were opened.",
    "person": "Who it was: the same for all calls and outcomes of one person, and nobody can read it back.",
    "pipeline_cents": "What open opportunities are worth, in cents; empty where unknown.",
    "pool": "The pool of the number.",
    "position": "The place of the touch in its journey, from 1.",
    "reason": "Why the credit is of no touch: unknown or no_touches; empty where a touch has it.",
    "refund_cents": "What was refunded, in cents; empty where unknown.",
    "refunds": "Refunds.",
    "region": "Where the visit came from.",
    "response_id": "The call or contact that it belongs to.",
    "response_ms": "When that response was, in ms since 1970 (UTC).",
    "ring_secs": "How long it rang, in seconds.",
    "sale_cents": "What was sold, in cents; empty where unknown.",
    "sales": "Sales that came of it.",
    "shows": "Appointments kept.",
    "since_last_secs": "Seconds since this caller’s call before; empty for a first or unknown caller.",
    "site": "The site’s name.",
    "spread_days": "Over how many days one figure was spread; 1 where each day was told.",
    "stage": "Its stage, as the system it came from calls it.",
    "stands_for": "What a static number stands for.",
    "started_at": "When it began.",
    "status": "How the call ended: answered, missed, abandoned, voicemail, busy, failed or blocked.",
    "system": "The system that told of it; empty for what Ringtrace saw itself.",
    "tags": "The tags put on it, sorted.",
    "talk_secs": "How long somebody spoke, in seconds.",
    "touch_id": "The touch that has the credit; empty where none has.",
    "touch_ms": "When the touch was, in ms since 1970 (UTC).",
    "transferred": "Whether it was passed on to somebody else; empty where nobody knows.",
    "use": "What the number is for: pool, static, overflow or out of use.",
    "value": "What it is worth, in the company’s currency; empty where unknown.",
    "value_cents": "What it is worth, in cents; empty where unknown.",
    "visit_id": "The visit’s id, the same in every table.",
    "visitor_id": "The visitor’s id: the same browser has the same.",
}


def column(name: str, kind: str = "VARCHAR", plain: str = "") -> Column:
    return Column(name=name, kind=kind, plain=plain or plain_of(name))


def plain_of(name: str) -> str:
    """Raises KeyError for a column that nobody explained."""
    if name in LAKE_MODELS:
        return f"The share of the response by the model “{MODELS[name].title}”, weighted by the match."
    return _PLAIN[name]


def fact_columns(fact: str) -> tuple[Column, ...]:
    """A fact of the lake, but for the company's id."""
    return tuple(column(name, kind) for name, kind in lake_columns(fact).items() if name != "company_id")


def source_columns(*without: str) -> tuple[Column, ...]:
    return tuple(column(name) for name in _SOURCE if name not in without)
