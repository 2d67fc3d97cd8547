"""Passwords, their reset by mail, second factors, sessions, and what is refused to whom."""

from __future__ import annotations

import hashlib
import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as django_settings
from django.core.cache import cache
from django.http.response import HttpResponseBase
from django.test import Client, TestCase
from django.urls import URLPattern, reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, HOUR_MS, wall_clock
from ringtrace.web.links import do_make_link
from ringtrace.web.models import AuditRow, Company, MailRow, Membership, Role, User
from ringtrace.web.sign_in import guesses
from ringtrace.web.sign_in.seen import device_of
from ringtrace.web.sign_in.urls import urlpatterns
from tests.doors.cast import PASSWORD, Cast

ALICE = "alice@example.com"
_NEW = "quite another passphrase"


def sign_in(client: Client, email: str = ALICE, password: str = PASSWORD, **more: str) -> HttpResponseBase:
    return client.post("/login/", {"username": email, "password": password} | more)


def _alice() -> User:
    return User.objects.get(email=ALICE)


def _prove(client: Client, password: str = PASSWORD) -> None:
    """Shows once more who is at the browser."""
    assert client.post("/me/confirm/", {"password": password, "next": "/me/"}).status_code == 302


def _code(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _switch_app_on(client: Client) -> str:
    """Returns the app's secret."""
    _prove(client)
    secret = str(client.get("/me/app/").context["form"].secret)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.post("/me/app/", {"code": _code(secret)})["Location"] == "/me/codes/"
    cache.clear()  # a code signs in once; the test needs it again within its half minute
    return secret


def _reset(client: Client, email: str) -> None:
    """Sets a new password by the link of the mail."""
    client.post("/password/reset/", {"email": email})
    link = re.search(r"https?://\S+", MailRow.objects.filter(to=email, kind="account").latest("made_ms").text)
    assert link is not None
    led = client.get(urlsplit(link[0]).path)["Location"]
    assert client.post(led, {"password1": _NEW, "password2": _NEW})["Location"] == "/password/reset/done/"


def _said(what: str) -> list[dict[str, object]]:
    return list(AuditRow.objects.filter(what=what).order_by("pk").values_list("said", flat=True))


# Passwords


def test_it_says_in_the_audit_log_who_signed_in(cast: Cast) -> None:
    sign_in(cast.nobody)
    line = AuditRow.objects.get(what="sign_in")
    assert (line.user, line.account, line.said) == (_alice(), cast.company.account, {"by": "password"})


def test_it_says_in_the_audit_log_who_failed_to_and_nothing_of_strangers(cast: Cast) -> None:
    sign_in(cast.nobody, password="a guess")
    sign_in(cast.nobody, "stranger@example.com")
    line = AuditRow.objects.get(what="sign_in_failed")
    assert (line.user, line.account) == (_alice(), cast.company.account)


def test_it_takes_no_more_guesses_from_everywhere_together(cast: Cast, settings: Settings) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["login_failed_anywhere"] == "100/h/key"
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "12/h/key"}
    for guess in range(12):
        client = Client(REMOTE_ADDR=f"192.0.2.{guess}")
        assert "do not go together" in _text(sign_in(client, password="a guess"))
    assert "Too many tries" in _text(sign_in(Client(REMOTE_ADDR="198.51.100.1")))


def test_it_forgets_no_guesses_that_others_push_out_of_the_cache(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert guesses.MOST_PASSWORDS_AN_HOUR == 100
    monkeypatch.setattr(guesses, "MOST_PASSWORDS_AN_HOUR", 3)
    for _ in range(3):
        sign_in(Client(), password="a guess")
        cache.clear()
    assert "Too many tries" in _text(sign_in(Client()))
    assert sign_in(Client(), "bob@example.com").status_code == 302
    AuditRow.objects.filter(what="sign_in_failed").update(at_ms=wall_clock() - HOUR_MS)
    assert sign_in(Client()).status_code == 302


def test_it_takes_guesses_again_after_a_new_password_by_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "MOST_PASSWORDS_AN_HOUR", 3)
    for _ in range(3):
        sign_in(Client(), password="a guess")
    _reset(cast.nobody, ALICE)
    assert sign_in(Client(), password=_NEW).status_code == 302


def test_it_counts_a_hundred_thousand_places_before_it_forgets_one(settings: Settings) -> None:
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] == 100_000


def test_it_does_not_shut_alice_out_for_guesses_made_elsewhere(cast: Cast) -> None:
    for _ in range(11):
        sign_in(cast.nobody, password="a guess")
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")).status_code == 302


def test_it_keeps_the_way_to_the_page_that_was_asked_for(cast: Cast) -> None:
    led = cast.nobody.get("/calls/?status=missed")["Location"]
    wanted = re.search(r'name="next" value="([^"]*)"', cast.nobody.get(led).content.decode())
    assert wanted is not None
    assert sign_in(cast.nobody, next=wanted[1])["Location"] == "/calls/?status=missed"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "http://localhost/", "javascript:x"])
@pytest.mark.parametrize("way", ["/login/", "/me/confirm/"])
def test_it_leads_nowhere_else(cast: Cast, place: str, way: str) -> None:
    client = cast.nobody if way == "/login/" else cast.alice
    form = {"username": ALICE, "password": PASSWORD, "next": place}
    assert client.post(way, form)["Location"] == "/"


def test_it_lets_nobody_in_who_is_switched_off(cast: Cast) -> None:
    User.objects.filter(email=ALICE).update(is_active=False)
    assert "do not go together" in _text(sign_in(cast.nobody))


def test_it_changes_a_password_and_signs_out_the_others(cast: Cast) -> None:
    other = Client()
    sign_in(other)
    _prove(cast.alice)
    form = {"oldpassword": PASSWORD, "password1": _NEW, "password2": _NEW}
    assert cast.alice.post("/me/password/", form)["Location"] == "/me/"
    assert cast.alice.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert MailRow.objects.get().subject == "Your password was changed"
    assert _said("password_changed") == [{}]


@pytest.mark.parametrize("bad", ["short", "passwordpassword", "12345678901"])
def test_it_takes_no_weak_password(cast: Cast, bad: str) -> None:
    form = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
    if bad == "passwordpassword":
        form["password2"] = "not the same"
    answer = cast.alice.post("/me/password/", form)
    assert answer.status_code == 200
    assert 'class="error"' in _text(answer)
    assert _alice().check_password(PASSWORD)


def test_it_sets_a_new_password_by_a_link_from_the_mail(cast: Cast) -> None:
    assert cast.nobody.post("/password/reset/", {"email": ALICE.upper()})["Location"] == "/password/reset/sent/"
    mail = MailRow.objects.get()
    assert (mail.kind, mail.to, mail.subject) == ("account", ALICE, "Set a new password")
    link = re.search(r"https?://\S+", mail.text)
    assert link is not None
    assert link[0].startswith(f"{django_settings.WEB_URL}/password/reset/")
    led = cast.nobody.get(urlsplit(link[0]).path)["Location"]  # without the key, so that it stands in no log
    form = {"password1": _NEW, "password2": _NEW}
    assert cast.nobody.post(led, form)["Location"] == "/password/reset/done/"
    assert sign_in(Client()).status_code == 200
    assert sign_in(Client(), password=_NEW).status_code == 302
    assert _said("password_reset") == [{}]
    assert "This link is spent" in cast.nobody.get(urlsplit(link[0]).path, follow=True).content.decode()


def test_it_answers_a_stranger_as_it_answers_alice_and_writes_to_no_stranger(cast: Cast) -> None:
    answers = [cast.nobody.post("/password/reset/", {"email": each}) for each in (ALICE, "stranger@example.com")]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert list(MailRow.objects.values_list("to", flat=True)) == [ALICE]


def test_it_writes_five_links_an_hour_at_most_to_one_address(cast: Cast) -> None:
    for _ in range(8):
        cast.nobody.post("/password/reset/", {"email": ALICE})
    assert MailRow.objects.count() == 5


def test_it_believes_no_host_header_for_the_link_in_the_mail(cast: Cast) -> None:
    cast.nobody.post("/password/reset/", {"email": ALICE}, headers={"host": "localhost:666"})
    assert "666" not in MailRow.objects.get().text


def test_it_has_no_page_to_sign_up(cast: Cast) -> None:
    for address in ("/signup/", "/accounts/signup/", "/login/signup/", "/me/email/", "/3rdparty/"):
        assert cast.nobody.get(address).status_code == 404


# Second factors


def test_it_asks_who_it_is_before_anything_changes(cast: Cast) -> None:
    for address in ("/me/app/", "/me/passkeys/add/", "/me/codes/new/"):
        assert cast.alice.get(address)["Location"].startswith("/me/confirm/?next=")


def test_it_asks_for_the_code_of_an_app_after_the_password(cast: Cast) -> None:
    secret = _switch_app_on(cast.alice)
    assert secret not in str(Authenticator.objects.get(type="totp").data)  # it rests sealed
    assert sign_in(cast.nobody)["Location"] == "/login/code/"
    assert cast.nobody.get("/me/").status_code == 302  # not in yet
    assert "not right" in _text(cast.nobody.post("/login/code/", {"code": "000000"}))
    code = _code(secret)
    assert cast.nobody.post("/login/code/", {"code": code})["Location"] == "/"
    assert cast.nobody.get("/me/").status_code == 200
    assert {str(each["factor"]) for each in _said("factor_added")} == {"app", "recovery codes"}
    assert _said("sign_in_failed") == [{"by": "app"}]
    assert _said("sign_in") == [{"by": "password, app"}]
    assert "Authenticator app switched on" in MailRow.objects.values_list("subject", flat=True)
    again = Client()
    sign_in(again)
    assert "used" in _text(again.post("/login/code/", {"code": code}))


def test_it_takes_no_more_guesses_of_a_code_after_ten(cast: Cast) -> None:
    secret = _switch_app_on(cast.alice)
    sign_in(cast.nobody)
    for _ in range(10):
        cast.nobody.post("/login/code/", {"code": "000000"})
    assert "Too many tries" in _text(cast.nobody.post("/login/code/", {"code": _code(secret)}))


def test_it_takes_no_code_after_fifty_wrong_ones_within_a_day_and_tells_alice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (guesses.MOST_CODES_A_DAY, guesses.WARN_FROM) == (50, 20)
    monkeypatch.setattr(guesses, "MOST_CODES_A_DAY", 6)
    monkeypatch.setattr(guesses, "WARN_FROM", 4)
    secret = _switch_app_on(cast.alice)
    for _ in range(6):
        client = Client()
        sign_in(client)
        client.post("/login/code/", {"code": "000000"})
        cache.clear()
    mail = MailRow.objects.get(kind="guesses")
    assert (mail.to, "knows your password" in mail.text) == (ALICE, True)
    assert "Too many wrong codes" in _text(client.post("/login/code/", {"code": _code(secret)}))
    assert "Too many wrong codes" in _text(cast.alice.post("/me/confirm/code/", {"code": _code(secret)}))
    AuditRow.objects.filter(what="sign_in_failed").update(at_ms=wall_clock() - DAY_MS)
    assert client.post("/login/code/", {"code": _code(secret)})["Location"] == "/"


def test_it_takes_each_recovery_code_once(cast: Cast) -> None:
    _switch_app_on(cast.alice)
    codes = re.findall(r"<li><code>(\d+)</code>", _text(cast.alice.get("/me/codes/")))
    assert len(codes) == 10
    assert cast.alice.get("/me/codes/download/").content.decode().split() == codes
    sign_in(cast.nobody)
    assert cast.nobody.post("/login/code/", {"code": codes[3]})["Location"] == "/"
    again = Client()
    sign_in(again)
    assert again.post("/login/code/", {"code": codes[3]}).status_code == 200
    assert "9 of 10 are left" in _text(cast.alice.get("/me/codes/"))


def test_it_makes_new_recovery_codes_in_place_of_the_old(cast: Cast) -> None:
    _switch_app_on(cast.alice)
    old = _text(cast.alice.get("/me/codes/"))
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert cast.alice.post("/me/codes/new/")["Location"] == "/me/codes/"
    assert re.findall(r"<code>\d+", _text(cast.alice.get("/me/codes/"))) != re.findall(r"<code>\d+", old)
    assert len(_said("recovery_codes_made")) == 1


def test_it_switches_an_app_off_and_its_recovery_codes_with_it(cast: Cast) -> None:
    _switch_app_on(cast.alice)
    assert cast.alice.post("/me/app/remove/")["Location"] == "/me/"
    assert not Authenticator.objects.exists()
    assert sign_in(cast.nobody)["Location"] == "/"
    assert len(_said("factor_removed")) == 2


def test_it_shows_nothing_of_an_account_that_needs_a_factor_before_there_is_one(cast: Cast) -> None:
    assert cast.alice.post("/settings/sso/factor/", {"second_factor_needed": "on"}).status_code == 302
    for address in ("/calls/", f"/calls/{cast.call.pk}/", "/settings/"):
        assert cast.bob.get(address)["Location"] == "/me/"
    assert cast.alice.post(f"/calls/{cast.call.pk}/tag/", {"tag": "x"})["Location"] == "/me/"
    assert not cast.call.tags.exists()
    assert cast.bob.get("/calls/news/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = _text(cast.bob.get("/me/"))
    assert "asks for a second factor first" in page
    assert 'href="/calls/"' not in page
    _switch_app_on(cast.bob)
    assert cast.bob.get("/calls/").status_code == 200
    assert cast.charlie.get("/calls/").status_code == 200


def test_it_shows_figures_of_several_accounts_only_to_whom_none_waits_for(cast: Cast) -> None:
    """Charlie looks at a company of his own, and has a place with Alice, whose account wants a second factor."""
    charlie = User.objects.get(email="charlie@example.com")
    Membership.objects.create(user=charlie, account=cast.company.account, role=Role.VIEWER)
    agency = reverse("agency")
    cast.charlie.post("/company/", {"company": Company.objects.get(name="Charlie’s Heating").pk})
    assert cast.charlie.get(agency).status_code == 200
    cast.alice.post("/settings/sso/factor/", {"second_factor_needed": "on"})
    assert cast.charlie.get(agency)["Location"] == "/me/"
    assert cast.charlie.get("/settings/").status_code == 200


# Sessions


def test_it_lists_where_alice_is_signed_in_and_signs_out_one_or_all_others(cast: Cast) -> None:
    phone, tablet = Client(headers={"user-agent": "Mozilla (iPhone) Safari/1"}), Client()
    for each in (phone, tablet, cast.alice):
        sign_in(each)
        each.get("/me/")
    page = _text(cast.alice.get("/me/"))
    assert "Safari on iPhone" in page
    assert page.count("this one") == 1
    of_phone = UserSession.objects.get(user_agent__contains="iPhone")
    cast.alice.post("/me/sessions/end/", {"session": of_phone.pk})
    assert phone.get("/me/").status_code == 302
    assert tablet.get("/me/").status_code == 200
    cast.alice.post("/me/sessions/end/", {"session": "others"})
    assert tablet.get("/me/").status_code == 302
    assert cast.alice.get("/me/").status_code == 200
    assert _said("session_ended") == [{"sessions": "1"}, {"sessions": "1"}]


@pytest.mark.parametrize("which", ["alices", "", "x", "9" * 30, "-1"])
def test_it_lets_charlie_end_no_session_of_alices(cast: Cast, which: str) -> None:
    cast.alice.get("/me/")
    alices = UserSession.objects.get(user=_alice())
    answer = cast.charlie.post("/me/sessions/end/", {"session": str(alices.pk) if which == "alices" else which})
    assert answer.status_code == 404
    assert cast.alice.get("/me/").status_code == 200


def test_it_knows_a_session_that_came_by_a_link(cast: Cast) -> None:
    cast.nobody.get(f"/welcome/?once={do_make_link(wall_clock(), _alice())}")
    assert UserSession.objects.filter(user=_alice()).count() == 1
    assert _said("sign_in") == [{"by": "link"}]


def test_it_writes_when_a_session_was_seen_every_five_minutes_at_most(
    cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    cast.alice.get("/me/codes/download/")
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # session, person, and no writing
        cast.alice.get("/me/codes/download/")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("curl/8", "Unknown device"),
    ],
)
def test_it_names_a_device_by_what_its_browser_says(agent: str, device: str) -> None:
    assert device_of(agent) == device


# Passkeys: what no browser is needed for


def test_it_says_why_there_are_no_passkeys_on_a_bare_address(cast: Cast) -> None:
    assert "bare IP address" in _text(cast.alice.get("/me/", headers={"host": "[::1]"}))
    assert "bare IP address" in _text(cast.alice.get("/me/", headers={"host": "127.0.0.1:8000"}))
    assert "http://localhost:8000/me/" in _text(cast.alice.get("/me/", headers={"host": "127.0.0.1:8000"}))
    assert "Add a passkey" in _text(cast.alice.get("/me/", headers={"host": "localhost:8000"}))


def test_it_refuses_a_passkey_that_is_none(cast: Cast) -> None:
    for sent in ("", "{}", "[]", "x", '{"response": {"userHandle": "AAAA"}}', '{"id": 1}', "null", '"x"'):
        assert cast.nobody.post("/login/passkey/", {"credential": sent})["Location"] == "/login/"
    assert cast.nobody.get("/me/").status_code == 302


# Everything at once


def _walk() -> list[str]:
    return [str(one.name) for one in urlpatterns if isinstance(one, URLPattern)]


_OPEN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "sso_address",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_reset_password_from_key",
}
_ALICES = re.compile(r"Alice|Laptop of|iPhone|alices-own")


def _credential() -> dict[str, object]:
    """What a device says when it makes a passkey."""
    public = ES256.from_cryptography_key(  # type: ignore[no-untyped-call]
        ec.generate_private_key(ec.SECP256R1()).public_key()
    )
    made = AttestedCredentialData.create(bytes(16), b"of a laptop", public)
    data = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), AuthenticatorData.FLAG.AT, 1, made)
    challenge = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    said = {"attestationObject": AttestationObject.create("none", data, {}), "clientDataJSON": challenge}
    response = {name: websafe_encode(bytes(each)) for name, each in said.items()}
    raw_id = websafe_encode(b"of a laptop")
    return {"id": raw_id, "rawId": raw_id, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _address(name: str) -> str:
    """About Alice's rows, where it is about a row."""
    passkey, _ = Authenticator.objects.get_or_create(
        user=_alice(), type="webauthn", defaults={"data": {"name": "Laptop of Alice", "credential": _credential()}}
    )
    takes = {
        "mfa_edit_webauthn": {"pk": passkey.pk},
        "mfa_remove_webauthn": {"pk": passkey.pk},
        "openid_connect_login": {"provider_id": "sso_none"},
        "openid_connect_callback": {"provider_id": "sso_none"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
    }
    return reverse(name, kwargs=takes.get(name))


@pytest.mark.parametrize("name", [name for name in _walk() if name not in _OPEN])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_leads_nobody_but_to_the_sign_in_page(cast: Cast, name: str, method: str) -> None:
    answer = getattr(cast.nobody, method)(_address(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("name", _walk())
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_shows_and_gives_charlie_nothing_of_alices(cast: Cast, name: str, method: str) -> None:
    address = _address(name)
    sign_in(cast.alice)
    if name != "account_logout":
        _prove(cast.charlie)
    answer = getattr(cast.charlie, method)(address, {"name": "Mine", "session": "1"}, follow=True)
    assert not _ALICES.search(answer.content.decode())
    assert answer.status_code < 500
    if re.search(r"/passkeys/\d", address):
        assert answer.status_code == 404
    assert Authenticator.objects.get(user=_alice(), type="webauthn").data["name"] == "Laptop of Alice"
    assert UserSession.objects.filter(user=_alice()).exists()


@pytest.mark.parametrize("name", _walk())
def test_it_takes_no_post_without_its_token(cast: Cast, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(_alice())
    assert strict.post(_address(name), {"name": "x"}).status_code == 403


@pytest.mark.parametrize("name", _walk())
def test_it_runs_no_script_but_its_own(cast: Cast, name: str) -> None:
    """No executable script stands in a page; the policy would not run it."""
    for client in (cast.alice, cast.nobody):
        page = client.get(_address(name), follow=True)
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        for script in re.findall(r"<script[^>]*>", page.content.decode()):
            assert "src=" in script or 'type="application/json"' in script
        assert not re.search(r'\son\w+="|\sstyle="|<style', page.content.decode())


def _text(answer: HttpResponseBase) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]
