"""Who was erased is in no row and in no file, and every count is as before."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import msgspec
import pytest
from django.conf import settings as house

from ringtrace.core.calls import CallStatus, ReportKind
from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.core.errors import NotFound
from ringtrace.core.sources import Channel, Source
from ringtrace.intake.hooks.port import HookMessage
from ringtrace.intake.port import CallIn, ContactIn, ContactKind, OutcomeIn, PersonIn
from ringtrace.lake.check import check_lake
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.writer import LakeWriter
from ringtrace.web import hooks
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.erased import erased_id
from ringtrace.web.erasure import caller_hash, do_forget_caller, do_forget_visitor
from ringtrace.web.hooks import do_make_hook
from ringtrace.web.imported_calls import do_take_calls
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    ContactRow,
    Customer,
    CustomerKey,
    HookMessageRow,
    MatchRow,
    OutcomeRow,
    PersonRow,
    StaleMonth,
    VisitRow,
)
from ringtrace.web.outcomes import do_take_outcomes
from ringtrace.web.source_rules import do_ask_reclassification
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker.publish import publish_stale
from ringtrace.worker.reclassify import reclassify_step
from tests.rooms.books import NOW_MS, PRINTED, Books, new_books

pytestmark = pytest.mark.django_db

NUMBER = "+13105550177"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


@pytest.fixture
def caller(books: Books) -> str:
    """The hash of a caller who was here in August and twice in September, and once said so on a page."""
    hashed = caller_hash(books.company, NUMBER)
    earlier_ms = NOW_MS - 30 * DAY_MS
    books.write(books.seen("v0", earlier_ms), *books.answered("c0", earlier_ms + MINUTE_MS, caller_hash=hashed))
    books.write(*books.a_day(), books.named("v2", NOW_MS + 7 * MINUTE_MS, hashed))
    books.write(*books.answered("c8", NOW_MS + 8 * MINUTE_MS, holder=books.lease("v1"), caller_hash=hashed))
    books.drain()
    call = CallRow.objects.get(pk="c8")
    OutcomeRow.objects.create(
        company=books.company, call=call, kind="sale", at_ms=NOW_MS, note="Mrs. Doe, Elm Street 4", external_id="crm-77"
    )
    return hashed


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def publish(lake: Path) -> None:
    with closing(LakeWriter(lake)) as writer:
        assert publish_stale(writer, NOW_MS) is not None


def holds(lake: Path, text: str) -> list[str]:
    """The files on disk, named or not, with this text in any row or byte."""
    found = []
    for path in (each for each in lake.rglob("*") if each.is_file()):
        in_rows = False
        if path.suffix == ".parquet":
            in_rows = any(text in str(row) for row in duckdb.read_parquet(str(path)).fetchall())
        if in_rows or text.encode() in path.read_bytes():
            found.append(path.name)
    return found


def counts(lake: Path, books: Books) -> list[dict[str, object]]:
    return LakeReader(lake, books.company.pk).ask(
        "SELECT (SELECT count(*) FROM {calls}) AS calls, (SELECT count(DISTINCT caller_hash) FROM {calls}) AS callers,"
        " (SELECT count(*) FROM {calls} WHERE is_first_call) AS firsts,"
        " (SELECT count(*) FROM {touchpoints}) AS touches,"
        " (SELECT count(DISTINCT visitor_id) FROM {touchpoints}) AS visitors,"
        " (SELECT count(*) FROM {identities}) AS identities, (SELECT count(*) FROM {conversions}) AS conversions,"
        " (SELECT round(sum(linear), 9) FROM {credits}) AS linear",
        {},
        facts=("calls", "touchpoints", "identities", "conversions", "credits"),
    )


def test_a_forgotten_caller_is_in_no_file_on_disk(books: Books, caller: str, lake: Path) -> None:
    publish(lake)
    before = counts(lake, books)
    assert len(holds(lake, caller)) == 8  # calls, identities, conversions and credits of two months
    erased = do_forget_caller(books.company, NUMBER, NOW_MS)
    assert (erased.calls, erased.visits) == (2, 1)
    assert set(StaleMonth.objects.values_list("month", "forget")) == {("2026-08", True), ("2026-09", True)}
    publish(lake)
    assert holds(lake, caller) == []
    assert counts(lake, books)[0] | {"identities": 0} == before[0] | {"identities": 0}
    assert not StaleMonth.objects.exists()
    assert check_lake(lake).troubles == ()
    assert check_lake(lake).orphans == 0


def test_a_forgotten_caller_is_in_no_row(books: Books, caller: str) -> None:
    do_forget_caller(books.company, NUMBER, NOW_MS)
    assert not CallRow.objects.filter(caller_hash=caller).exists()
    assert not PersonRow.objects.filter(phone_hash=caller).exists()
    assert not any(caller.encode() in bytes(row.body) for row in CallReportRow.objects.all())
    calls = CallRow.objects.filter(pk__in=["c0", "c8"])
    assert len(set(calls.values_list("caller_hash", flat=True))) == 1
    assert set(calls.values_list("caller_sealed", flat=True)) == {None}
    outcome = OutcomeRow.objects.get()
    assert outcome.note == ""
    assert outcome.external_id.startswith("erased:")
    with pytest.raises(NotFound):
        do_forget_caller(books.company, NUMBER, NOW_MS)


def test_a_late_report_brings_no_forgotten_caller_back(books: Books, caller: str) -> None:
    do_forget_caller(books.company, NUMBER, NOW_MS)
    becomes = CallRow.objects.get(pk="c8").caller_hash
    books.write(books.said("c8", ReportKind.RINGING, NOW_MS + 8 * MINUTE_MS + 5, caller_hash=None, caller_sealed=None))
    books.drain()
    call = CallRow.objects.get(pk="c8")
    assert (call.caller_hash, call.caller_sealed) == (becomes, None)


def test_a_forgotten_visitor_is_in_no_file_on_disk(books: Books, caller: str, lake: Path) -> None:
    visitor = "visitor of v1"
    VisitRow.objects.filter(pk="v1").update(
        url="https://plumber.example/?email=jane@example.com&gclid=abc", ids={"ga": "GA1.2"}
    )
    visit = VisitRow.objects.get(pk="v1")
    VisitRow.objects.filter(pk="v1").update(source=visit.source | {"click_ids": {"gclid": "abc"}})
    publish(lake)
    before = counts(lake, books)
    assert len(holds(lake, visitor)) == 2  # touchpoints and identities of September
    erased = do_forget_visitor(books.company, visitor, NOW_MS)
    assert erased.visits == 1
    assert erased.calls > 0
    publish(lake)
    assert holds(lake, visitor) == []
    assert counts(lake, books)[0] | {"identities": 0} == before[0] | {"identities": 0}
    visit.refresh_from_db()
    assert (visit.url, visit.referrer, visit.ids) == ("", "", {})
    assert "click_ids" not in visit.source
    assert not any(
        visitor in str(row) for model in (VisitRow, MatchRow, PersonRow, ContactRow) for row in model.objects.values()
    )
    assert not any(visitor.encode() in bytes(row.body) for row in CallReportRow.objects.all())
    assert not PersonRow.objects.filter(visit="v1").exclude(email_hash=None, phone_hash=None).exists()


def test_history_that_is_read_again_keeps_a_forgotten_visits_source(books: Books, caller: str) -> None:
    VisitRow.objects.filter(pk="v1").update(url="https://plumber.example/?utm_source=flyer&utm_medium=print")
    do_forget_visitor(books.company, "visitor of v1", NOW_MS)
    before = VisitRow.objects.values_list("channel", "source").get(pk="v1")
    do_ask_reclassification(books.company, NOW_MS)
    while reclassify_step(NOW_MS):
        pass
    assert VisitRow.objects.values_list("channel", "source").get(pk="v1") == before


def test_it_says_that_nobody_is_known(books: Books, caller: str) -> None:
    with pytest.raises(NotFound):
        do_forget_visitor(books.company, "visitor of nobody", NOW_MS)


class TestTheTold:
    """Who was told of by other systems."""

    def test_it_forgets_whom_a_crm_alone_knows(self, books: Books) -> None:
        company = books.company
        person = PersonIn(phone_e164=NUMBER, email="doe@example.com", crm_id="crm:7", name="Mrs. Doe")
        told = OutcomeIn(kind="sale", at_ms=NOW_MS, external_id="crm-77", person=person, note="Elm Street 4")
        do_take_outcomes(company, [told], NOW_MS, system="crm")
        form = ContactIn(kind=ContactKind.FORM, at_ms=NOW_MS - 40 * DAY_MS, external_id="f-77", person=person, url="/d")
        do_take_contacts(company, [form], NOW_MS, system="crm")
        keys = list(CustomerKey.objects.values_list("key", flat=True))
        assert len(keys) == 3
        StaleMonth.objects.all().delete()
        do_forget_caller(company, NUMBER, NOW_MS)
        models = (OutcomeRow, ContactRow, Customer, CustomerKey)
        left = str([list(model._default_manager.values()) for model in models])
        assert [secret for secret in (*keys, "crm-77", "f-77", "Elm", "/d") if secret in left] == []
        assert Customer.objects.get().name_sealed is None
        assert OutcomeRow.objects.count() == ContactRow.objects.count() == 1
        marked = StaleMonth.objects.filter(forget=True).values_list("month", flat=True)
        assert sorted(marked) == ["2026-08", "2026-09"]
        with pytest.raises(NotFound):
            do_forget_caller(company, NUMBER, NOW_MS)

    def test_it_forgets_the_click_that_another_system_says_brought_the_call(self, books: Books) -> None:
        said = Source(channel=Channel.PAID_SEARCH, source="google", click_ids={"gclid": "secret-click"})
        call = CallIn(
            system="callrail",
            external_id="1",
            started_ms=NOW_MS,
            status=CallStatus.ANSWERED,
            called_e164=PRINTED,
            caller_e164=NUMBER,
            caller_name="Mrs. Doe",
            source=said,
        )
        do_take_calls(books.company, [call], NOW_MS)
        do_forget_caller(books.company, NUMBER, NOW_MS)
        row = CallRow.objects.get()
        assert (row.caller_sealed, row.name_sealed) == (None, None)
        assert (row.said_source or {})["source"] == "google"
        assert "secret-click" not in str(CallRow.objects.values().get())


class TestWhatHangsTogether:
    """Months, ids and messages that somebody is known in by way of another thing."""

    def test_the_other_phones_of_a_customer_lose_their_person(self, books: Books, lake: Path) -> None:
        company, other, old_ms = books.company, "+13105550178", NOW_MS - 40 * DAY_MS
        for name, number, at_ms in (("c1", NUMBER, NOW_MS), ("c2", other, old_ms)):
            books.write(*books.answered(name, at_ms, PRINTED, caller_hash=caller_hash(company, number)))
        books.drain()
        told = [
            OutcomeIn(kind="sale", at_ms=NOW_MS + 1, person=PersonIn(phone_e164=number, crm_id="crm:1"))
            for number in (NUMBER, other)
        ]
        do_take_outcomes(company, told, NOW_MS, system="crm")
        publish(lake)
        customer_id = Customer.objects.get().pk
        do_forget_caller(company, NUMBER, NOW_MS)
        assert set(StaleMonth.objects.values_list("month", "forget")) == {("2026-08", True), ("2026-09", True)}
        publish(lake)
        calls = LakeReader(lake, company.pk).ask("SELECT person FROM {calls}", {}, facts=("calls",))
        assert customer_id not in {row["person"] for row in calls}

    def test_a_visitor_is_in_no_month_of_a_contact_that_was_known_by_it(self, books: Books, lake: Path) -> None:
        company, old_ms = books.company, NOW_MS - 40 * DAY_MS
        books.write(books.seen("v1", old_ms), books.named("v1", old_ms + 1, caller_hash(company, NUMBER)))
        books.write(books.seen("v2", NOW_MS))
        books.drain()
        person = PersonIn(phone_e164=NUMBER)
        form = ContactIn(kind=ContactKind.FORM, at_ms=NOW_MS, external_id="f1", person=person)
        do_take_contacts(company, [form], NOW_MS, system="crm")
        publish(lake)
        assert len(holds(lake, "visitor of v1")) > 2
        do_forget_visitor(company, "visitor of v1", NOW_MS)
        publish(lake)
        assert holds(lake, "visitor of v1") == []

    def test_the_contacts_of_a_forgotten_visitor_tell_nothing(self, books: Books) -> None:
        company = books.company
        books.write(books.seen("v1", NOW_MS))
        books.drain()
        person = PersonIn(phone_e164=NUMBER, email="doe@example.com")
        form = ContactIn(kind=ContactKind.FORM, at_ms=NOW_MS, external_id="f-77", person=person, visit_id="v1", url="/")
        do_take_contacts(company, [form], NOW_MS, system="crm")
        do_forget_visitor(company, "visitor of v1", NOW_MS)
        row = ContactRow.objects.get()
        assert (row.phone_hash, row.email_hash, row.customer, row.url) == (None, None, None, "")
        assert row.external_id == erased_id(company.pk, "crm", "f-77") != "f-77"

    def test_an_erased_id_is_known_again_and_never_stands_twice(self, books: Books) -> None:
        company = books.company
        for _ in range(2):
            OutcomeRow.objects.create(
                company=company,
                kind="sale",
                at_ms=NOW_MS,
                system="crm",
                external_id="s-1",
                caller_hash=caller_hash(company, NUMBER),
            )
            do_forget_caller(company, NUMBER, NOW_MS)
        ids = sorted(OutcomeRow.objects.values_list("external_id", flat=True))
        becomes = erased_id(company.pk, "crm", "s-1")
        assert ids[0] == becomes
        assert ids[1].startswith(f"{becomes}:")

    def test_kept_messages_with_the_number_go(self, books: Books, caller: str) -> None:
        hook, _ = do_make_hook(books.company, "standard", "CRM", 0)
        bodies = (b'{"phone": "(310) 555-0177"}', b"p=%2B1%20%28310%29%20555-0177", b'{"phone": "+13105550178"}')
        for body in bodies:
            message = HookMessage(method="POST", url="https://x.example/", headers={}, body=body, received_ms=0)
            hooks._keep(hook, message, "unread", 0)
        do_forget_caller(books.company, NUMBER, NOW_MS)
        sealed = HookMessageRow.objects.get().sealed
        kept = msgspec.json.decode(house.KEYS.unseal(sealed, hooks.hook_purpose(hook.pk)))
        assert base64.b64decode(kept["body"]) == bodies[-1]


def test_what_is_told_again_of_somebody_erased_brings_nobody_back_and_counts_once(books: Books) -> None:
    person = PersonIn(phone_e164=NUMBER, email="ann@example.com", name="Ann")
    sale = OutcomeIn(kind="sale", at_ms=NOW_MS, external_id="deal 7", value_cents=5_000, person=person, note="Ann's")
    chat = ContactIn(kind=ContactKind.CHAT, at_ms=NOW_MS, external_id="chat 7", person=person)
    do_take_contacts(books.company, [chat], NOW_MS, system="crm")
    do_take_outcomes(books.company, [sale], NOW_MS, system="crm")
    do_forget_caller(books.company, NUMBER, NOW_MS)
    outcomes = do_take_outcomes(books.company, [sale], NOW_MS + 1, system="crm")
    contacts = do_take_contacts(books.company, [chat], NOW_MS + 1, system="crm")
    assert (outcomes.taken, outcomes.unchanged, contacts.taken, contacts.unchanged) == (0, 1, 0, 1)
    [row] = OutcomeRow.objects.filter(kind="sale", system="crm")
    assert (row.note, row.customer and row.customer.name_sealed) == ("", None)
    [told] = ContactRow.objects.filter(kind="chat")
    assert (told.phone_hash, told.email_hash) == (None, None)
    assert not CustomerKey.objects.exists()
