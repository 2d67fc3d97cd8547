"""Several companies under one log-in: at a glance, added, removed, brought back; and under an account's own name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.intake.hooks.port import HookMessage
from ringtrace.web.agency import do_remove_company
from ringtrace.web.colours import LEAST_CONTRAST, contrast
from ringtrace.web.companies import find_company
from ringtrace.web.directory import make_directory
from ringtrace.web.hooks import do_make_hook, do_receive
from ringtrace.web.models import Account, AuditRow, Company, CompanySeat, Membership, Role, User
from ringtrace.web.tokens import do_make_token, find_token
from tests.doors.cast import Cast, browser, publish

pytestmark = pytest.mark.usefixtures("lake")

_PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def lake(settings: Settings, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"


@pytest.fixture
def roofs(cast: Cast) -> Company:
    return Company.objects.create(account=cast.company.account, name="Alice’s Roofs", time_zone="America/New_York")


def _remove(cast: Cast, company: Company, typed: str | None = None) -> int:
    name = company.name if typed is None else typed
    return cast.alice.post(f"/agency/{company.pk}/remove/", {"name": name}).status_code


# At a glance


def test_it_shows_every_company_that_a_person_sees_and_no_other(cast: Cast, roofs: Company) -> None:
    publish(cast.company, cast.call.started_ms)
    page = cast.alice.get("/agency/").content.decode()
    for words in (cast.company.name, roofs.name, "All 2 in USD", "All companies</a>"):
        assert words in page
    assert "Charlie" not in page
    CompanySeat.objects.create(user=User.objects.get(email="bob@example.com"), company=roofs, role=Role.AGENT)
    seen_by_bob = cast.bob.get("/agency/").content.decode()
    assert f'value="{cast.company.pk}">{cast.company.name}</button>' in seen_by_bob
    assert f'value="{roofs.pk}">{roofs.name}</button>' not in seen_by_bob  # an agent of it sees no report
    assert "Alice" not in cast.charlie.get("/agency/").content.decode()


def test_it_counts_the_calls_of_each_company_and_adds_one_currency(cast: Cast, roofs: Company) -> None:
    publish(cast.company, cast.call.started_ms)
    page = cast.alice.get("/agency/?days=7").content.decode()
    assert 'class="curve"' in page
    roofs.currency = "EUR"
    roofs.save()
    assert "All 2 in" not in cast.alice.get("/agency/?days=7").content.decode()


def test_it_leaves_what_is_unknown_a_dash(cast: Cast, roofs: Company) -> None:
    page = cast.alice.get("/agency/").content.decode()
    assert "Unknown: " in page
    assert "$0</" not in page


def test_it_offers_all_companies_only_to_whoever_has_several(cast: Cast) -> None:
    assert "/agency/" not in cast.alice.get("/calls/").content.decode()
    Company.objects.create(account=cast.company.account, name="Alice’s Roofs")
    assert 'href="/agency/"' in cast.alice.get("/calls/").content.decode()


def test_it_enters_a_company_by_its_line(cast: Cast, roofs: Company) -> None:
    assert cast.alice.post("/company/", {"company": roofs.pk}).status_code == 302
    assert roofs.name in cast.alice.get("/calls/").content.decode()


# Added


def test_it_adds_a_company_and_goes_there(cast: Cast) -> None:
    form = {"name": "Alice’s Roofs", "time_zone": "Europe/London", "currency": "GBP", "region": "GB"}
    assert cast.alice.post("/agency/add/", form)["Location"] == "/start/"
    made = Company.objects.get(name="Alice’s Roofs")
    assert (made.account, made.time_zone, made.currency) == (cast.company.account, "Europe/London", "GBP")
    assert "Alice’s Roofs" in cast.alice.get("/calls/").content.decode()
    assert AuditRow.objects.get(what="company_add").company == made
    assert cast.alice.post("/agency/add/", form | {"time_zone": "Mars/Base"}).status_code == 422
    assert cast.alice.post("/agency/add/", form | {"name": "\u200b"}).status_code == 422


def test_it_lets_nobody_add_without_a_right_in_the_account(cast: Cast) -> None:
    form = {"name": "Mine", "time_zone": "UTC", "currency": "USD", "region": "US"}
    assert cast.bob.post("/agency/add/", form).status_code == 403
    CompanySeat.objects.create(user=User.objects.get(email="bob@example.com"), company=cast.company, role=Role.ADMIN)
    assert cast.bob.post("/agency/add/", form).status_code == 403
    other = Account.objects.get(name="Charlie’s Heating")
    assert cast.alice.post("/agency/add/", form | {"account": other.pk}).status_code == 302
    assert Company.objects.get(name="Mine").account == cast.company.account


# Removed, and brought back


def test_it_removes_a_company_only_by_its_name_and_never_the_last(cast: Cast, roofs: Company) -> None:
    assert _remove(cast, roofs, "Alice’s Roof") == 422
    assert _remove(cast, roofs) == 302
    assert _remove(cast, cast.company) == 422
    assert Company.objects.get(pk=roofs.pk).removed_ms is not None


def test_it_lets_only_owners_remove(cast: Cast, roofs: Company) -> None:
    Membership.objects.filter(user__email="bob@example.com").update(role=Role.ADMIN)
    assert cast.bob.post(f"/agency/{roofs.pk}/remove/", {"name": roofs.name}).status_code == 403
    assert cast.charlie.post(f"/agency/{roofs.pk}/remove/", {"name": roofs.name}).status_code == 404


def test_it_shuts_every_door_of_a_removed_company(cast: Cast, roofs: Company) -> None:
    alice = User.objects.get(email="alice@example.com")
    token = do_make_token(alice, cast.company, "Export", 0)
    hook, _ = do_make_hook(cast.company, "standard", "Shop", 0)
    directory = make_directory(1)
    assert (len(directory.sites), len(directory.numbers), len(directory.connections)) == (2, 1, 1)
    assert _remove(cast, cast.company) == 302
    left = make_directory(2)
    assert [site.company_id for site in left.sites] == [Company.objects.get(name="Charlie’s Heating").pk]
    assert (left.pools, left.statics, left.numbers, left.connections) == ((), (), (), ())
    assert find_token(token, wall_clock()) is None
    message = HookMessage(method="POST", url="https://x.example", headers={}, body=b"{}", received_ms=wall_clock())
    assert do_receive(hook.pk, message, wall_clock()).reply is None
    assert cast.alice.post("/company/", {"company": cast.company.pk}).status_code == 404
    assert roofs.name in cast.alice.get("/calls/").content.decode()


def test_it_is_known_to_the_command_line_by_its_id_alone(cast: Cast, roofs: Company) -> None:
    _remove(cast, roofs)
    Company.objects.filter(name="Charlie’s Heating").delete()
    assert find_company(None) == cast.company
    assert find_company(roofs.pk) == roofs
    with pytest.raises(NotFound):
        find_company(roofs.name)


def test_it_says_of_a_stale_link_that_the_company_was_removed(cast: Cast, roofs: Company) -> None:
    cast.bob.get("/calls/")
    cast.bob.post("/company/", {"company": cast.company.pk})
    do_remove_company(cast.company, cast.company.name, wall_clock())
    for address in ("/calls/", f"/numbers/pools/{cast.pool.pk}/"):
        answer = cast.bob.get(address)
        assert answer.status_code == 410
        assert "Alice’s Plumbing was removed" in answer.content.decode()
    assert roofs.name in cast.bob.get("/calls/").content.decode()  # said once, then on with another
    foreign = cast.charlie.get(f"/numbers/pools/{cast.pool.pk}/")
    assert foreign.status_code == 404
    assert "Alice" not in foreign.content.decode()


def test_it_says_so_to_whoever_had_that_company_alone(cast: Cast, roofs: Company) -> None:
    user = User.objects.create_user("sam@example.com", None)
    CompanySeat.objects.create(user=user, company=cast.company, role=Role.ANALYST)
    do_remove_company(cast.company, cast.company.name, wall_clock())
    answer = browser("sam@example.com").get("/")
    assert answer.status_code == 410
    assert "was removed" in answer.content.decode()


def test_it_brings_a_company_back_within_thirty_days(cast: Cast, roofs: Company) -> None:
    _remove(cast, roofs)
    assert f"/agency/{roofs.pk}/restore/" in cast.alice.get("/agency/").content.decode()
    assert cast.charlie.post(f"/agency/{roofs.pk}/restore/").status_code == 404
    assert cast.bob.post(f"/agency/{roofs.pk}/restore/").status_code == 403
    Company.objects.filter(pk=roofs.pk).update(removed_ms=wall_clock() - 31 * DAY_MS)
    assert cast.alice.post(f"/agency/{roofs.pk}/restore/").status_code == 404
    Company.objects.filter(pk=roofs.pk).update(removed_ms=wall_clock() - 29 * DAY_MS)
    assert cast.alice.post(f"/agency/{roofs.pk}/restore/").status_code == 302
    assert Company.objects.get(pk=roofs.pk).removed_ms is None


# White label


def _brand(cast: Cast, **fields: object) -> int:
    return cast.alice.post("/settings/brand/", {"name": "Acme Calls", "colour": "#FFD000", **fields}).status_code


def test_it_shows_an_accounts_own_name_colour_and_logo(cast: Cast) -> None:
    assert _brand(cast, logo=SimpleUploadedFile("logo.svg", _PNG)) == 302
    account = Account.objects.get(pk=cast.company.account_id)
    assert (account.brand_name, account.brand_colour, account.brand_logo_type) == ("Acme Calls", "#ffd000", "image/png")
    page = cast.bob.get("/calls/").content.decode()
    logo = f"/brand/{account.pk}/{account.brand_logo_hash[:20]}/"
    assert "Acme Calls" in page
    assert "Ringtrace" not in page
    assert logo in page
    assert "/brand/ffd000.css" in page
    served = Client().get(logo)
    assert (served.content, served["Content-Type"]) == (_PNG, "image/png")
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served["Cache-Control"]
    assert "Acme" not in cast.charlie.get("/calls/").content.decode()
    assert cast.alice.post("/settings/brand/", {"name": "", "colour": "", "without_logo": "on"}).status_code == 302
    assert Client().get(logo).status_code == 404
    assert "Ringtrace" in cast.bob.get("/calls/").content.decode()


@pytest.mark.parametrize(
    "logo",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"x" * 20, _PNG + b"x" * 200_000, b"RIFF1234AVI ", b"x"],
)
def test_it_takes_no_logo_that_is_none(cast: Cast, logo: bytes) -> None:
    assert _brand(cast, logo=SimpleUploadedFile("logo.png", logo, "image/png")) == 422
    assert Account.objects.get(pk=cast.company.account_id).brand_logo is None


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#1234567", "url(x)", "#0b706b;}"])
def test_it_takes_no_colour_that_is_none(cast: Cast, colour: str) -> None:
    assert _brand(cast, colour=colour) == 422


def test_it_serves_readable_shades_as_a_stylesheet(cast: Cast) -> None:
    answer = cast.nobody.get("/brand/ffff00.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    light, dark = answer.content.decode().split("@media")
    assert contrast(light.split("--accent: ")[1][:7], "#f5f6f6") >= LEAST_CONTRAST
    assert contrast(dark.split("--accent: ")[1][:7], "#1d2326") >= LEAST_CONTRAST
    for odd in ("/brand/zzzzzz.css", "/brand/fff.css"):
        assert cast.nobody.get(odd).status_code == 404


def test_it_knows_on_the_sign_in_page_whose_people_came_before(cast: Cast) -> None:
    _brand(cast)
    assert "Acme Calls" not in Client().get("/login/").content.decode()  # two accounts are here
    cast.bob.get("/calls/")
    cast.bob.logout()
    stranger = Client()
    stranger.cookies["ringtrace_brand"] = cast.company.account_id  # not signed by us
    assert "Acme Calls" not in stranger.get("/login/").content.decode()


def test_it_invites_under_the_accounts_name(cast: Cast) -> None:
    _brand(cast)
    form = {"email": "dora@example.com", "role": "viewer", "where": "account"}
    page = cast.alice.post("/settings/people/invite/", form).content.decode()
    link = page.split("/join/?token=")[1][:43]
    assert "Acme Calls" in Client().get(f"/join/?token={link}").content.decode()
