"""CallTrackingMetrics: calls of the API (`calls`), and the activity export where its columns have the API's words.

Fields verified in public payloads and models of the API: id, sid, name, cnam, search, referrer, location, source,
duration, talk_time, ring_time, direction, state, country, called_at (`2013-10-01 10:17 AM +02:00`), unix_time,
tracking_number, tracking_label, dial_status (`completed`, `no-answer`, `hangup`), call_status, is_new_caller,
caller_number_complete, tag_list, notes, agent, sale (score, conversion, value). From memory: the titles that the CSV
export gives them, and that a form has `direction` form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringtrace.core.calls import CallStatus
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.call_logs.cells import Cells, plain_names
from ringtrace.intake.call_logs.port import CallLog, LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.reading import Ids, Made, Outbound, is_spam_tag, read_rows, region_of, worth
from ringtrace.intake.call_logs.said_sources import SaidSource, source_of
from ringtrace.intake.call_logs.statuses import status_of
from ringtrace.intake.port import CallIn, ContactIn, ContactKind, PersonIn

_API = frozenset({"callernumbercomplete", "trackingnumber"})
_FILE = frozenset({"trackingnumber", "talktime", "ringtime"})


class CallTrackingMetricsLog:
    name = "calltrackingmetrics"
    title = "CallTrackingMetrics"

    def knows(self, header: Iterable[str]) -> bool:
        names = plain_names(header)
        return names >= _API or names >= _FILE

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        return read_rows(rows, choices, _activity)


def _activity(cells: Cells, ids: Ids) -> Iterable[Made]:
    direction = cells.text("direction").lower()
    if "out" in direction:
        raise Outbound
    return _form(cells, ids) if direction == "form" or cells.text("formformname") else _call(cells, ids)


def _started_ms(cells: Cells) -> int:
    return cells.moment_ms("unixtime", "calledat", "date", "calldate", "datetime", "starttime", "time")


def _call(cells: Cells, ids: Ids) -> Iterable[Made]:
    started_ms, called = _started_ms(cells), cells.called("trackingnumber", "trackingnumberformat")
    talk_secs, status = cells.secs("talktime"), status_of(cells, "dialstatus", "callstatus", "status")
    if status is CallStatus.ABANDONED and talk_secs:
        status = CallStatus.ANSWERED  # `hangup` after talk is how a call ends
    id_ = cells.text("sid", "id", "callid", "activityid")[:80] or ids.made(started_ms, called, talk_secs, status)
    person, tags = _person(cells), cells.tags("taglist", "tags")
    sale = cells.cents("salevalue", "value")
    is_sale = sale is not None or cells.truth("saleconversion", "conversion") is True
    yield CallIn(
        system="calltrackingmetrics",
        external_id=id_,
        started_ms=started_ms,
        status=status,
        called_e164=called,
        caller_e164=person.phone_e164,
        caller_name=person.name,
        caller_region=region_of(cells),
        ring_secs=cells.secs("ringtime"),
        talk_secs=talk_secs if status is CallStatus.ANSWERED else None,
        is_first_call=cells.truth("isnewcaller", "newcaller"),
        source=source_of(_source(cells), cells),
        number_name=cells.text("trackinglabel", "numberlabel")[:120],
        agent=cells.text("agentname", "agent", "agentemail")[:120],
        tags=tags,
        is_spam=is_spam_tag(tags) or cells.truth("spam") is True,
        note=cells.text("notes", "note")[:2_000],
        outcome=worth("calltrackingmetrics", id_, started_ms, sale, cells.choices.currency, OutcomeKind.SALE, person)
        if is_sale
        else None,
    )


def _form(cells: Cells, ids: Ids) -> Iterable[Made]:
    started_ms = _started_ms(cells)
    id_ = cells.text("sid", "id", "activityid")[:80] or ids.made(started_ms, "form", cells.text("formformname"))
    yield ContactIn(
        kind=ContactKind.FORM,
        at_ms=started_ms,
        external_id=f"calltrackingmetrics:{id_}",
        name=cells.text("formformname", "trackinglabel")[:200],
        url=cells.text("location")[:2_000],
        person=_person(cells),
        source=source_of(_source(cells), cells),
    )


def _person(cells: Cells) -> PersonIn:
    return PersonIn(
        phone_e164=cells.phone(
            "callernumbercomplete", "callernumber", "contactnumber", "phonenumber", "callernumberformat"
        ),
        email=cells.email("email", "formemail"),
        name=cells.text("name", "callername", "cnam", "formname")[:200] or None,
    )


def _source(cells: Cells) -> SaidSource:
    return SaidSource(
        name=cells.text("source", "trackingsource", "sourcename"),
        medium=cells.text("medium", "paidmedium"),
        campaign=cells.text("campaign", "campaignname"),
        ad_group=cells.text("adgroup", "adgroupname"),
        keyword=cells.text("keyword", "search", "searchquery"),
        landing_url=cells.text("location", "landingpage", "pageurl"),
        referrer=cells.text("referrer", "referral"),
    )


LOG: CallLog = CallTrackingMetricsLog()
