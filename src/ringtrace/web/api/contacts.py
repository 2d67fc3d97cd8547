"""Contacts: forms, chats and visits to the store, told by other systems."""

from __future__ import annotations

from msgspec import Struct
from ninja import Router

from ringtrace.intake.port import ContactIn, ContactKind, What
from ringtrace.web.api.bearing import ApiRequest
from ringtrace.web.api.operations import TELLS_OUTCOMES, operation
from ringtrace.web.api.reading import (
    ExternalId,
    Moment,
    Name,
    PersonBody,
    SourceBody,
    Text,
    ms_of,
    person_of,
    source_of,
)
from ringtrace.web.api.taking import TakenRows, take_rows
from ringtrace.web.models import Company

router = Router(tags=["contacts"])


class ContactBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A response that is no call. The same `external_id` again replaces. `visit_id`: of the snippet, if it is known."""

    kind: ContactKind
    at: Moment
    external_id: ExternalId
    name: Name = ""
    url: Text = ""
    person: PersonBody = PersonBody()
    visit_id: Name | None = None
    source: SourceBody | None = None


@operation(
    router,
    "POST /contacts",
    "tell_contacts",
    "Tell contacts, one or up to 1,000",
    TELLS_OUTCOMES,
    body=ContactBody | list[ContactBody],
    answers=TakenRows,
)
def tell(request: ApiRequest) -> TakenRows:
    return take_rows(request, What.CONTACTS, ContactBody, _contact_in)


def _contact_in(body: ContactBody, company: Company) -> ContactIn:
    return ContactIn(
        kind=body.kind,
        at_ms=ms_of(body.at),
        external_id=body.external_id,
        name=body.name,
        url=body.url,
        person=person_of(body.person, company),
        visit_id=body.visit_id,
        source=source_of(body.source),
    )
