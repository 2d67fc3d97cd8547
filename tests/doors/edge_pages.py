"""What tests of the pages' doors share: sites laid out anew, pages that knock, and what the journal says of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.edge.inprocess import Answered
from ringtrace.testing.house import COMPANY, KEY, ORIGIN, SITE, TARGET, House
from ringtrace.wire.directory import PoolEntry, StaticEntry, When
from ringtrace.wire.journal import VisitAlive, VisitSeen

SECOND_TARGET = "+13105550777"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ADDRESS = "203.0.113.9"


def body_of(answer: Answered) -> dict[str, object]:
    return msgspec.json.decode(answer.body, type=dict[str, object])


def assert_refused(answer: Answered, reason: Refusal, status: int) -> None:
    assert (answer.status, answer.reason) == (status, reason.value)
    assert body_of(answer) == {"error": {"code": reason.value, "hint": HINTS[reason]}}


def told(answer: Answered) -> tuple[object, object, str | None]:
    """(held, reason in the body, reason in the header) of an answer with numbers or without."""
    body = body_of(answer)
    return body["held"], body["reason"], answer.reason


def token_of(answer: Answered) -> str:
    """The visit's token as the page is to keep it."""
    return str(body_of(answer)["visit"])


def pool(
    pool_id: str, *numbers: str, target: str = TARGET, when: When | None = None, place: int = 100, **more: object
) -> PoolEntry:
    plain = PoolEntry(
        pool_id=pool_id,
        site_id=SITE,
        company_id=COMPANY,
        target_e164=target,
        numbers=numbers,
        when=when or When(),
        place=place,
    )
    return msgspec.structs.replace(plain, **more)


def static(
    static_id: str, e164: str, *, target: str = TARGET, when: When | None = None, place: int = 50
) -> StaticEntry:
    return StaticEntry(
        static_id=static_id,
        site_id=SITE,
        company_id=COMPANY,
        target_e164=target,
        e164=e164,
        when=when or When(),
        place=place,
    )


def publish(house: House, **changes: object) -> None:
    """A new directory with these fields changed, taken."""
    house.publish(lambda version: msgspec.structs.replace(house.directory(version), **changes))
    assert house.refresh()


def publish_site(house: House, **changes: object) -> None:
    publish(house, sites=(site_with(house, **changes),))


def site_with(house: House, **changes: object) -> object:
    return msgspec.structs.replace(house.directory(0).sites[0], **changes)


def ask_page(
    house: House, body: Mapping[str, object], headers: Mapping[str, str] | None = None, **options: str
) -> Answered:
    """A page view with just these fields beside the site."""
    page = {"v": 1, "site": KEY, "url": f"{ORIGIN}/", **body}
    return house.post("/v1/visit", page, headers, **options)


def visits(house: House) -> list[VisitSeen]:
    return [event for event in house.events() if isinstance(event, VisitSeen)]


def visit_ids(house: House) -> set[str]:
    """The visits that the journal knows of page views."""
    return {event.visit_id for event in house.events() if isinstance(event, VisitSeen | VisitAlive)}


def on_disk(house: House) -> bytes:
    """Every byte of the store's files."""
    return b"".join(path.read_bytes() for path in sorted(house.path.parent.glob("edge.sqlite*")))
