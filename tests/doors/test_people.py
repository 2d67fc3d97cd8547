"""People: invited, changed and removed; and the link that leads somebody in."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web import access, people_by_name
from ringtrace.web.agency import do_add_company, do_remove_company
from ringtrace.web.invitations import InvitationSpent, Spent, do_accept, do_invite, find_invitation
from ringtrace.web.models import (
    ApiToken,
    AuditRow,
    CallRow,
    Company,
    CompanySeat,
    Invitation,
    MailRow,
    Membership,
    Role,
    User,
)
from ringtrace.web.people import BY_COMMAND, actor_of, do_give_seat, do_remove_place, do_remove_seat
from ringtrace.web.sign_in.proof import do_prove
from ringtrace.web.tokens import do_make_token, find_token
from tests.doors.cast import CALLER_SHOWN, MAIL, PASSWORD, Cast, browser, make_call, make_lease, make_visit

pytestmark = pytest.mark.usefixtures("asked")

_LINK = re.compile(r"/join/\?token=[\w-]{43}")
_NEW = {"name": "Dora", "password": "a long enough passphrase"}


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.com")


def _person(cast: Cast, name: str, role: Role, agent_name: str = "") -> Client:
    """One more person of Alice's account."""
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, name=name.title())
    Membership.objects.create(user=user, account=cast.company.account, role=role, agent_name=agent_name)
    return browser(user.email)


def _seat(cast: Cast, name: str, role: Role, agent_name: str = "") -> Client:
    """Somebody who belongs to Alice's company alone."""
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, name=name.title())
    CompanySeat.objects.create(user=user, company=cast.company, role=role, agent_name=agent_name)
    return browser(user.email)


def _invite(client: Client, **fields: str) -> str:
    """The link, as the page shows it once."""
    form = {"email": "dora@example.com", "role": "viewer", "where": "account", "agent_name": ""} | fields
    page = client.post("/settings/people/invite/", form)
    assert page.status_code == 200, page.content
    found = _LINK.search(page.content.decode())
    assert found is not None
    return found[0]


def _join(link: str, client: Client | None = None, **fields: str) -> int:
    token = link.partition("=")[2]
    return (client or Client()).post("/join/", {"token": token, **(fields or _NEW)}).status_code


def _change(client: Client, name: str, **fields: str) -> int:
    return client.post(f"/settings/people/{_user(name).pk}/", fields).status_code


# Inviting


def test_it_shows_the_link_once_keeps_its_hash_alone_and_mails_it(cast: Cast) -> None:
    link = _invite(cast.alice)
    token = link.partition("=")[2]
    assert token not in cast.alice.get("/settings/people/").content.decode()
    assert token not in str(Invitation.objects.values())
    mail = MailRow.objects.get()
    assert (mail.to, mail.kind) == ("dora@example.com", "invitation")
    assert link in mail.text
    assert "alice@example.com invites you to Alice’s Plumbing" in mail.text
    assert "dora@example.com" in cast.alice.get("/settings/people/").content.decode()


def test_it_says_who_invites_to_what_and_looking_uses_nothing_up(cast: Cast) -> None:
    link = _invite(cast.alice, role="analyst")
    nobody = Client()
    for headers in ({}, {"Sec-Purpose": "prefetch"}):
        page = nobody.get(link, headers=headers).content.decode()
        assert "alice@example.com invites you" in page
        assert "Analyst" in page
    assert nobody.head(link).status_code == 200
    assert Invitation.objects.get().accepted_ms is None


def test_it_lets_a_new_person_in_by_the_link_once(cast: Cast) -> None:
    link, dora = _invite(cast.alice, role="analyst"), Client()
    assert _join(link, dora) == 302
    place = Membership.objects.get(user=_user("dora"))
    assert (place.role, place.user.name) == ("analyst", "Dora")
    assert dora.get("/").status_code == 200
    assert dora.get("/settings/people/").status_code == 403
    assert _join(link) == 410
    assert b"was accepted" in Client().get(link).content
    assert AuditRow.objects.filter(what="join", user=_user("dora")).exists()


def test_it_asks_a_new_person_for_a_password_that_nobody_guesses(cast: Cast) -> None:
    link = _invite(cast.alice)
    for password in ("short", "password1234", "dora@example.com", "1234567890"):
        assert _join(link, name="Dora", password=password) == 422, password
    assert not User.objects.filter(email="dora@example.com").exists()
    assert _join(link) == 302


def test_it_gives_a_seat_in_one_company_alone(cast: Cast) -> None:
    other = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    link, dora = _invite(cast.alice, where="company", role="agent", agent_name="Dora D"), Client()
    assert _join(link, dora) == 302
    assert not Membership.objects.filter(user=_user("dora")).exists()
    seat = CompanySeat.objects.get()
    assert (seat.company, seat.role, seat.agent_name) == (cast.company, "agent", "Dora D")
    assert not access.access_companies(_user("dora"), access.Right.BELONG).filter(pk=other.pk).exists()


def test_it_asks_somebody_known_to_sign_in_as_the_address_invited(cast: Cast) -> None:
    do_prove(_user("charlie"), by="mail")
    link = _invite(cast.alice, email="Charlie@Example.com")
    page = Client().get(link).content.decode()
    assert "Sign in" in page
    assert 'type="password"' not in page
    assert _join(link) == 403
    assert b"You are signed in as bob@example.com" in cast.bob.get(link).content
    assert _join(link, cast.bob) == 403
    assert _join(link, cast.charlie) == 302
    assert Membership.objects.get(user=_user("charlie"), account=cast.company.account).role == "viewer"
    assert "Alice’s Plumbing" in cast.charlie.get("/calls/").content.decode()


def test_it_makes_one_place_where_two_accept_at_once(cast: Cast) -> None:
    do_prove(_user("charlie"), by="mail")
    token = _invite(cast.alice, email="charlie@example.com").partition("=")[2]
    row = find_invitation(token, wall_clock())
    do_accept(row, _user("charlie"), wall_clock())
    with pytest.raises(InvitationSpent) as spent:
        do_accept(row, _user("bob"), wall_clock())
    assert spent.value.why is Spent.USED
    assert Membership.objects.filter(account=cast.company.account).count() == 3


@pytest.mark.parametrize("what", ["old", "revoked", "sent_again", "company_removed", "inviter_left", "switched_off"])
def test_it_says_why_a_link_leads_nowhere(cast: Cast, what: str) -> None:
    admin = _person(cast, "ada", Role.ADMIN)
    link = _invite(admin, where="company")
    row = Invitation.objects.get()
    if what == "old":
        Invitation.objects.update(expires_ms=wall_clock())
    elif what == "revoked":
        cast.alice.post(f"/settings/people/invitations/{row.pk}/revoke/")
    elif what == "sent_again":
        again = cast.alice.post(f"/settings/people/invitations/{row.pk}/again/").content.decode()
        fresh = _LINK.search(again)
        assert fresh is not None
        assert Client().get(fresh[0]).status_code == 200
    elif what == "company_removed":
        Company.objects.filter(pk=cast.company.pk).update(removed_ms=1)
    elif what == "inviter_left":
        Membership.objects.filter(user=_user("ada")).update(role=Role.VIEWER)
    else:
        User.objects.create_user("dora@example.com", PASSWORD, is_active=False)
    answer = Client().get(link)
    assert answer.status_code == 410
    words = {
        "old": "too old",
        "revoked": "no such invitation",
        "sent_again": "no such invitation",
        "company_removed": "company was removed",
        "inviter_left": "does not count any more",
        "switched_off": "switched off",
    }
    assert words[what] in answer.content.decode()
    assert _join(link) == 410
    assert not CompanySeat.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x" * 5_000, "é\x00", "../..", "rt_made-up"])
def test_it_knows_no_link_that_is_none(cast: Cast, token: str) -> None:
    assert Client().get("/join/", {"token": token}).status_code == 410
    assert Client().post("/join/", {"token": token, **_NEW}).status_code == 410


def test_it_invites_nobody_who_belongs_already(cast: Cast) -> None:
    form = {"email": "BOB@example.com", "role": "admin", "where": "account"}
    assert cast.alice.post("/settings/people/invite/", form).status_code == 422
    assert not Invitation.objects.exists()


def test_it_keeps_one_invitation_for_one_address_and_place(cast: Cast) -> None:
    _invite(cast.alice)
    _invite(cast.alice, role="analyst")
    assert Invitation.objects.get().role == "analyst"


def test_it_writes_five_invitations_a_day_at_most_to_one_address(cast: Cast) -> None:
    _invite(cast.alice)
    for _ in range(8):
        cast.alice.post(f"/settings/people/invitations/{Invitation.objects.get().pk}/again/")
    assert MailRow.objects.count() == 5
    form = {"email": "dora@example.com", "role": "viewer", "where": "company", "agent_name": ""}
    answer = cast.alice.post("/settings/people/invite/", form)
    assert answer.status_code == 422
    assert "was sent 5 invitations within a day" in answer.content.decode()
    MailRow.objects.update(made_ms=wall_clock() - DAY_MS)
    _invite(cast.alice)


def test_it_lets_nobody_write_more_than_their_name_into_our_mails(cast: Cast) -> None:
    forged = "Alice\n\nUrgent:\u2028pay\u202e at once"
    cast.alice.post("/me/", {"name": forged})
    assert _user("alice").name == "Alice Urgent: pay at once"
    assert cast.alice.post("/me/", {"name": "x" * 101}).status_code == 200
    assert _user("alice").name == "Alice Urgent: pay at once"
    User.objects.filter(email="alice@example.com").update(name=forged)  # of before
    link = _invite(cast.alice)
    assert "Alice Urgent: pay at once invites you to" in MailRow.objects.get().text
    assert _join(link, name="Dora\r\nBoss", password=_NEW["password"]) == 302
    assert _user("dora").name == "Dora Boss"


# Who may do what


def test_it_lets_admins_manage_everybody_but_owners(cast: Cast) -> None:
    ada = _person(cast, "ada", Role.ADMIN)
    assert _change(ada, "bob", what="place", role="analyst") == 302
    assert _change(ada, "bob", what="place", role="owner") == 422
    assert _change(ada, "alice", what="place", role="viewer") == 422
    assert _change(ada, "alice", what="remove") == 302
    assert (
        ada.post(
            "/settings/people/invite/", {"email": "x@example.com", "role": "owner", "where": "account"}
        ).status_code
        == 422
    )
    assert Membership.objects.get(user=_user("alice")).role == "owner"
    assert Membership.objects.get(user=_user("bob")).role == "analyst"


def test_it_lets_nobody_raise_themselves(cast: Cast) -> None:
    ada = _person(cast, "ada", Role.ADMIN)
    assert _change(ada, "ada", what="place", role="owner") == 422
    assert Membership.objects.get(user=_user("ada")).role == "admin"
    sam = _seat(cast, "sam", Role.ADMIN)
    assert _change(sam, "sam", what="place", role="admin") == 422
    assert _change(sam, "sam", what="seat", role="owner") == 422
    assert not Membership.objects.filter(user=_user("sam")).exists()


def test_it_keeps_the_last_owner(cast: Cast) -> None:
    assert _change(cast.alice, "alice", what="place", role="admin") == 422
    assert _change(cast.alice, "alice", what="remove") == 302
    assert Membership.objects.get(user=_user("alice")).role == "owner"
    _person(cast, "olga", Role.OWNER)
    User.objects.filter(email="olga@example.com").update(is_active=False)
    assert _change(cast.alice, "alice", what="place", role="admin") == 422
    User.objects.filter(email="olga@example.com").update(is_active=True)
    assert _change(cast.alice, "alice", what="place", role="admin") == 302


def test_it_gives_owners_no_seat_and_a_new_owner_loses_theirs(cast: Cast) -> None:
    assert _change(cast.alice, "alice", what="seat", role="viewer") == 422
    assert _change(cast.alice, "bob", what="seat", role="admin") == 302
    assert _change(cast.alice, "bob", what="place", role="owner") == 302
    assert not CompanySeat.objects.exists()


def test_it_lets_an_admin_by_seat_manage_that_company_alone(cast: Cast) -> None:
    sam = _seat(cast, "sam", Role.ADMIN)
    page = sam.get("/settings/people/").content.decode()
    assert "All companies of" not in page
    assert _change(sam, "bob", what="place", role="admin") == 422
    assert _change(sam, "bob", what="remove") == 302
    assert Membership.objects.get(user=_user("bob")).role == "viewer"
    assert _change(sam, "bob", what="seat", role="analyst") == 302
    assert CompanySeat.objects.get(user=_user("bob")).role == "analyst"
    _invite(cast.alice)
    assert "dora@example.com" not in sam.get("/settings/people/").content.decode()
    row = Invitation.objects.get()
    assert sam.post(f"/settings/people/invitations/{row.pk}/revoke/").status_code == 404


def test_a_seat_takes_the_place_of_the_accounts_role(cast: Cast) -> None:
    ada = _person(cast, "ada", Role.ADMIN)
    assert ada.get("/settings/people/").status_code == 200
    do_give_seat(BY_COMMAND, _user("ada"), cast.company, Role.VIEWER, "")
    assert ada.get("/settings/people/").status_code == 403
    actor = actor_of(_user("ada"), cast.company.account, cast.company)
    with pytest.raises(BadInput, match="Only an owner or an admin"):
        do_remove_seat(actor, CompanySeat.objects.get())
    _change(cast.alice, "ada", what="unseat")
    assert ada.get("/settings/people/").status_code == 200


# Removing


def test_it_ends_tokens_sessions_and_invitations_of_somebody_removed(cast: Cast) -> None:
    ada = _person(cast, "ada", Role.ADMIN)
    link = _invite(ada)
    token = do_make_token(_user("ada"), cast.company, "Export", 0)
    assert find_token(token, wall_clock()) is not None
    assert _change(cast.alice, "ada", what="remove") == 302
    assert find_token(token, wall_clock()) is None
    assert not ApiToken.objects.exists()
    assert ada.get("/calls/")["Location"].startswith("/login/")
    assert Client().get(link).status_code == 410
    assert User.objects.filter(email="ada@example.com").exists()  # what they marked stays theirs


def test_it_ends_the_seats_of_somebody_removed_from_the_account(cast: Cast) -> None:
    _person(cast, "ada", Role.ADMIN)
    do_give_seat(BY_COMMAND, _user("ada"), cast.company, Role.ANALYST, "")
    do_remove_place(BY_COMMAND, Membership.objects.get(user=_user("ada")))
    assert not CompanySeat.objects.exists()
    assert not access.access_companies(_user("ada"), access.Right.BELONG).exists()


def test_it_signs_out_whoever_leaves(cast: Cast) -> None:
    ada = _person(cast, "ada", Role.ADMIN)
    answer = ada.post(f"/settings/people/{_user('ada').pk}/", {"what": "remove"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/")


def test_it_knows_nobody_of_another_account(cast: Cast) -> None:
    assert cast.alice.get(f"/settings/people/{_user('charlie').pk}/").status_code == 404
    for odd in ("0", "x", "9" * 18, "-1"):
        assert cast.alice.get(f"/settings/people/{odd}/").status_code == 404


def test_it_writes_a_line_in_the_audit_log_without_addresses(cast: Cast) -> None:
    _invite(cast.alice)
    _change(cast.alice, "bob", what="place", role="analyst")
    rows = AuditRow.objects.filter(kind="change").order_by("pk")
    assert [(row.what, row.said["role"]) for row in rows] == [("people_invite", "viewer"), ("person", "analyst")]
    assert "dora" not in str(list(rows.values("about", "said")))


# Agents


def _agents_call(cast: Cast, agent: str) -> CallRow:
    visit = make_visit(cast.company, cast.site, MAIL)
    call = make_call(cast.number, visit, caller="+13105557799")
    CallRow.objects.filter(pk=call.pk).update(agent=agent)
    return call


def test_it_leads_an_agent_to_their_own_calls_alone(cast: Cast) -> None:
    own = _agents_call(cast, "Gus")
    gus = _person(cast, "gus", Role.AGENT, "gus")
    answer = gus.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/calls/")
    for address in ("/calls/", "/calls/news/", "/calls/review/"):
        page = gus.get(address).content.decode()
        assert own.pk in page
        assert cast.call.pk not in page
    assert gus.get(f"/calls/{own.pk}/").status_code == 200
    assert gus.get(f"/calls/{cast.call.pk}/").status_code == 404
    assert gus.get(f"/calls/review/?call={cast.call.pk}").status_code == 404
    assert gus.post(f"/calls/{cast.call.pk}/tag/", {"tag": "mine"}).status_code == 404
    for address in ("/sources/", "/metrics/", "/numbers/", "/settings/", "/settings/people/"):
        assert gus.get(address).status_code == 403
    cast.call.refresh_from_db()
    assert cast.call.tags.count() == 0


def test_it_shows_an_agent_no_visit_and_no_tag_of_others_calls(cast: Cast) -> None:
    own = _agents_call(cast, "Gus")
    _person(cast, "gus", Role.AGENT, "gus")
    cast.alice.post(f"/calls/{cast.call.pk}/tag/", {"tag": "secret"})
    gus = _user("gus")
    assert list(access.access_visits(gus, cast.company)) == [own.visit]
    assert own.visit is not None
    assert list(access.access_journey(gus, own.visit)) == [own.visit]
    assert not access.access_journey(gus, cast.visit).exists()
    assert not access.access_reports(gus, cast.call).exists()
    assert not access.access_outcomes(gus, cast.call).exists()
    assert not access.access_people(gus, cast.call).exists()
    make_lease(cast, cast.number)  # the same number was shown to another's visit
    assert not access.access_shown(gus, own).exists()
    assert access.access_shown(_user("alice"), own).count() == 1
    assert access.access_tags(gus, cast.company) == []
    assert access.access_tags(_user("alice"), cast.company) == ["secret"]


def test_it_knows_an_agent_by_no_name_that_they_gave_themselves(cast: Cast) -> None:
    """Else somebody could call themselves as another does, and see their calls."""
    _agents_call(cast, "Gus")
    _person(cast, "eve", Role.AGENT)
    User.objects.filter(email="eve@example.com").update(name="Gus")
    assert not access.access_calls(_user("eve"), cast.company).exists()


def test_it_undoes_nothing_on_a_call_that_is_no_longer_an_agents(cast: Cast) -> None:
    own = _agents_call(cast, "Gus")
    gus = _person(cast, "gus", Role.AGENT, "gus")
    assert gus.post(f"/calls/{own.pk}/tag/", {"tag": "mine"}).status_code == 302
    CallRow.objects.filter(pk=own.pk).update(agent="Hal")
    assert gus.post("/calls/review/undo/").status_code == 404
    assert own.tags.count() == 1


def test_it_lets_an_agent_switch_between_companies(cast: Cast) -> None:
    other = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    gus = _person(cast, "gus", Role.AGENT, "gus")
    assert gus.post("/company/", {"company": other.pk}).status_code == 302
    assert "Alice’s Roofs" in gus.get("/calls/").content.decode()
    assert gus.get("/agency/").status_code == 302


def test_it_counts_seven_days(cast: Cast) -> None:
    now_ms = wall_clock()
    link = do_invite(BY_COMMAND, cast.company.account, None, "dora@example.com", Role.VIEWER, "", now_ms)
    token = link.partition("=")[2]
    assert find_invitation(token, now_ms + 7 * DAY_MS - 1).invited_by is None
    with pytest.raises(InvitationSpent):
        find_invitation(token, now_ms + 7 * DAY_MS)


def test_it_says_of_a_call_of_a_removed_company_what_happened_to_those_who_saw_it(cast: Cast) -> None:
    do_add_company(cast.company.account, "Other", "UTC", "USD", "US")
    do_remove_company(cast.company, cast.company.name, 1)
    answer = cast.bob.get(f"/calls/{cast.call.pk}/")
    assert (answer.status_code, "Alice’s Plumbing was removed" in answer.content.decode()) == (410, True)
    assert CALLER_SHOWN not in answer.content.decode()
    assert cast.charlie.get(f"/calls/{cast.call.pk}/").status_code == 404
    assert Client().get(f"/calls/{cast.call.pk}/").status_code == 302


# By the command line


def test_it_lists_invites_and_removes_by_the_command_line(cast: Cast) -> None:
    account = cast.company.account
    assert people_by_name.find_place("Alice’s Plumbing", None) == (account, None)
    link = people_by_name.invite(account, None, "dora@example.com", "admin", "", wall_clock())
    assert _join(_LINK.findall(link)[0]) == 302
    lines = list(people_by_name.lines_of(account, None, wall_clock()))
    assert "dora@example.com  admin  the whole account" in lines
    people_by_name.remove(account, None, "Dora@example.com", wall_clock())
    assert not Membership.objects.filter(user=_user("dora")).exists()
    with pytest.raises(BadInput, match="last owner"):
        people_by_name.remove(account, None, "alice@example.com", wall_clock())
    assert AuditRow.objects.filter(actor="command line").count() == 2


def test_it_says_what_the_command_line_got_wrong(cast: Cast) -> None:
    with pytest.raises(NotFound, match="not exactly one"):
        people_by_name.find_place(None, None)  # two accounts are here
    with pytest.raises(BadInput, match="is not a role"):
        people_by_name.invite(cast.company.account, None, "dora@example.com", "boss", "", 0)
    with pytest.raises(BadInput, match="no e-mail address"):
        people_by_name.invite(cast.company.account, None, "dora", "viewer", "", 0)
    with pytest.raises(NotFound, match="has no seat"):
        people_by_name.remove(cast.company.account, cast.company, "bob@example.com", 0)
