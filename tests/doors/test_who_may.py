"""Every address of the shell, walked by everybody. An address that is new is walked too, or fails here."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern

from ringtrace.reports.questions import Scope
from ringtrace.web.models import CallRow, OutcomeRow, TrackingNumber, User
from ringtrace.web.urls import urlpatterns
from tests.doors.cast import CALLER_SHOWN, Cast

pytestmark = pytest.mark.usefixtures("asked")

_OPEN = {"welcome", "login", "logout", "start_owner"}  # for people who are not signed in
_WITHOUT_COMPANY = _OPEN | {"company"}
_NAMES = [str(pattern.name) for pattern in urlpatterns]
_BEHIND = [name for name in _NAMES if name not in _OPEN]
_ALICES = re.compile(r"Alice|alice\.example|555-0101|5550101|emergency-leaks|burst pipe|555-7734|st_[0-9a-z]{26}")


def _address(name: str, cast: Cast) -> str:
    """The address of a name, about Alice's rows. A new kind of row has to be named here."""
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    rows = {"call_id": cast.call.pk, "site_id": cast.site.pk}
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: rows[found.group(1)], _route(pattern))


def _route(pattern: URLPattern) -> str:
    return str(pattern.pattern)


def _is_about_a_row(name: str) -> bool:
    return "<" in _route(next(pattern for pattern in urlpatterns if pattern.name == name))


def _counts() -> tuple[int, int, int]:
    return OutcomeRow.objects.count(), TrackingNumber.objects.count(), User.objects.count()


@pytest.mark.parametrize("name", _BEHIND)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_leads_nobody_but_to_the_sign_in_page(cast: Cast, name: str, method: str) -> None:
    answer = getattr(cast.nobody, method)(_address(name, cast))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("name", _NAMES)
def test_it_never_shows_alices_rows_to_charlie(cast: Cast, name: str) -> None:
    answer = cast.charlie.get(_address(name, cast), follow=True)
    assert not _ALICES.search(answer.content.decode().replace(_own_key(), "")), name
    if _is_about_a_row(name):
        assert answer.status_code in (404, 405)


@pytest.mark.parametrize("name", _NAMES)
def test_it_lets_charlie_change_nothing_of_alices(cast: Cast, name: str) -> None:
    before = _counts()
    form = {"kind": "sale", "value": "1", "company": cast.company.pk, "name": "Mine", "numbers": "+13105550155"}
    answer = cast.charlie.post(_address(name, cast), form)
    assert _counts() == before
    if _is_about_a_row(name) or name == "company":
        assert answer.status_code in (404, 405)
    cast.company.refresh_from_db()
    assert cast.company.name == "Alice’s Plumbing"
    assert not _ALICES.search(cast.charlie.get("/settings/").content.decode().replace(_own_key(), ""))


def _own_key() -> str:
    account = User.objects.get(email="charlie@example.com").memberships.get().account
    return account.companies.get().sites.get().key


@pytest.mark.parametrize("name", _NAMES)
def test_it_opens_every_page_for_bob_without_an_error(cast: Cast, name: str) -> None:
    assert cast.bob.get(_address(name, cast)).status_code in (200, 204, 302, 405, 409, 410)


@pytest.mark.parametrize("name", [name for name in _NAMES if name not in _WITHOUT_COMPANY])
def test_it_lets_bob_change_nothing(cast: Cast, name: str) -> None:
    before = _counts()
    answer = cast.bob.post(_address(name, cast), {"kind": "sale", "value": "1"})
    assert answer.status_code in (403, 405)
    assert _counts() == before


@pytest.mark.parametrize("name", _NAMES)
def test_it_takes_no_post_without_its_token(cast: Cast, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(email="alice@example.com"))
    answer = strict.post(_address(name, cast), {"kind": "sale"})
    assert answer.status_code == 403
    assert b"too old" in answer.content


def test_it_masks_callers_for_a_viewer(cast: Cast) -> None:
    for address in ("/", "/calls/", f"/calls/{cast.call.pk}/"):
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


def test_it_has_calls_of_alice_to_hide(cast: Cast) -> None:
    """What the walk looks for is really there for Alice."""
    assert CallRow.objects.filter(company=cast.company).exists()
    assert _ALICES.search(cast.alice.get("/calls/").content.decode())
