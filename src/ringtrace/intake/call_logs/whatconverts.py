"""WhatConverts: leads of the API or of the leads export; calls become calls, forms and chats contacts.

Fields verified in public samples of the API and its webhook: lead_id, lead_type (`Phone Call`, `phone_call`, `Web
Form`, `Chat`, ...), lead_status (`Unique`), date_created (UTC), quotable (`Yes`, `Not Set`), quote_value, sales_value,
lead_source, lead_medium, lead_campaign, lead_content, lead_keyword, lead_url, landing_url, contact_name,
contact_email_address, contact_phone_number, caller_number, tracking_number, call_duration_seconds, device_type, spam,
duplicate, gclid, msclkid, notes; answer_status by a connector's list of fields. From memory: the export's titles (the
same words), and the values of answer_status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.call_logs.cells import Cells, plain_name, plain_names
from ringtrace.intake.call_logs.port import CallLog, LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.reading import Ids, Made, read_rows, region_of, worth
from ringtrace.intake.call_logs.said_sources import SaidSource, source_of
from ringtrace.intake.call_logs.statuses import status_of
from ringtrace.intake.port import CallIn, ContactIn, ContactKind, OutcomeIn, PersonIn

_LEADS = frozenset({"leadtype", "leadsource"})
_KINDS = {
    "webform": ContactKind.FORM,
    "chat": ContactKind.CHAT,
    **dict.fromkeys(("textmessage", "email", "event", "transaction", "appointment", "other"), ContactKind.OTHER),
}
_FIRST = {"unique": True, "repeat": False}


class WhatConvertsLog:
    name = "whatconverts"
    title = "WhatConverts"

    def knows(self, header: Iterable[str]) -> bool:
        return plain_names(header) >= _LEADS

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        return read_rows(rows, choices, _lead)


def _lead(cells: Cells, ids: Ids) -> Iterable[Made]:
    said = cells.needed("leadtype")
    type_ = plain_name(said)
    if type_ == "phonecall":
        return _call(cells, ids)
    kind = _KINDS.get(type_)
    if kind is None:
        raise BadInput(f"{said[:40]!r} is no type of lead that we know.", hint="Leave such leads out of the export.")
    return _contact(cells, ids, kind)


def _started_ms(cells: Cells) -> int:
    return cells.moment_ms("datecreated", "leaddate", "date", "datetime")


def _call(cells: Cells, ids: Ids) -> Iterable[Made]:
    started_ms, called = _started_ms(cells), cells.called("trackingnumber", "trackingphonenumber")
    duration = cells.secs("calldurationseconds", "callduration")
    status = status_of(cells, "answerstatus", "callstatus")
    id_ = cells.text("leadid")[:80] or ids.made(started_ms, called, duration, status)
    person = _person(cells)
    yield CallIn(
        system="whatconverts",
        external_id=id_,
        started_ms=started_ms,
        status=status,
        called_e164=called,
        caller_e164=person.phone_e164,
        caller_name=person.name,
        caller_region=region_of(cells),
        talk_secs=duration if status is CallStatus.ANSWERED and cells.choices.duration_is_talk else None,
        is_first_call=_FIRST.get(cells.text("leadstatus").lower()),
        source=source_of(_source(cells), cells),
        number_name=cells.text("trackingnumbername", "numbername")[:120],
        device=cells.text("devicetype").lower()[:40],
        is_spam=cells.truth("spam") is True,
        note=cells.text("notes")[:2_000],
        outcome=_outcome(cells, id_, started_ms, person),
    )


def _contact(cells: Cells, ids: Ids, kind: ContactKind) -> Iterable[Made]:
    started_ms, person = _started_ms(cells), _person(cells)
    id_ = cells.text("leadid")[:80] or ids.made(started_ms, kind, cells.text("leadurl"))
    external_id = f"whatconverts:{id_}"
    yield ContactIn(
        kind=kind,
        at_ms=started_ms,
        external_id=external_id,
        name=cells.text("formname", "leadtype")[:200],
        url=cells.text("leadurl")[:2_000],
        person=person,
        source=source_of(_source(cells), cells),
    )
    outcome = _outcome(cells, id_, started_ms, person, contact=external_id)
    if outcome is not None:
        yield outcome


def _outcome(cells: Cells, id_: str, at_ms: int, person: PersonIn, contact: str | None = None) -> OutcomeIn | None:
    """A sales value is a sale, a quote an opportunity, a lead that can be quoted a lead."""
    sale, quote = cells.cents("salesvalue"), cells.cents("quotevalue")
    if sale is not None:
        made = worth("whatconverts", id_, at_ms, sale, cells.choices.currency, OutcomeKind.SALE, person)
    elif quote is not None:
        made = worth("whatconverts", id_, at_ms, quote, cells.choices.currency, OutcomeKind.OPPORTUNITY, person)
    elif cells.truth("quotable"):
        made = worth("whatconverts", id_, at_ms, None, None, OutcomeKind.LEAD, person)
    else:
        return None
    return OutcomeIn(
        kind=made.kind,
        at_ms=at_ms,
        external_id=made.external_id,
        value_cents=made.value_cents,
        currency=made.currency,
        person=person,
        contact_external_id=contact,
    )


def _person(cells: Cells) -> PersonIn:
    return PersonIn(
        phone_e164=cells.phone("callernumber", "contactphonenumber", "phonenumber", "phone"),
        email=cells.email("contactemailaddress", "emailaddress", "email"),
        name=cells.text("contactname", "callername", "name")[:200] or None,
    )


def _source(cells: Cells) -> SaidSource:
    return SaidSource(
        name=cells.text("leadsource"),
        medium=cells.text("leadmedium"),
        campaign=cells.text("leadcampaign"),
        content=cells.text("leadcontent"),
        keyword=cells.text("leadkeyword"),
        landing_url=cells.text("landingurl", "landingpage"),
        referrer=cells.text("referringurl", "referrer"),
    )


LOG: CallLog = WhatConvertsLog()
