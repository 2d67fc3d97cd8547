"""Every page and every operation of the API, asked as every role. One that is new fails here until it is declared.

All of it happens in one transaction: each question is taken back before the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver

from ringtrace.web.access import Right
from ringtrace.web.api.door import api
from ringtrace.web.api.operations import OPERATIONS, Operation
from ringtrace.web.gate import Needs
from ringtrace.web.models import CallRow, Company, CompanySeat, Membership, Role, User
from ringtrace.web.tokens import do_make_token
from ringtrace.web.urls import urlpatterns
from tests.doors.cast import MAIL, Cast, browser, make_call, make_cast, make_visit
from tests.doors.programs import ROOT, make_lead
from tests.doors.rows import rows_of

pytestmark = pytest.mark.django_db

PAGES = {
    "SEE/CHANGE/calls": "overview",
    "SEE/CHANGE": """
        start start_site start_numbers start_done start_progress
        sources landing_pages journeys metrics metrics_why metrics_hours metrics_lifetime metrics_list
        numbers numbers_add number number_stand number_remove pool pool_add pool_remove static rule_words
        connection connections_add
        settings settings_site rates site_check server_key
        settings_sources source_rule source_rule_add source_rule_move source_rule_remove reclassify reclassify_progress
        definitions definition definition_add definition_count definition_main
        tags tag_rule_add tag_rule_count tag_rule_remove dispositions keypad
        pop_hints pop_hint pop_hint_add pop_hint_move pop_hint_remove
        hooks hook hook_add hook_kept hook_remove
        imports names name_align name_rule_remove
    """,
    "SEE/SEE": "metrics_views view view_save view_change view_remove tokens token_add token_revoke downloads download",
    "SEE_CALLS/WORK": """
        calls calls_news calls_bulk calls_bulk_undo review review_undo outcomes
        call call_outcome call_disposition call_spam call_tag call_untag review_outcome outcome_change outcome_remove
        pop pop_now pop_stream pop_take pop_disposition pop_tag pop_outcome
    """,
    "SEE/WORK": "outcome_assign",
    "CHANGE/CHANGE": """
        audit people people_invite person invitation_again invitation_revoke
        schedules schedule schedule_add schedule_preview schedule_send schedule_remove
        upload upload_add upload_discard upload_progress upload_rejected
    """,
    "OWN/OWN": "brand company_remove sso sso_add sso_factor sso_provider sso_remove",
    "BELONG/BELONG": "agency company_add company_restore",
}
"""By the right to read and the right to post; a third word: where somebody of the company is led who may not read."""

ONES_OWN = """
    company me mfa_index mfa_list_webauthn usersessions_list session_end
    account_reauthenticate mfa_reauthenticate mfa_reauthenticate_webauthn account_change_password account_set_password
    mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes
    mfa_download_recovery_codes mfa_add_webauthn mfa_edit_webauthn mfa_remove_webauthn
"""
"""For whoever is signed in, about themselves."""

OPEN = """
    welcome login logout start_owner join report_stop brand_css brand_logo
    account_login account_logout account_inactive mfa_authenticate mfa_login_webauthn sso_address openid_connect_login
    openid_connect_callback socialaccount_login_cancelled account_reset_password account_reset_password_done
    account_reset_password_from_key account_reset_password_from_key_done
"""
"""For nobody signed in."""

API = {
    Right.SEE_CALLS: "list_calls look_at_call look_at_company list_tags list_dispositions look_at_keypad",
    Right.WORK: "tag_call set_disposition take_keys mark_spam mark_outcome",
    Right.SEE: """
        list_outcomes list_connections list_definitions list_versions list_sites look_at_site list_hooks list_kept
        list_imports list_names list_pools look_at_pool list_numbers look_at_number list_metrics list_dimensions report
        why lifetime by_hour list_source_rules list_reclassifications list_spend list_tag_rules list_tokens revoke_token
        list_views save_view rename_view remove_view
        compare_models list_paths time_lags path_lengths what_changed list_alerts look_at_pool_use list_pop_hints
    """,
    Right.CHANGE: """
        list_audit tell_outcomes remove_outcome tell_calls change_company set_rate make_connection change_connection
        tell_contacts save_definition make_site change_site make_server_key remove_server_key make_hook change_hook
        remove_hook retry_kept discard_kept align_names remove_name make_pool change_pool remove_pool add_numbers
        change_number change_static take_out_number remove_number make_source_rule try_source_rule change_source_rule
        move_source_rule remove_source_rule reclassify tell_spend make_tag_rule remove_tag_rule set_dispositions
        set_keypad assign_outcome list_schedules make_schedule change_schedule remove_schedule send_schedule
        make_pop_hint change_pop_hint move_pop_hint remove_pop_hint
        list_people set_place remove_place give_seat remove_seat
        list_invitations invite invite_again revoke_invitation
    """,
}

ROLES = {
    "alice": Role.OWNER,
    "ada": Role.ADMIN,
    "ann": Role.ANALYST,
    "gus": Role.AGENT,
    "bob": Role.VIEWER,
    "sam": Role.ANALYST,  # by a seat alone
    "lea": Role.VIEWER,  # an admin of the account, whose seat says viewer
}
_ADMINS, _OWNERS = ("alice", "ada", "lea"), ("alice",)  # of the account
_READ, _POST = "get", "post"
_STATUSES = {  # beside the usual ones, for somebody who may
    "pop_stream": 503,  # here no stream finds room
    "company_restore": 404,  # it is not removed
    "upload_rejected": 404,  # no row was
}
_ASKED_WITHIN = {"SEE/SEE", "BELONG/BELONG"}
"""Gates behind which the view itself says who may post, or what: it may take none of them to read."""

_ALICES = re.compile(r"Alice|alice\.example|5550101|555-0101|emergency-leaks|burst pipe|555-7734|5557734|crm:1\b")
_OWN_NAMES, _OPEN_NAMES = ONES_OWN.split(), OPEN.split()
_BY_NAME = {name: needs for needs, names in PAGES.items() for name in names.split()}
_API_BY_NAME = {name: right for right, names in API.items() for name in names.split()}


@dataclass(frozen=True)
class Page:
    name: str
    route: str
    needs: Needs | None

    @property
    def is_about_a_row(self) -> bool:
        return "_id>" in self.route


def _pages(patterns: Any = urlpatterns, above: str = "") -> Iterator[Page]:
    """Every page there is, those of included tables among them; not the doors for programs."""
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _pages(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and not route.startswith(("api/", "hooks/")):
            yield Page(str(pattern.name), route, getattr(pattern.callback, "needs", None))


ALL = {page.name: page for page in _pages()}


@dataclass(frozen=True)
class World:
    """Alice's company with everybody in it, and rows of every kind."""

    cast: Cast
    rows: dict[str, str]
    others_call: CallRow
    clients: dict[str, Client]
    tokens: dict[str, str]

    def ask(self, who: str, method: str, address: str, **more: Any) -> Any:
        """One question, taken back at once: rows and cookies are as they were."""
        client = self.clients[who]
        cookies = client.cookies.output(header="", sep="; ")
        point = transaction.savepoint()
        try:
            return client.generic(method.upper(), address, **more)
        finally:
            transaction.savepoint_rollback(point)
            client.cookies = SimpleCookie(cookies)

    def program(self, who: str, method: str, address: str) -> Any:
        """The same as a program, with an empty body."""
        said = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        more = {"data": b"{}", "content_type": "application/json"} if method != "GET" else {}
        return self.ask("nobody", method, ROOT + address, headers=said, **more)


@pytest.fixture
def _django_db_helper() -> None:
    """No transaction a test: the world has one for all of them."""


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    lake = tmp_path_factory.mktemp("matrix") / "lake"
    with (
        django_db_blocker.unblock(),
        override_settings(PASSWORD_HASHERS=quick, LAKE_DIR=lake),
        transaction.atomic(),
    ):
        yield _make_world()
        transaction.set_rollback(True)


def _make_world() -> World:
    cast = make_cast()
    make_lead(cast.call)
    rows = rows_of(cast)
    static = rows_of(cast, "static")["number_id"]
    rows |= {"static_id": static, "missed_id": rows_of(cast, "outcome_assign")["outcome_id"], "pk": "1"}
    for name, role in (("ada", Role.ADMIN), ("ann", Role.ANALYST), ("gus", Role.AGENT), ("lea", Role.ADMIN)):
        user = User.objects.create_user(f"{name}@example.com", None)
        Membership.objects.create(user=user, account=cast.company.account, role=role)
    for name, role in (("sam", Role.ANALYST), ("lea", Role.VIEWER)):
        user, _ = User.objects.get_or_create(email=f"{name}@example.com")
        CompanySeat.objects.create(user=user, company=cast.company, role=role)
    CallRow.objects.filter(pk=cast.call.pk).update(agent="gus@example.com")
    clients = {name: browser(f"{name}@example.com") for name in (*ROLES, "charlie")} | {"nobody": Client()}
    for client in clients.values():
        client.raise_request_exception = False
    other = Company.objects.get(name="Charlie’s Heating")
    tokens = {
        name: do_make_token(
            User.objects.get(email=f"{name}@example.com"), other if name == "charlie" else cast.company, name, 0
        )
        for name in (*ROLES, "charlie")
    }
    return World(
        cast=cast,
        rows=rows | {"name": "long", "path:external_id": "crm:1", "currency": "EUR"},
        others_call=make_call(cast.number, make_visit(cast.company, cast.site, MAIL)),
        clients=clients,
        tokens=tokens,
    )


def _address(page: Page, rows: dict[str, str]) -> str:
    if page.name == "static":
        rows = rows | {"number_id": rows["static_id"]}
    if page.name == "outcome_assign":
        rows = rows | {"outcome_id": rows["missed_id"]}
    plain = page.route.strip("^$").replace("(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)", "1-set-password")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: rows[found.group(1)], plain)


# What there is, is declared


def test_it_knows_which_role_may_do_what() -> None:
    managers = {Role.OWNER, Role.ADMIN}
    assert {right: set(right.roles) for right in Right} == {
        Right.BELONG: {*Role},
        Right.SEE: managers | {Role.ANALYST, Role.VIEWER},
        Right.SEE_CALLS: {*Role},
        Right.SEE_CALLERS: managers | {Role.ANALYST, Role.AGENT},
        Right.WORK: managers | {Role.ANALYST, Role.AGENT},
        Right.CHANGE: managers,
        Right.OWN: {Role.OWNER},
    }


def test_it_knows_every_page_there_is() -> None:
    declared = [*_BY_NAME, *_OWN_NAMES, *_OPEN_NAMES]
    assert sorted(declared) == sorted(ALL), "declare it in PAGES, ONES_OWN or OPEN"


def test_it_knows_every_operation_there_is() -> None:
    assert sorted(_API_BY_NAME) == sorted(OPERATIONS), "declare it in API"
    described = {
        (method.upper(), address)
        for address, methods in api.get_openapi_schema(path_prefix="")["paths"].items()
        for method in methods
    }
    known = {(each.method, "/" + re.sub(r"{path:", "{", each.path).lstrip("/")) for each in OPERATIONS.values()}
    assert {(method, "/" + address.lstrip("/")) for method, address in described} == known


@pytest.mark.parametrize("name", _BY_NAME)
def test_it_asks_for_what_is_declared(name: str) -> None:
    needs = ALL[name].needs
    assert needs is not None, "it stands behind no gate"
    said = f"{needs.see.name}/{needs.post.name}"
    assert (f"{said}/{needs.instead}" if needs.instead else said) == _BY_NAME[name]


@pytest.mark.parametrize("name", [*_OWN_NAMES, *_OPEN_NAMES])
def test_it_asks_for_no_right_where_none_is_declared(name: str) -> None:
    assert ALL[name].needs is None


@pytest.mark.parametrize("name", _API_BY_NAME)
def test_it_asks_a_program_for_what_is_declared(name: str) -> None:
    assert OPERATIONS[name].needs.right is _API_BY_NAME[name]


# What is declared, holds


@pytest.mark.parametrize("name", _BY_NAME)
def test_it_opens_a_page_to_those_roles_alone(world: World, name: str) -> None:
    page = ALL[name]
    address, wrong = _address(page, world.rows), []
    for who in (*ROLES, "charlie", "nobody"):
        for method in (_READ, _POST):
            answer = world.ask(who, method, address)
            if not _is_right(page, who, method, answer):
                wrong.append(f"{who} {method} {answer.status_code}")
    assert not wrong


def _is_right(page: Page, who: str, method: str, answer: Any) -> bool:
    status: int = answer.status_code
    if who == "nobody":
        return status == 302 and str(answer["Location"]).startswith("/login/?next=")
    if who == "charlie":
        if page.is_about_a_row:
            return status == 404 or (status == 405 and method == _READ)
        return status in _taken(page) and not _shows_alices(answer)
    if _may(page, who, method):
        return status in _taken(page)
    if method == _READ and page.needs is not None and page.needs.instead:
        return bool(status == 302 and answer["Location"] == "/calls/")
    if _BY_NAME[page.name] in _ASKED_WITHIN and status == 405:
        return True
    return status == 403 or (status == 404 and page.is_about_a_row)


def _taken(page: Page) -> set[int]:
    """The answers to somebody who may: the page, where it leads, or what was wrong with an empty form."""
    return {200, 204, 302, 303, 400, 405, 409, 410, 422, _STATUSES.get(page.name, 200)}


def _may(page: Page, who: str, method: str) -> bool:
    if page.name in ("company_add", "company_restore"):  # of the account, whatever a seat says
        return who in (_ADMINS if page.name == "company_add" else _OWNERS)
    assert page.needs is not None
    needed = page.needs.see if method == _READ else page.needs.post
    if _BY_NAME[page.name] == "SEE/SEE" and method == _POST and page.is_about_a_row:
        needed = Right.CHANGE  # Alice's own; the view says so
    finds = ROLES[who] in page.needs.see.roles or not page.is_about_a_row
    return finds and ROLES[who] in needed.roles


def _shows_alices(answer: Any) -> bool:
    return _ALICES.search(_words(answer)) is not None


def _words(answer: Any) -> str:
    return "" if answer.streaming else str(answer.content, "utf-8", "replace")


@pytest.mark.parametrize("name", [name for name, page in ALL.items() if "<slug:call_id>" in page.route])
def test_it_knows_no_call_of_others_for_an_agent(world: World, name: str) -> None:
    address = _address(ALL[name], world.rows | {"call_id": world.others_call.pk})
    for method in (_READ, _POST):
        assert world.ask("gus", method, address).status_code == 404
    assert world.ask("ann", _READ, address).status_code in (200, 302, 405)


@pytest.mark.parametrize("name", [name for name, needs in _BY_NAME.items() if needs == "SEE_CALLS/WORK"])
def test_it_shows_an_agent_nothing_of_others_calls(world: World, name: str) -> None:
    if name != "pop_stream":
        words = _words(world.ask("gus", _READ, _address(ALL[name], world.rows)))
        assert world.others_call.pk not in words
        assert str(world.others_call.visit_id) not in words


@pytest.mark.parametrize("name", _OWN_NAMES)
def test_it_opens_ones_own_pages_to_whoever_signed_in(world: World, name: str) -> None:
    address = _address(ALL[name], world.rows)
    for method in (_READ, _POST):
        answer = world.ask("nobody", method, address)
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer["Location"].startswith("/login/")
        for who in ("alice", "gus", "charlie"):
            answer = world.ask(who, method, address)
            assert answer.status_code < 500
            assert who != "charlie" or not _shows_alices(answer)


@pytest.mark.parametrize("name", _OPEN_NAMES)
def test_it_shows_nothing_of_alices_on_an_open_page(world: World, name: str) -> None:
    address = _address(ALL[name], world.rows)
    for who in ("nobody", "charlie"):
        for method in (_READ, _POST):
            answer = world.ask(who, method, address)
            assert answer.status_code < 500
            assert not _ALICES.search(_words(answer).replace("Alice’s Okta", ""))  # whose people sign in is for all


@pytest.mark.parametrize("name", _API_BY_NAME)
def test_it_opens_an_operation_to_those_roles_alone(world: World, name: str) -> None:
    operation = OPERATIONS[name]
    address, wrong = _api_address(operation, world.rows), []
    for who in (*ROLES, "charlie", "nobody"):
        answer = world.program(who, operation.method, address)
        if not _is_answered_right(operation, who, answer):
            wrong.append(f"{who} {answer.status_code} {answer.content[:90]!r}")
    assert not wrong


def _api_address(operation: Operation, rows: dict[str, str]) -> str:
    return "/" + re.sub(r"{([\w:]+)}", lambda found: rows[found.group(1)], operation.path).lstrip("/")


def _is_answered_right(operation: Operation, who: str, answer: Any) -> bool:
    status: int = answer.status_code
    if who == "nobody":
        return status == 401
    if who == "charlie":
        is_about_a_row = "_id}" in operation.path
        return (status >= 400 if is_about_a_row else status != 403) and status < 500 and not _shows_alices(answer)
    if ROLES[who] not in operation.needs.right.roles:
        return status == 403
    if operation.needs.right is Right.SEE and operation.writes and ROLES[who] not in Right.CHANGE.roles:
        return status < 500 and status != 401  # one's own alone; the operation says which
    return status < 500 and status not in (401, 403)


@pytest.mark.parametrize("name", [name for name in _API_BY_NAME if "{call_id}" in OPERATIONS[name].path])
def test_it_gives_a_program_of_an_agent_no_call_of_others(world: World, name: str) -> None:
    operation = OPERATIONS[name]
    address = _api_address(operation, world.rows | {"call_id": world.others_call.pk})
    assert world.program("gus", operation.method, address).status_code in (
        (404,) if not operation.writes else (400, 404)
    )
    assert world.others_call.pk not in _words(world.program("gus", "GET", "/calls"))
