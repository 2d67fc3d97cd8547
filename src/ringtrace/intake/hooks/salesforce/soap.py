"""Salesforce's Outbound Message: SOAP `notifications` with up to a hundred records, read without trusting its XML.

Source: developer.salesforce.com, SOAP API Developer Guide, "Outbound Messaging" (WSDL, listener, acknowledgement). A
document type declaration is refused, so there are no entities to expand; depth, elements and size are bounded.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from msgspec import Struct

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.hooks.port import LONGEST_BODY

_OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
_TYPE = "http://www.w3.org/2001/XMLSchema-instance type"
_DEEPEST, _MOST_ELEMENTS, _MOST_RECORDS, _LONGEST_TEXT = 12, 20_000, 100, 10_000
_ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    f'<notificationsResponse xmlns="{_OUTBOUND}"><Ack>{{}}</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


class Record(Struct, frozen=True):
    """One record: its object's name, such as `Opportunity`, and its fields as texts."""

    object: str
    fields: dict[str, str]


class Notifications(Struct, frozen=True):
    organization_id: str
    records: tuple[Record, ...]


def read_notifications(body: bytes) -> Notifications:
    """Raises UnreadableBody for anything but an Outbound Message."""
    if len(body) > LONGEST_BODY:
        raise UnreadableBody(f"Salesforce's message is over {LONGEST_BODY:,} bytes.", hint="Send fewer fields.")
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableBody("Salesforce's message is not XML.", hint="Send an Outbound Message.") from error
    if not reader.organization_id:
        raise UnreadableBody("The XML is no Outbound Message.", hint="It has no OrganizationId.")
    return Notifications(reader.organization_id, tuple(reader.records))


def acknowledgement(taken: bool) -> bytes:
    """Salesforce sends again, for 24 hours, until it reads `true` here."""
    return _ACK.format("true" if taken else "false").encode()


class _Reader:
    """Follows the elements by their local names; `path` is where it stands."""

    def __init__(self) -> None:
        self.organization_id = ""
        self.records: list[Record] = []
        self.path: list[str] = []
        self.elements = 0
        self.text: list[str] = []
        self.object = ""
        self.fields: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.path.append(name.rpartition(" ")[2])
        if len(self.path) > _DEEPEST or self.elements > _MOST_ELEMENTS or len(self.records) > _MOST_RECORDS:
            raise UnreadableBody("Salesforce's message is too deep or too long.", hint="Send an Outbound Message.")
        self.text = []
        if name == f"{_OUTBOUND} sObject":
            self.object, self.fields = attributes.get(_TYPE, "").rpartition(":")[2][:100], {}

    def _end(self, name: str) -> None:
        text = "".join(self.text).strip()[:_LONGEST_TEXT]
        if name == f"{_OUTBOUND} OrganizationId" and self.path[-2:-1] == ["notifications"]:
            self.organization_id = self.organization_id or text
        elif self.path[-2:-1] == ["sObject"]:
            self.fields.setdefault(self.path[-1], text)
        elif name == f"{_OUTBOUND} sObject":
            self.records.append(Record(self.object, self.fields))
        self.path.pop()
        self.text = []

    def _characters(self, text: str) -> None:
        self.text.append(text)


def _refuse(*_: Any) -> None:
    raise UnreadableBody("Salesforce's messages have no document type.", hint="Send an Outbound Message.")
