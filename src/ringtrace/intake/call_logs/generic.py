"""Any call log, by a map from our fields to the file's columns; common titles are found without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.intake.call_logs.cells import Cells, plain_name
from ringtrace.intake.call_logs.moments import read_moment
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
from ringtrace.intake.call_logs.statuses import status_of
from ringtrace.intake.port import CallIn, PersonIn

# Our field -> titles it commonly has. `started` is a date with a time; else `date` and `time` are put together.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("callid", "id", "uniqueid", "calluuid"),
    "started": ("started", "starttime", "calldate", "datetime", "calltime", "timestamp", "startedat"),
    "date": ("date",),
    "time": ("time",),
    "called": ("called", "to", "callednumber", "trackingnumber", "did", "destination", "dialednumber"),
    "caller": ("caller", "from", "callernumber", "phonenumber", "phone", "callerid", "src"),
    "caller_name": ("callername", "name"),
    "status": ("status", "callstatus", "disposition", "result", "outcome"),
    "direction": ("direction", "calltype", "type"),
    "talk": ("talktime", "talksecs", "billsec", "talkseconds"),
    "ring": ("ringtime", "ringsecs"),
    "duration": ("duration", "durationseconds", "callduration"),
    "first_call": ("firstcall", "firsttimecaller", "newcaller"),
    "source": ("source", "leadsource", "utmsource"),
    "medium": ("medium", "utmmedium"),
    "campaign": ("campaign", "utmcampaign"),
    "keyword": ("keyword", "keywords", "utmterm"),
    "landing_url": ("landingpage", "landingurl", "landingpageurl", "url"),
    "referrer": ("referrer", "referringurl"),
    "number_name": ("numbername", "trackinglabel"),
    "agent": ("agent", "agentname", "answeredby"),
    "tags": ("tags",),
    "note": ("note", "notes"),
    "email": ("email",),
    "value": ("value", "amount", "revenue"),
}
# No value is a sale unless the person says which column it is in: `value` of an unknown log could be anything.
_ONLY_IF_SAID = frozenset({"value"})


class GenericLog:
    name = "generic"
    title = "Another system"

    def knows(self, header: Iterable[str]) -> bool:  # noqa: ARG002
        """Never by itself: a person says that a log is no known system's."""
        return False

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        names = _names(choices)
        return read_rows(rows, choices, lambda cells, ids: _call(cells, ids, names))


def _names(choices: LogChoices) -> dict[str, tuple[str, ...]]:
    """Our field -> plain names of its columns. Raises BadInput for a field that is none of ours."""
    unknown = sorted(set(choices.columns) - set(FIELDS))
    if unknown:
        raise BadInput(f"{unknown[0][:40]!r} is no field of a call.", hint=f"Fields are {', '.join(FIELDS)}.")
    found = {field: () if field in _ONLY_IF_SAID else names for field, names in FIELDS.items()}
    return found | {field: (plain_name(column),) for field, column in choices.columns.items()}


def _call(cells: Cells, ids: Ids, names: Mapping[str, tuple[str, ...]]) -> Iterable[Made]:
    if cells.text(*names["direction"]).lower().startswith("out"):
        raise Outbound
    choices = cells.choices
    started_ms, called = _started_ms(cells, names), cells.called(*names["called"])
    status, duration = status_of(cells, *names["status"]), cells.secs(*names["duration"])
    id_ = cells.text(*names["external_id"])[:80] or ids.made(started_ms, called, duration, status)
    talk_secs = cells.secs(*names["talk"])
    if talk_secs is None and choices.duration_is_talk:
        talk_secs = duration
    person = PersonIn(phone_e164=cells.phone(*names["caller"]), email=cells.email(*names["email"]))
    tags, value = cells.tags(*names["tags"]), cells.cents(*names["value"])
    kind = kind_of_worth(value, is_lead=False)
    yield CallIn(
        system=choices.system,
        external_id=id_,
        started_ms=started_ms,
        status=status,
        called_e164=called,
        caller_e164=person.phone_e164,
        caller_name=cells.text(*names["caller_name"])[:200] or None,
        caller_region=region_of(cells),
        ring_secs=cells.secs(*names["ring"]),
        talk_secs=talk_secs if status is CallStatus.ANSWERED else None,
        is_first_call=cells.truth(*names["first_call"]),
        source=source_of(_source(cells, names), cells),
        number_name=cells.text(*names["number_name"])[:120],
        agent=cells.text(*names["agent"])[:120],
        tags=tags,
        is_spam=is_spam_tag(tags),
        note=cells.text(*names["note"])[:2_000],
        outcome=None if kind is None else worth(choices.system, id_, started_ms, value, choices.currency, kind, person),
    )


def _started_ms(cells: Cells, names: Mapping[str, tuple[str, ...]]) -> int:
    if cells.text(*names["started"]) or not cells.text(*names["date"]):
        return cells.moment_ms(*names["started"])
    clock, day = cells.text(*names["time"]), cells.text(*names["date"])
    return read_moment(f"{day} {clock}".strip(), cells.choices.zone, day_first=cells.choices.day_first)


def _source(cells: Cells, names: Mapping[str, tuple[str, ...]]) -> SaidSource:
    return SaidSource(
        name=cells.text(*names["source"]),
        medium=cells.text(*names["medium"]),
        campaign=cells.text(*names["campaign"]),
        keyword=cells.text(*names["keyword"]),
        landing_url=cells.text(*names["landing_url"]),
        referrer=cells.text(*names["referrer"]),
    )


LOG: CallLog = GenericLog()
