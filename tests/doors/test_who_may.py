"""Every address of the shell, walked by everybody. An address that is new is walked too, or fails here."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern

from ringtrace.core.calls import ReportKind
from ringtrace.reports.questions import Scope
from ringtrace.web import access
from ringtrace.web.models import (
    Account,
    ApiToken,
    CallRow,
    CallTag,
    Company,
    CompanySeat,
    Connection,
    DefinitionRow,
    DefinitionVersion,
    Hook,
    HookMessageRow,
    Invitation,
    MailRow,
    Membership,
    NameRuleRow,
    OutcomeRow,
    Pool,
    PopHint,
    Reclassification,
    ReportSchedule,
    Role,
    SavedView,
    Site,
    SourceRuleRow,
    SsoProvider,
    TagRuleRow,
    TrackingNumber,
    Upload,
    User,
)
from ringtrace.web.sign_in.domains import do_grant
from ringtrace.web.urls import urlpatterns as every_address
from tests.doors.cast import CALLER_SHOWN, MAIL, Cast, make_report, make_visit, mark, site_form
from tests.doors.rows import rows_of

pytestmark = pytest.mark.usefixtures("asked")

urlpatterns = [one for one in every_address if isinstance(one, URLPattern)]  # programs' doors are walked elsewhere
_FILES = {"brand_css", "brand_logo"}  # what pages and e-mails carry, for whoever knows its name
_OPEN = _FILES | {"report_stop", "welcome", "login", "logout", "start_owner", "join", "api_docs"}
"""For people who are not signed in."""
_WITHOUT_COMPANY = _OPEN | {"company"}
_OF_ONES_OWN = {"view_save", "token_add"}  # whoever sees a company keeps views and tokens of their own
_NAMES = [str(pattern.name) for pattern in urlpatterns]
_BEHIND = [name for name in _NAMES if name not in _OPEN]
_ALICES = re.compile(r"Alice|alice\.example|555-0101|5550101|emergency-leaks|burst pipe|555-7734|st_[0-9a-z]{26}")


def _address(name: str, cast: Cast) -> str:
    """The address of a name, about Alice's rows."""
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    rows = rows_of(cast, name)
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: rows[found.group(1)], _route(pattern))


def _route(pattern: URLPattern) -> str:
    return str(pattern.pattern)


def _is_about_a_row(name: str) -> bool:
    route = _route(next(pattern for pattern in urlpatterns if pattern.name == name))
    return "<" in route and name not in _FILES | {"download"}  # a table is of the company that one is in


def _state(cast: Cast) -> tuple[object, ...]:
    """Whatever of Alice's a post could change, and how many rows there are at all."""
    connection = Connection.objects.filter(company=cast.company).values_list("name", "public_url", "sealed_secret")
    rows = (
        TrackingNumber.objects.filter(company=cast.company).values(),
        Pool.objects.filter(site__company=cast.company).values(),
        Site.objects.filter(company=cast.company).values(),
        SourceRuleRow.objects.filter(company=cast.company).values(),
        SavedView.objects.filter(company=cast.company).values(),
    )
    counts = (OutcomeRow.objects.count(), TrackingNumber.objects.count(), User.objects.count())
    keys = (
        ApiToken.objects.filter(company=cast.company).values(),
        HookMessageRow.objects.filter(hook__company=cast.company).values(),
        Hook.objects.filter(company=cast.company).values(),
        ReportSchedule.objects.filter(company=cast.company).values(),
        MailRow.objects.exclude(to="me@example.com").values("to", "subject"),
    )
    more = (
        *(list(of_kind) for of_kind in keys),
        Pool.objects.count(),
        Reclassification.objects.filter(company=cast.company).count(),
    )
    said = (
        CallRow.objects.filter(company=cast.company).values("disposition", "is_spam", "changed_ms"),
        CallTag.objects.filter(call__company=cast.company).values("tag", "by"),
        DefinitionRow.objects.filter(company=cast.company).values(),
        DefinitionVersion.objects.filter(definition__company=cast.company).values(),
        TagRuleRow.objects.filter(company=cast.company).values(),
        NameRuleRow.objects.filter(company=cast.company).values(),
        PopHint.objects.filter(company=cast.company).values(),
        Upload.objects.filter(company=cast.company).values("state", "choices"),
        Company.objects.filter(account=cast.company.account).values(),
        Account.objects.filter(pk=cast.company.account_id).values(),
        Membership.objects.filter(account=cast.company.account).values(),
        CompanySeat.objects.filter(company=cast.company).values(),
        Invitation.objects.filter(account=cast.company.account).values(),
        SsoProvider.objects.filter(account=cast.company.account).values(),
    )
    return list(connection), [list(of_kind) for of_kind in (*rows, *said)], counts, more


@pytest.mark.parametrize("name", _BEHIND)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_leads_nobody_but_to_the_sign_in_page(cast: Cast, name: str, method: str) -> None:
    answer = getattr(cast.nobody, method)(_address(name, cast))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("name", _NAMES)
def test_it_never_shows_alices_rows_to_charlie(cast: Cast, name: str) -> None:
    answer = cast.charlie.get(_address(name, cast), follow=True)
    assert not _ALICES.search(b"".join(answer).decode().replace(_own_key(), "")), name
    if _is_about_a_row(name):
        assert answer.status_code in (404, 405)


@pytest.mark.parametrize("name", _NAMES)
def test_it_lets_charlie_change_nothing_of_alices(cast: Cast, name: str) -> None:
    address, before = _address(name, cast), _state(cast)
    form = {"kind": "sale", "value": "1", "company": cast.company.pk, "name": "Mine", "numbers": "+13105550155"}
    form |= {"what": "take_out", f"{cast.connection.pk}-name": "Mine", "connect-carrier": "pigeon"}
    form |= {"site": cast.site.pk, "target": "+13105550166"} if name == "pool_add" else _valid(name)
    answer = cast.charlie.post(address, form)
    assert _state(cast) == before
    if _is_about_a_row(name) or name == "company":
        assert answer.status_code in (404, 405)
    cast.company.refresh_from_db()
    assert cast.company.name == "Alice’s Plumbing"
    assert not _ALICES.search(cast.charlie.get("/settings/").content.decode().replace(_own_key(), ""))


_PLACE = {"target": "+13105550166", "place": "7"}
_REPORT = {
    "name": "Mine",
    "cadence": "daily",
    "weekday": "0",
    "month_day": "1",
    "hour": "7",
    "recipients": "a@b.example",
}
_VALID: dict[str, dict[str, str]] = {
    "pool": {
        "name": "Mine",
        "hold_mins": "1",
        "called_hold_mins": "1",
        "cooldown_mins": "1",
        "beat_secs": "20",
        **_PLACE,
    },
    "static": {"channel": "Email", "source": "mine", **_PLACE},
    "number": {"kind": "ring", "destination": "+13105550166", "ring_secs": "9"},
    "number_stand": {"channel": "Referral", "source": "mine"},
    "rates": {"what": "set", "code": "GBP", "rate": "1.3"},
    "server_key": {"what": "make"},
    "schedule_add": _REPORT,
    "schedule": _REPORT,
    "schedule_send": {},
    "schedule_remove": {},
    "people_invite": {"email": "me@example.com", "role": "admin", "where": "account"},
    "person": {"what": "place", "role": "admin", "agent_name": ""},
    "invitation_again": {},
    "invitation_revoke": {},
    "company_add": {"name": "Mine", "time_zone": "UTC", "currency": "USD", "region": "US"},
    "brand": {"name": "Mine", "colour": "#0b706b"},
    "sso_factor": {"second_factor_needed": "on"},
    "sso_remove": {},
    "sso_add": {"name": "Mine", "issuer": "https://mine.example", "client_id": "x", "secret": "x"}
    | {"domains": "mine.example"},
    "sso_provider": {"name": "Mine", "issuer": "https://mine.example", "client_id": "x", "domains": "mine.example"},
    "token_add": {"name": "Mine", "scopes": "read"},
    "token_revoke": {"what": "revoke"},
    "hook_add": {"new-source": "standard"},
    "hook_kept": {"what": "discard"},
    "source_rule_move": {"what": "up"},
    "call_disposition": {"disposition": "Booked"},
    "call_spam": {"spam": "yes"},
    "call_tag": {"tag": "mine"},
    "calls_bulk": {"what": "tag", "tag": "mine", "all": "yes", "as_of": "9999999999999"},
    "outcome_change": {"kind": "sale", "value": "1"},
    "definition": {"title": "Mine", "what": "save", "by": "rows", "top_mode": "all", "top_0_of": "status"}
    | {"top_0_value": "missed"},
    "definition_add": {"title": "Mine", "what": "save", "by": "json", "json": '{"all": []}'},
    "definition_main": {},
    "tag_rule_add": {"tag": "mine", "what": "save", "by": "json", "json": '{"field": "talk_secs", "at_least": 9}'},
    "tag_rule_remove": {},
    "dispositions": {"dispositions": "Mine"},
    "keypad": {"keys_0": "7", "tag_0": "mine"},
    "upload_discard": {},
    "pop_take": {},
    "pop_disposition": {"disposition": "Booked"},
    "pop_tag": {"tag": "mine"},
    "pop_hint": {"text": "Mine", "what": "save", "by": "json", "json": '{"all": []}'},
    "pop_hint_add": {"text": "Mine", "what": "save", "by": "json", "json": '{"all": []}'},
    "pop_hint_move": {"what": "up"},
    "pop_hint_remove": {},
    "view_change": {"name": "Mine"},
    "view_remove": {},
    "name_align": {"said": "mine", "means": "yours"},
    "name_rule_remove": {},
    "source_rule": {"name": "Mine", "of_0": "source", "text_0": "x", "set_medium": "mine", "what": "save"},
}


def _valid(name: str) -> dict[str, str]:
    """A post that the owner of the row would have taken."""
    return _VALID.get(name, {})


@pytest.mark.parametrize("name", _VALID)
def test_it_takes_from_alice_what_it_refuses_from_others(cast: Cast, name: str) -> None:
    """So that the refusals of this page are no accident of a form."""
    do_grant("mine.example", cast.company.account)
    address, before = _address(name, cast), _state(cast)
    assert cast.alice.post(address, _valid(name)).status_code in (200, 302)
    assert _state(cast) != before or name in ("source_rule_move", "pop_hint_move")


def _own_key() -> str:
    account = User.objects.get(email="charlie@example.com").memberships.get().account
    return account.companies.get(name="Charlie’s Heating").sites.get().key


@pytest.mark.parametrize("name", _NAMES)
def test_it_opens_every_page_for_bob_without_an_error(cast: Cast, name: str) -> None:
    needs = getattr(next(pattern for pattern in urlpatterns if pattern.name == name).callback, "needs", None)
    expected = {503} if name == "pop_stream" else {200, 204, 302, 404, 405, 409, 410}  # here no stream finds room
    if (needs is not None and Role.VIEWER not in needs.see.roles) or name == "company_add":
        expected = {403, 404}
    assert cast.bob.get(_address(name, cast)).status_code in expected


@pytest.mark.parametrize("name", [name for name in _NAMES if name not in _WITHOUT_COMPANY | _OF_ONES_OWN])
def test_it_lets_bob_change_nothing(cast: Cast, name: str) -> None:
    address, before = _address(name, cast), _state(cast)
    form = {"kind": "sale", "value": "1", "what": "take_out", f"{cast.connection.pk}-name": "Mine"}
    form |= {"connect-carrier": "kamailio"}
    form |= {"site": cast.site.pk, "target": "+13105550166"} if name == "pool_add" else _valid(name)
    answer = cast.bob.post(address, form)
    assert answer.status_code in (403, 404, 405)
    assert _state(cast) == before


@pytest.mark.parametrize("name", _NAMES)
def test_it_takes_no_post_without_its_token(cast: Cast, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(email="alice@example.com"))
    answer = strict.post(_address(name, cast), {"kind": "sale"})
    assert answer.status_code == 403
    assert b"too old" in answer.content


def test_it_masks_callers_for_a_viewer(cast: Cast) -> None:
    for address in ("/", "/calls/", f"/calls/{cast.call.pk}/", "/calls/review/"):
        assert CALLER_SHOWN in cast.alice.get(address).content.decode()
        seen_by_bob = cast.bob.get(address).content.decode()
        assert CALLER_SHOWN not in seen_by_bob
        assert "…34" in seen_by_bob


def test_it_asks_reports_only_about_the_persons_own_company(cast: Cast, asked: list[tuple[Scope, str]]) -> None:
    cast.charlie.get("/")
    cast.charlie.get("/sources/")
    assert asked
    assert cast.company.pk not in {scope.company_id for scope, _ in asked}


def test_it_forgets_a_company_once_the_person_has_left_it(cast: Cast) -> None:
    bob = User.objects.get(email="bob@example.com")
    assert cast.bob.get("/calls/").status_code == 200
    bob.memberships.all().delete()
    assert cast.bob.get("/calls/").status_code == 404


def test_it_shuts_out_someone_switched_off(cast: Cast) -> None:
    User.objects.filter(email="bob@example.com").update(is_active=False)
    assert cast.bob.get("/calls/").status_code == 302


def test_it_tells_a_page_left_open_to_load_again_after_signing_out(cast: Cast) -> None:
    answer = cast.nobody.get("/calls/news/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_it_asks_for_the_right_in_the_company_of_the_row_alone(cast: Cast) -> None:
    """Alice looks at Charlie's company, where she only reads; what she may change of her own stays hers to change."""
    charlies = _let_in("alice@example.com", "Charlie’s Heating")
    cast.alice.post("/company/", {"company": charlies.pk})
    assert mark(cast.alice, cast.call).status_code == 302
    assert OutcomeRow.objects.get().call == cast.call
    assert cast.alice.post(f"/settings/sites/{cast.site.pk}/", site_form(cast.site)).status_code == 302
    foreign = charlies.sites.get()
    assert cast.alice.post(f"/settings/sites/{foreign.pk}/", site_form(foreign)).status_code == 403


def test_it_gives_no_right_in_another_company_to_the_owner_of_ones_own(cast: Cast) -> None:
    """Charlie owns the company he looks at, and only reads in Alice's."""
    _let_in("charlie@example.com", "Alice’s Plumbing")
    own = Company.objects.get(name="Charlie’s Heating")
    cast.charlie.post("/company/", {"company": own.pk})
    assert cast.charlie.get(f"/calls/{cast.call.pk}/").status_code == 200
    assert mark(cast.charlie, cast.call).status_code == 403
    assert not OutcomeRow.objects.exists()


def _let_in(email: str, company_name: str) -> Company:
    """Makes somebody a viewer in one more company."""
    company = Company.objects.get(name=company_name)
    Membership.objects.create(user=User.objects.get(email=email), account=company.account, role=Role.VIEWER)
    return company


def test_it_leads_a_journey_through_one_company_only(cast: Cast) -> None:
    """The same visitor elsewhere, even at another company of Alice's own, is another's journey."""
    roofs = Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    for company in (roofs, Company.objects.get(name="Charlie’s Heating")):
        elsewhere = make_visit(company, cast.site, MAIL)
        type(elsewhere).objects.filter(pk=elsewhere.pk).update(visitor_id=cast.visit.visitor_id)
    alice = User.objects.get(email="alice@example.com")
    assert list(access.access_journey(alice, cast.visit)) == [cast.visit]


def test_it_gives_charlie_no_journey_and_no_reports_of_alices(cast: Cast) -> None:
    make_report(cast.call, ReportKind.ARRIVED, 0)
    alice, charlie = (User.objects.get(email=f"{name}@example.com") for name in ("alice", "charlie"))
    assert access.access_journey(alice, cast.visit).exists()
    assert access.access_reports(alice, cast.call).exists()
    assert not access.access_journey(charlie, cast.visit).exists()
    assert not access.access_reports(charlie, cast.call).exists()


def test_it_has_calls_of_alice_to_hide(cast: Cast) -> None:
    """What the walk looks for is really there for Alice."""
    assert CallRow.objects.filter(company=cast.company).exists()
    assert _ALICES.search(cast.alice.get("/calls/").content.decode())
