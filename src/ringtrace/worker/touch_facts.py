"""Touches: visits, calls to printed numbers, and what another system says brought a call or a contact."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from msgspec import Struct

from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel
from ringtrace.intake.files.naming import Aligner, NameField
from ringtrace.lake.schemas import TouchpointFact
from ringtrace.sources import channel_of
from ringtrace.web.models import CallRow, ContactRow, VisitRow
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.naming import aligner_of
from ringtrace.worker.spans import Span, columns_of, visitor_of_call, within

WEB = "web"  # what naming rules call the names that visits bring


class _Said(Struct, frozen=True, kw_only=True, gc=False):
    """What a touch says of its source: those fields of a core Source that the lake keeps."""

    channel: Channel
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    keyword: str | None = None
    content: str | None = None
    landing_page: str | None = None
    referrer_host: str | None = None


class _Touch(Struct, frozen=True, kw_only=True, gc=False):
    """What a touch is, besides its source."""

    touch_id: str
    kind: str
    visitor_id: str
    at_ms: int
    visit_id: str | None = None
    device: str | None = None
    region: str | None = None


_read_said = msgspec.json.Decoder(_Said).decode


def touchpoints(span: Span) -> Iterator[TouchpointFact]:
    """Visits by time; then calls to printed numbers, imported calls and contacts, each a touch of its own."""
    names = aligner_of(span.company_id)
    visits = within(VisitRow.objects.all(), span, "started_ms").annotate(said=Cast("source", TextField()))
    fields = ("visit_id", "visitor_id", "started_ms", "said", "device", "region")
    for visit_id, visitor_id, at_ms, said, device, region in columns_of(
        visits.order_by("started_ms", "visit_id"), *fields
    ):
        touch = _Touch(
            touch_id=visit_id,
            kind="visit",
            visitor_id=visitor_id,
            at_ms=at_ms,
            visit_id=visit_id,
            device=device or None,
            region=region or None,
        )
        yield _fact(span, touch, _read_said(said), names)
    for touch, said in _own_touches(span):
        yield _fact(span, touch, _read_said(said), names)


def _own_touches(span: Span) -> Iterator[tuple[_Touch, str]]:
    """Of responses that are their own touch, with the source as JSON."""
    calls = within(CallRow.objects.all(), span, "started_ms").order_by("started_ms", "call_id")
    printed = calls.filter(attributed_by=AttributedBy.STATIC_NUMBER).annotate(
        said=Cast("number__static_source", TextField())
    )
    for call_id, at_ms, said in columns_of(printed, "call_id", "started_ms", "said"):
        if said is not None:  # else the number stands for nothing any more
            yield _own(call_id, "number", at_ms), said
    imported = calls.filter(attributed_by=AttributedBy.IMPORTED).annotate(said=Cast("said_source", TextField()))
    for call_id, at_ms, said in columns_of(imported, "call_id", "started_ms", "said"):
        yield _own(call_id, "imported", at_ms), said
    contacts = said_contacts(span).annotate(said=Cast("said_source", TextField()))
    for contact_id, at_ms, said in columns_of(contacts, "contact_id", "at_ms", "said"):
        yield _own(contact_id, "imported", at_ms), said


def said_contacts(span: Span) -> QuerySet[ContactRow]:
    """Contacts of no visit of ours whose source another system tells."""
    contacts = within(ContactRow.objects.all(), span, "at_ms").filter(visit=None)
    return contacts.exclude(Q(said_source=None)).order_by("at_ms", "contact_id")


def _own(response_id: str, kind: str, at_ms: int) -> _Touch:
    touch_id, visitor_id = derived_id("touch", response_id), visitor_of_call(response_id)
    return _Touch(touch_id=touch_id, kind=kind, visitor_id=visitor_id, at_ms=at_ms)


def _fact(span: Span, touch: _Touch, said: _Said, names: Aligner) -> TouchpointFact:
    source = said.source and names.align(NameField.SOURCE, said.source, WEB)
    medium = said.medium and names.align(NameField.MEDIUM, said.medium, WEB)
    campaign = said.campaign and names.align(NameField.CAMPAIGN, said.campaign, WEB)
    is_renamed = (source, medium) != (said.source, said.medium)
    return TouchpointFact(
        company_id=span.company_id,
        touch_id=touch.touch_id,
        kind=touch.kind,
        visit_id=touch.visit_id,
        visitor_id=touch.visitor_id,
        at_ms=touch.at_ms,
        channel=channel_of(source, medium, campaign) if is_renamed else said.channel,
        source=source,
        medium=medium,
        campaign=campaign,
        ad_group=said.ad_group,
        keyword=said.keyword,
        content=said.content,
        landing_page=said.landing_page,
        referrer_host=said.referrer_host,
        device=touch.device,
        region=touch.region,
    )
