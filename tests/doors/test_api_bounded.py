"""What a token is worth at most, and what the audit log knows of it whatever else happens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import OperationalError

from ringtrace.core.clock import HOUR_MS, SetClock, wall_clock
from ringtrace.web.api import auditing, bearing, calls
from ringtrace.web.api.counters import Counters
from ringtrace.web.invitations import do_invite, find_invitation
from ringtrace.web.models import (
    Account,
    AuditKind,
    AuditRow,
    CallRow,
    CompanySeat,
    Invitation,
    MailRow,
    Membership,
    ReportSchedule,
    Role,
    User,
)
from ringtrace.web.people import actor_of
from ringtrace.web.tokens import Scope
from tests.doors.api_rows import make_rows
from tests.doors.cast import CALLER, Cast, make_call
from tests.doors.programs import Program, alices, bobs, make_lead, program_of

ZOE = {"email": "zoe@example.com", "role": "viewer"}
_HIGH = ("owner", "admin")
EXPORTS = {"kind": AuditKind.EXPORT, "what": "list_calls"}


def _scoped(cast: Cast, *scopes: Scope) -> Program:
    return program_of("alice@example.com", cast.company, scopes=scopes or (Scope.PEOPLE,))


def _bob() -> User:
    return User.objects.get(email="bob@example.com")


def _invited(cast: Cast, role: Role) -> str:
    """The id of an invitation that Alice made on the page."""
    alice, account = User.objects.get(email="alice@example.com"), cast.company.account
    do_invite(actor_of(alice, account, None), account, None, "zoe@example.com", role, "", wall_clock())
    return Invitation.objects.get().pk


# People


@pytest.mark.parametrize("role", _HIGH)
@pytest.mark.parametrize("scopes", [(Scope.PEOPLE,), tuple(Scope)])
def test_it_lets_no_token_with_scopes_make_an_owner_or_admin(cast: Cast, role: str, scopes: tuple[Scope, ...]) -> None:
    program, bob = _scoped(cast, *scopes), _bob()
    for where in ("account", "company"):
        assert program.refused("POST", "/invitations", ZOE | {"role": role, "where": where}) == (403, "E214")
    for place in ("place", "seat"):
        assert program.refused("PUT", f"/people/{bob.pk}/{place}", {"role": role}) == (403, "E214")
    assert not Invitation.objects.exists()
    assert not MailRow.objects.exists()
    assert not CompanySeat.objects.exists()
    assert Membership.objects.get(user=bob).role == Role.VIEWER
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_it_lets_no_token_with_scopes_send_the_invitation_of_an_owner_or_admin_again(cast: Cast, role: Role) -> None:
    invitation = _invited(cast, role)
    assert _scoped(cast).refused("POST", f"/invitations/{invitation}/again") == (403, "E214")
    assert Invitation.objects.get().pk == invitation
    assert alices(cast).post(f"/invitations/{invitation}/again", {})["link"]


def test_it_lets_no_token_with_scopes_raise_somebody_by_taking_a_lower_seat_away(cast: Cast) -> None:
    bob = _bob()
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    CompanySeat.objects.create(user=bob, company=cast.company, role=Role.VIEWER)
    assert _scoped(cast).refused("DELETE", f"/people/{bob.pk}/seat") == (403, "E214")
    assert CompanySeat.objects.get().role == Role.VIEWER
    assert alices(cast).ask("DELETE", f"/people/{bob.pk}/seat").status_code == 200


def test_it_gives_the_link_to_the_mail_alone_where_a_token_has_scopes(cast: Cast) -> None:
    program = _scoped(cast)
    assert program.post("/invitations", ZOE | {"role": "analyst"}) == {"email": "zoe@example.com", "link": None}
    again = program.post(f"/invitations/{Invitation.objects.get().pk}/again", {})
    assert again == {"email": "zoe@example.com", "link": None}
    mail = MailRow.objects.order_by("-pk").first()
    assert mail is not None
    assert mail.to == "zoe@example.com"
    assert program.ask("PUT", f"/people/{_bob().pk}/place", {"role": "analyst"}).status_code == 200


@pytest.mark.parametrize("role", _HIGH)
def test_it_lets_a_token_without_scopes_do_what_its_person_may(cast: Cast, role: str) -> None:
    said = alices(cast).post("/invitations", ZOE | {"role": role, "where": "account"})
    token = parse_qs(urlsplit(said["link"]).query)["token"][0]
    assert find_invitation(token, wall_clock()).role == role


# A second factor


def test_it_opens_to_no_token_of_somebody_without_the_factor_that_the_account_asks_for(cast: Cast) -> None:
    program = alices(cast)
    Account.objects.filter(pk=cast.company.account_id).update(second_factor_needed=True)
    for each in (program, bobs(cast), _scoped(cast, Scope.READ)):
        assert each.refused("GET", "/calls") == (403, "E217")
        assert each.refused("POST", f"/calls/{cast.call.pk}/spam", {"is_spam": True}) == (403, "E217")
    assert CallRow.objects.get(pk=cast.call.pk).is_spam is False
    alice = User.objects.get(email="alice@example.com")
    codes = Authenticator.objects.create(user=alice, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert program.refused("GET", "/calls") == (403, "E217")
    codes.delete()
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert program.get("/calls")["calls"]


# The audit log


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("tags", {"add": ["vip"]}),
        ("disposition", {"disposition": "Booked"}),
        ("keys", {"keys": "1"}),
        ("spam", {"is_spam": True}),
        ("outcomes", {"kind": "sale", "at": "2026-11-20T09:30:00-08:00"}),
    ],
)
def test_it_notes_who_sees_a_caller_in_the_answer_to_a_write(cast: Cast, address: str, body: object) -> None:
    cast.company.dispositions, cast.company.keypad = ["Booked"], {"1": {"tag": "vip"}}
    cast.company.save()
    seen = AuditRow.objects.filter(kind=AuditKind.SEEN, about=cast.call.pk)
    writes = (Scope.CALLS, Scope.OUTCOMES)
    masked, clear = _scoped(cast, *writes), _scoped(cast, *writes, Scope.CALLERS)
    assert CALLER not in str(masked.post(f"/calls/{cast.call.pk}/{address}", body))
    assert not seen.exists()
    assert clear.post(f"/calls/{cast.call.pk}/{address}", body)["call"]["caller"] == CALLER
    assert seen.get().token == "A program"


def test_it_names_an_outcome_that_is_taken_back_by_our_own_id(cast: Cast) -> None:
    make_lead(cast.call, "ann@example.com")
    row = cast.call.outcomes.get()
    assert alices(cast).ask("DELETE", "/outcomes/ann@example.com").status_code == 200
    assert AuditRow.objects.get().about == row.pk
    assert "ann@example.com" not in str(AuditRow.objects.values())


def test_it_counts_on_whatever_becomes_of_the_cache(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody fills the cache with tries to sign in."""
    clock = SetClock(wall_clock() // HOUR_MS * HOUR_MS)
    monkeypatch.setattr(bearing, "wall_clock", clock)
    monkeypatch.setattr(calls, "wall_clock", clock)
    monkeypatch.setattr(bearing, "A_MINUTE", 3)
    program, exports = alices(cast), AuditRow.objects.filter(**EXPORTS)
    for _ in range(3):
        assert program.get("/calls")["calls"][0]["caller"] == CALLER
        cache.clear()
    assert program.refused("GET", "/calls") == (429, "E212")
    clock.now_ms += HOUR_MS
    program.get("/calls")
    assert [line.said["rows"] for line in exports.order_by("pk")] == [1, 3]


def test_it_says_beforehand_how_many_callers_may_follow(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """So no process that ends, or is ended, hides what was given."""
    monkeypatch.setattr(auditing, "MOST_UNSAID", 4)
    make_call(cast.number, None)
    program, given = alices(cast), 0
    for _ in range(5):
        given += len(program.get("/calls")["calls"])
        told = AuditRow.objects.filter(**EXPORTS).values_list("said", flat=True)
        assert given <= sum(said["rows"] for said in told) + list(told)[-1]["then_at_most"]
    assert AuditRow.objects.filter(**EXPORTS).count() == 3


def test_it_gives_no_callers_where_the_audit_log_cannot_say_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_args: object, **_named: object) -> None:
        raise OperationalError

    program = alices(cast)
    with monkeypatch.context() as broken:
        broken.setattr(auditing, "do_note", break_down)
        for _ in range(2):
            assert program.refused("GET", "/calls") == (503, "E300")
    assert program.get("/calls")["calls"]
    assert AuditRow.objects.filter(**EXPORTS).count() == 1


def test_it_counts_for_so_many_tokens_and_forgets_the_one_that_was_idle_longest() -> None:
    counters: Counters[int] = Counters(most=2)
    for key in ("a", "b", "a", "c", "a"):
        counters.change(key, lambda was: (was or 0) + 1)
    assert counters.change("a", lambda was: was or 0) == (3, 3)
    assert counters.change("b", lambda was: was or 0) == (None, 0)


# Mailed reports


def test_it_mails_a_report_now_to_the_person_of_the_token_alone(cast: Cast) -> None:
    rows = make_rows(cast)
    program = program_of("alice@example.com", cast.company, scopes={Scope.SETTINGS})
    said = program.post(f"/schedules/{rows['schedule_id']}/send", {})
    assert said == {"schedule_id": rows["schedule_id"], "to": "alice@example.com"}
    assert ReportSchedule.objects.get().asked_by == ["alice@example.com"]
