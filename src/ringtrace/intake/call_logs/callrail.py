"""CallRail: the call log's CSV export, and `calls` of API v3.

Columns verified in public code that reads real exports ("Call List" of 2026): Call Status (`Answered Call`, `Abandoned
Call`), Number Name, Tracking Number, Source, Start Time, Duration (seconds), Name, Phone Number, Email, First-Time
Caller, City, State, Medium, Landing Page, Tags, Qualified (`Qualified Lead`, `Not Scored`), Value, Recording Url, Note.
From memory: Referrer, Campaign, Keywords, Device, Agent. API fields verified in CallRail's published webhook example
(its HMAC vector): answered, voicemail, call_type, start_time, duration, tracking_phone_number, customer_phone_number,
first_call, source_name (the number's name), formatted_tracking_source, lead_status, value, landing_page_url and so on.

The export has no id: it is taken from the recording's address where there is one. Times have no offset (those who read
it take them for the company's zone): choose the zone. CallRail tells one duration; whether of talk alone is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ringtrace.core.calls import CallStatus
from ringtrace.intake.call_logs.cells import Cells, plain_name, plain_names, read_truth
from ringtrace.intake.call_logs.port import CallLog, LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.reading import (
    Ids,
    Made,
    Outbound,
    is_spam_tag,
    kind_of_worth,
    read_rows,
    region_of,
    worth,
)
from ringtrace.intake.call_logs.said_sources import SaidSource, source_of
from ringtrace.intake.call_logs.statuses import known_status, status_of
from ringtrace.intake.port import CallIn, PersonIn

_FILE = frozenset({"callstatus", "trackingnumber", "starttime"})
_FILE_ALONE = frozenset({"numbername", "firsttimecaller"})
_API = frozenset({"trackingphonenumber", "customerphonenumber", "starttime"})
_CALL_IN_ADDRESS = re.compile(r"/calls/([A-Za-z0-9]{6,40})")
_GOOD = frozenset({"qualifiedlead", "qualified", "goodlead", "yes"})


class CallRailLog:
    name = "callrail"
    title = "CallRail"

    def knows(self, header: Iterable[str]) -> bool:
        names = plain_names(header)
        return names >= _API or (names >= _FILE and not names.isdisjoint(_FILE_ALONE))

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        return read_rows(rows, choices, _call)


def _call(cells: Cells, ids: Ids) -> Iterable[Made]:
    if cells.text("direction").lower().startswith("out"):
        raise Outbound
    started_ms, called = cells.moment_ms("starttime"), cells.called("trackingnumber", "trackingphonenumber")
    status, duration = _status(cells), cells.secs("durationseconds", "duration")
    id_ = _id(cells) or ids.made(started_ms, called, duration, status)
    tags = cells.tags("tags")
    person = PersonIn(
        phone_e164=cells.phone("phonenumber", "customerphonenumber"), email=cells.email("email", "customeremail")
    )
    value = cells.cents("value")
    kind = kind_of_worth(value, is_lead=plain_name(cells.text("qualified", "leadstatus")) in _GOOD)
    yield CallIn(
        system="callrail",
        external_id=id_,
        started_ms=started_ms,
        status=status,
        called_e164=called,
        caller_e164=person.phone_e164,
        caller_name=cells.text("name", "customername")[:200] or None,
        caller_region=region_of(cells),
        talk_secs=duration if status is CallStatus.ANSWERED and cells.choices.duration_is_talk else None,
        is_first_call=cells.truth("firsttimecaller", "firstcall"),
        source=source_of(_source(cells), cells),
        number_name=cells.text("numbername", "sourcename")[:120],
        device=cells.text("device", "devicetype").lower()[:40],
        agent=cells.text("agent", "agentname", "agentemail")[:120],
        tags=tags,
        is_spam=is_spam_tag(tags),
        note=cells.text("note")[:2_000],
        outcome=None
        if kind is None
        else worth("callrail", id_, started_ms, value, cells.choices.currency, kind, person),
    )


def _id(cells: Cells) -> str:
    said = cells.text("callid", "id")
    found = _CALL_IN_ADDRESS.search(cells.text("recordingurl", "recording"))
    return said[:80] or (found[1] if found is not None else "")


def _status(cells: Cells) -> CallStatus:
    """The export's one word; of the API, its truths, where `call_type` tells apart what was not answered."""
    if cells.has("callstatus"):
        return status_of(cells, "callstatus")
    if cells.truth("voicemail"):
        return CallStatus.VOICEMAIL
    answered, found = read_truth(cells.text("answered")), known_status(cells.text("calltype"))
    if answered is not None:
        return CallStatus.ANSWERED if answered else found or CallStatus.MISSED
    return status_of(cells, "calltype")


def _source(cells: Cells) -> SaidSource:
    return SaidSource(
        name=cells.text("source", "formattedtrackingsource"),
        medium=cells.text("medium"),
        campaign=cells.text("campaign"),
        keyword=cells.text("keywords", "keyword"),
        landing_url=cells.text("landingpage", "landingpageurl"),
        referrer=cells.text("referrer", "referringurl", "referrerdomain"),
    )


LOG: CallLog = CallRailLog()
