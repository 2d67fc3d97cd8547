"""The screen pop: what each person sees of the calls on the desk, and what they may say of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import StreamingHttpResponse
from django.test import Client

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import MINUTE_MS, SECOND_MS, wall_clock
from ringtrace.flows.interpreter import ring_flow
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import Leaf, Operator, TagRule
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.agents import do_name_by_place
from ringtrace.web.counting import do_add_tag_rule
from ringtrace.web.models import (
    AuditRow,
    CallRow,
    Company,
    CompanySeat,
    ContactRow,
    Customer,
    CustomerKey,
    Membership,
    OutcomeRow,
    Role,
    TapRow,
    TrackingNumber,
    User,
)
from ringtrace.web.pages import pop as pages
from ringtrace.web.pop_hints import do_save_hint
from ringtrace.web.pop_stream import Notifier, mark_of
from tests.doors.cast import CALLER_SHOWN, PASSWORD, Cast, browser, make_call

HASH = "caller-1"
Agents = Callable[..., Client]


@pytest.fixture
def agents(cast: Cast) -> Agents:
    """Hires an agent of Alice's; returns their browser."""

    def hire(name: str, agent_name: str = "", company: Company | None = None) -> Client:
        user = User.objects.create_user(f"{name}@example.com", PASSWORD)
        account = (company or cast.company).account
        Membership.objects.create(user=user, account=account, role=Role.AGENT, agent_name=agent_name)
        return browser(user.email)

    return hire


def ring(cast: Cast, **fields: object) -> CallRow:
    """A call to Alice's number that rings, of somebody known by HASH."""
    number = fields.pop("number", cast.number)
    row = make_call(number, cast.visit, status="ringing", started_ms=wall_clock() - 5 * SECOND_MS)  # type: ignore[arg-type]
    CallRow.objects.filter(pk=row.pk).update(**{"caller_hash": HASH, "ring_secs": None} | fields)
    return CallRow.objects.get(pk=row.pk)


def now_of(client: Client) -> str:
    return client.get("/pop/now/").content.decode()


def change(call: CallRow, status: CallStatus, **fields: object) -> None:
    now_ms = wall_clock()
    fields |= {"ended_ms": now_ms} if status.is_over else {}
    CallRow.objects.filter(pk=call.pk).update(status=status.value, changed_ms=now_ms, **fields)


class TestACallThatRings:
    def test_it_shows_who_calls_and_what_brought_them(self, cast: Cast) -> None:
        ring(cast)
        TapRow.objects.create(
            event_id="t1", company=cast.company, visit=cast.visit, e164="+13105550101", at_ms=wall_clock()
        )
        ContactRow.objects.create(
            contact_id="f1", company=cast.company, visit=cast.visit, name="quote", url="", at_ms=wall_clock()
        )
        page = cast.alice.get("/pop/").content.decode()
        brought = ("google", "emergency-leaks", "burst pipe help", "/leaks", "83 %")
        done = ("tapped (310) 555-0101", "sent the form “quote”", "mobile")
        for text in (CALLER_SHOWN, "Ringing", "first call", *brought, *done):
            assert text in page

    def test_it_says_what_was_before(self, cast: Cast) -> None:
        earlier = cast.call
        CallRow.objects.filter(pk=earlier.pk).update(caller_hash=HASH, disposition="Quoted")
        OutcomeRow.objects.create(company=cast.company, call=earlier, kind="sale", value_cents=42_050, at_ms=1)
        ring(cast, is_first_call=False)
        page = now_of(cast.alice)
        for text in ("repeat caller", "1 call before", "$420.50", "Quoted", f"/calls/{earlier.pk}/"):
            assert text in page

    def test_it_knows_a_customer_by_name(self, cast: Cast) -> None:
        sealed = settings.KEYS.seal("Dora Diver", caller_purpose(cast.company.pk))
        dora = Customer.objects.create(company=cast.company, name_sealed=sealed, made_ms=1)
        CustomerKey.objects.create(company=cast.company, customer=dora, kind="phone", key=HASH)
        ring(cast)
        assert "Dora Diver" in now_of(cast.alice)
        assert "Dora Diver" not in now_of(cast.bob)

    def test_it_says_what_to_do_where_the_call_meets_it(self, cast: Cast) -> None:
        alice = User.objects.get(email="alice@example.com")
        do_add_tag_rule(cast.company, TagRule(tag="West", condition=Leaf("number", Operator.IS, ("+13105550101",))), 1)
        first, tagged = Leaf("is_first_call", Operator.IS, True), Leaf("tags", Operator.HAS, ("West",))
        do_save_hint(cast.company, "Welcome them", first, alice, 1)
        do_save_hint(cast.company, "Say the west team comes", tagged, alice, 1)
        ring(cast, is_first_call=False)
        page = now_of(cast.alice)
        assert "Say the west team comes" in page
        assert "Welcome them" not in page

    def test_a_caller_that_is_withheld_has_no_history(self, cast: Cast) -> None:
        ring(cast, caller_hash=None, caller_sealed=None)
        page = now_of(cast.alice)
        assert "withheld" in page
        assert "nothing is known" in page

    def test_several_calls_are_stacked_those_that_ring_first(self, cast: Cast) -> None:
        calls = [ring(cast) for _ in range(3)]
        change(calls[2], CallStatus.IN_PROGRESS)
        shown = re.findall(r'<article [^>]*id="(call_\w+)"', now_of(cast.alice))
        assert shown == [calls[1].pk, calls[0].pk, calls[2].pk]

    def test_it_goes_on_to_its_end_and_leaves_after_a_while(self, cast: Cast) -> None:
        call = ring(cast)
        change(call, CallStatus.IN_PROGRESS, answered_ms=wall_clock())
        assert "In progress" in now_of(cast.alice)
        change(call, CallStatus.ANSWERED, talk_secs=61)
        assert "talked 1:01" in now_of(cast.alice)
        CallRow.objects.filter(pk=call.pk).update(ended_ms=wall_clock() - 11 * MINUTE_MS)
        assert call.pk not in now_of(cast.alice)

    def test_an_empty_desk_teaches(self, cast: Cast) -> None:
        assert "No call is under way" in cast.alice.get("/pop/").content.decode()

    def test_a_name_that_is_html_is_text(self, cast: Cast) -> None:
        TrackingNumber.objects.filter(pk=cast.number.pk).update(name="<b>Van")
        ring(cast)
        assert "&lt;b&gt;Van" in now_of(cast.alice)
        assert "<b>Van" not in now_of(cast.alice)


class TestWhoSeesWhat:
    def test_everybody_on_the_desk_sees_it_ring(self, cast: Cast, agents: Agents) -> None:
        call = ring(cast)
        for client in (agents("eve"), agents("finn"), cast.alice):
            assert call.pk in now_of(client)
            assert CALLER_SHOWN in now_of(client)

    def test_a_viewer_sees_no_number_and_may_say_nothing(self, cast: Cast) -> None:
        call = ring(cast)
        change(call, CallStatus.IN_PROGRESS)
        page = now_of(cast.bob)
        assert call.pk in page
        assert CALLER_SHOWN not in page
        assert "<form" not in page

    def test_once_taken_it_is_theirs_alone(self, cast: Cast, agents: Agents) -> None:
        call, eve, finn = ring(cast), agents("eve", "Eve"), agents("finn", "Finn")
        assert eve.post(f"/pop/{call.pk}/take/").status_code == 302
        change(call, CallStatus.IN_PROGRESS)
        assert CALLER_SHOWN in now_of(eve)
        page = now_of(finn)
        for text in (call.pk, CALLER_SHOWN, "emergency-leaks", "Eve"):
            assert text not in page

    def test_taken_while_it_rings_it_leaves_the_others_at_once(self, cast: Cast, agents: Agents) -> None:
        call, eve, finn = ring(cast), agents("eve", "Eve"), agents("finn", "Finn")
        eve.post(f"/pop/{call.pk}/take/")
        assert call.pk not in now_of(finn)

    def test_answered_and_nobodys_it_tells_agents_only_that_it_was(self, cast: Cast, agents: Agents) -> None:
        call, eve = ring(cast), agents("eve")
        for status in (CallStatus.IN_PROGRESS, CallStatus.ANSWERED, CallStatus.MISSED):
            change(call, status)
            page = now_of(eve)
            assert f"/pop/{call.pk}/take/" in page
            for text in (CALLER_SHOWN, "…34", "emergency-leaks", "google", "/leaks", "first call"):
                assert text not in page
        assert eve.get(f"/calls/{call.pk}/").status_code == 404

    def test_whoever_says_so_has_it_and_nobody_after_them(self, cast: Cast, agents: Agents) -> None:
        call, eve, finn = ring(cast), agents("eve", "Eve"), agents("finn", "Finn")
        change(call, CallStatus.ANSWERED)
        assert finn.post(f"/pop/{call.pk}/take/").status_code == 302
        assert eve.post(f"/pop/{call.pk}/take/").status_code == 404
        assert CallRow.objects.get(pk=call.pk).agent == "Finn"
        assert finn.get(f"/calls/{call.pk}/").status_code == 200
        assert AuditRow.objects.filter(what="pop_take", about=call.pk).count() == 1

    def test_of_two_at_once_the_first_has_it(self, cast: Cast, agents: Agents) -> None:
        call = ring(cast)
        agents("eve", "Eve").post(f"/pop/{call.pk}/take/")
        answer = cast.alice.post(f"/pop/{call.pk}/take/", follow=True)
        assert "Somebody else has this call" in answer.content.decode()
        assert CallRow.objects.get(pk=call.pk).agent == "Eve"

    def test_a_call_to_ones_own_place_is_ones_own(self, cast: Cast, agents: Agents) -> None:
        TrackingNumber.objects.filter(pk=cast.number.pk).update(flow=ring_flow("sip:Eve@pbx.example", 25))
        call, eve, finn = ring(cast), agents("eve", "sip:eve@pbx.example"), agents("finn", "Finn")
        assert call.pk in now_of(eve)
        assert call.pk not in now_of(finn)
        change(call, CallStatus.IN_PROGRESS)
        assert CALLER_SHOWN in now_of(eve)
        assert call.pk not in now_of(finn)
        assert finn.post(f"/pop/{call.pk}/take/").status_code == 404
        do_name_by_place(cast.company.pk, [call.pk], wall_clock())
        assert eve.get(f"/calls/{call.pk}/").status_code == 200
        assert finn.get(f"/calls/{call.pk}/").status_code == 404

    def test_a_number_of_ones_own_is_ones_own_place(self, cast: Cast, agents: Agents) -> None:
        (hers,) = do_add_numbers(cast.connection, ["+13105550177"], cast.number.flow, name="Eve", pool=cast.pool)
        call, eve, finn = ring(cast, number=hers), agents("eve", "Eve"), agents("finn", "Finn")
        assert call.pk in now_of(eve)
        assert call.pk not in now_of(finn)

    def test_a_seat_in_another_company_gives_no_place_here(self, cast: Cast, agents: Agents) -> None:
        charlies = Company.objects.get(name="Charlie’s Heating")
        visitor = agents("gus", "Gus", charlies)
        call = ring(cast)
        assert call.pk not in now_of(visitor)
        assert visitor.post(f"/pop/{call.pk}/take/").status_code == 404
        seat = CompanySeat.objects.create(
            user=User.objects.get(email="gus@example.com"), company=cast.company, role="agent"
        )
        visitor.post("/company/", {"company": cast.company.pk})
        assert call.pk in now_of(visitor)
        seat.delete()
        assert call.pk not in now_of(visitor)

    def test_charlie_learns_of_no_call(self, cast: Cast) -> None:
        call = ring(cast)
        for status in (CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.ANSWERED):
            change(call, status)
            assert call.pk not in now_of(cast.charlie)
        for what in ("take", "disposition", "tag", "outcome"):
            assert cast.charlie.post(f"/pop/{call.pk}/{what}/", {"tag": "x"}).status_code == 404

    def test_an_agent_opens_only_their_own_of_a_callers_calls(self, cast: Cast, agents: Agents) -> None:
        eve = agents("eve", "Eve")
        CallRow.objects.filter(pk=cast.call.pk).update(caller_hash=HASH, agent="Finn", disposition="Quoted")
        OutcomeRow.objects.create(company=cast.company, call=cast.call, kind="sale", value_cents=42_050, at_ms=1)
        ring(cast, is_first_call=False)
        page = now_of(eve)
        assert "1 call with colleagues" in page
        assert "Quoted" in page
        for text in (cast.call.pk, "$420", "Finn"):
            assert text not in page
        CallRow.objects.filter(pk=cast.call.pk).update(agent="Eve")
        page = now_of(eve)
        assert cast.call.pk in page
        assert "$420.50" in page


class TestWhatIsSaidOfIt:
    @pytest.fixture
    def call(self, cast: Cast) -> CallRow:
        row = ring(cast)
        change(row, CallStatus.ANSWERED, agent="Eve")
        return row

    def test_a_disposition_by_a_button(self, cast: Cast, agents: Agents, call: CallRow) -> None:
        eve, finn = agents("eve", "Eve"), agents("finn", "Finn")
        said = {"disposition": "Booked", "part": "work"}
        answer = eve.post(f"/pop/{call.pk}/disposition/", said, headers={"HX-Request": "true"})
        assert f'id="work-{call.pk}"' in answer.content.decode()
        assert re.search(r'value="Booked" aria-pressed="true"', answer.content.decode())
        assert finn.post(f"/pop/{call.pk}/disposition/", said).status_code == 404
        assert CallRow.objects.get(pk=call.pk).disposition == "Booked"
        assert AuditRow.objects.get(what="pop_disposition").user == User.objects.get(email="eve@example.com")

    def test_a_disposition_nobody_knows_is_told(self, cast: Cast, agents: Agents, call: CallRow) -> None:
        answer = agents("eve", "Eve").post(f"/pop/{call.pk}/disposition/", {"disposition": "Mine"}, follow=True)
        assert "is not a disposition" in answer.content.decode()

    def test_a_tag(self, cast: Cast, agents: Agents, call: CallRow) -> None:
        agents("eve", "Eve").post(f"/pop/{call.pk}/tag/", {"tag": "VIP"})
        assert [tag.tag for tag in call.tags.all()] == ["VIP"]

    def test_an_outcome_once_however_often_it_is_sent(self, cast: Cast, agents: Agents, call: CallRow) -> None:
        eve = agents("eve", "Eve")
        nonce = re.search(r'name="sealed_nonce" value="([^"]+)"', now_of(eve))
        form = {"kind": "sale", "value": "99.50", "sealed_nonce": nonce[1] if nonce else ""}
        for _ in range(2):
            assert eve.post(f"/pop/{call.pk}/outcome/", form).status_code == 302
        assert [row.value_cents for row in call.outcomes.all()] == [9_950]

    def test_an_outcome_with_a_fault_is_shown_again(self, cast: Cast, agents: Agents, call: CallRow) -> None:
        answer = agents("eve", "Eve").post(f"/pop/{call.pk}/outcome/", {"kind": "sale", "value": "much"})
        assert answer.status_code == 422
        assert not OutcomeRow.objects.filter(call=call).exists()


class TestNews:
    def test_it_answers_nothing_where_nothing_changed(self, cast: Cast) -> None:
        call = ring(cast)
        seen = re.search(r'data-mark="([^"]+)"', now_of(cast.alice))
        assert seen is not None
        assert cast.alice.get("/pop/now/", {"since": seen[1]}).status_code == 204
        change(call, CallStatus.IN_PROGRESS)
        assert cast.alice.get("/pop/now/", {"since": seen[1]}).status_code == 200

    def test_a_page_left_open_loads_again_after_signing_out(self, cast: Cast) -> None:
        answer = cast.nobody.get("/pop/now/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


class TestTheStream:
    @pytest.fixture
    def notifier(self, monkeypatch: pytest.MonkeyPatch) -> Notifier:
        """Looks when the test says so."""
        look = lambda company_ids: {one: mark_of(one, wall_clock()) for one in company_ids}  # noqa: E731
        made = Notifier(look, most=2, starts=False)
        monkeypatch.setattr(pages, "NOTIFIER", made)
        return made

    @staticmethod
    def _open(client: Client, **headers: str) -> StreamingHttpResponse:
        answer: Any = client.get("/pop/stream/", headers=headers)
        assert isinstance(answer, StreamingHttpResponse)
        assert answer["Content-Type"] == "text/event-stream"
        return answer

    def test_it_tells_of_a_change_and_not_what(self, cast: Cast, notifier: Notifier) -> None:
        answer = self._open(cast.alice)
        events = iter(answer)
        assert next(events) == b"retry: 1000\n\n"
        call = ring(cast)
        notifier.look_once()
        told = next(events).decode()
        assert told.startswith("id: ")
        assert "event: calls" in told
        assert call.pk not in told
        answer.close()
        assert notifier.listeners == 0

    def test_it_goes_on_after_what_was_seen_last(self, cast: Cast, notifier: Notifier) -> None:
        ring(cast)
        seen = mark_of(cast.company.pk, wall_clock())
        answer = self._open(cast.alice, **{"Last-Event-ID": "0.0"})
        next(iter(answer))
        notifier.look_once()
        assert f"id: {seen}" in next(iter(answer)).decode()
        answer.close()

    def test_a_session_that_was_ended_ends_it(self, cast: Cast, notifier: Notifier) -> None:
        answer = self._open(cast.alice)
        events = iter(answer)
        next(events)
        Session.objects.filter(pk=cast.alice.session.session_key).delete()
        ring(cast)
        notifier.look_once()
        assert b"event: over" in next(events)
        assert list(events) == []
        assert notifier.listeners == 0

    def test_who_lost_the_right_is_told_no_more(self, cast: Cast, notifier: Notifier, agents: Agents) -> None:
        eve = agents("eve")
        events = iter(self._open(eve))
        next(events)
        Membership.objects.filter(user__email="eve@example.com").delete()
        ring(cast)
        notifier.look_once()
        assert b"event: over" in next(events)

    def test_another_companys_calls_wake_nobody(self, cast: Cast, notifier: Notifier) -> None:
        seen = mark_of(Company.objects.get(name="Charlie’s Heating").pk, wall_clock())
        answer = self._open(cast.charlie, **{"Last-Event-ID": seen})
        ring(cast)
        notifier.look_once()
        assert notifier.wait(Company.objects.get(name="Charlie’s Heating").pk, seen, 0) == seen
        answer.close()

    def test_beyond_so_many_the_page_asks_by_itself(self, cast: Cast, notifier: Notifier) -> None:
        open_ones = [self._open(cast.alice) for _ in range(2)]
        assert cast.alice.get("/pop/stream/").status_code == 503
        open_ones[0].close()
        open_ones.append(self._open(cast.alice))
        for answer in open_ones:
            answer.close()

    def test_nobody_else_gets_one(self, cast: Cast, notifier: Notifier) -> None:
        assert cast.nobody.get("/pop/stream/").status_code == 302
        assert notifier.listeners == 0
