"""Whoever made a person in one account gets into no other by them: the address is proven first."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows import login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from ringtrace.web.models import Account, Company, MailRow, Membership, Role, SsoProvider, User
from ringtrace.web.people import BY_COMMAND, do_remove_place
from ringtrace.web.sign_in import sso as providers_of
from ringtrace.web.sign_in.domains import do_grant
from ringtrace.web.sign_in.proof import is_proven
from ringtrace.web.sign_in.providers import ProviderSaid, do_remove_provider, do_save_provider
from tests.doors.cast import Cast, browser

pytestmark = pytest.mark.usefixtures("asked")

_DORA = "dora@freelance.example"
_CHARLIES, _DORAS = "charlie knows this one", "nobody else knows this one"
_SEEN = "(310) 555-7734"


@pytest.fixture(autouse=True)
def _domains(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def _text(answer: HttpResponseBase) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def _invite(client: Client, role: str = "admin", where: str = "account") -> str:
    """The token of the link that the inviter sees."""
    form = {"email": _DORA, "role": role, "where": where, "agent_name": ""}
    found = re.search(r"/join/\?token=([\w-]{43})", _text(client.post("/settings/people/invite/", form)))
    assert found is not None
    return found[1]


def _made_by_charlie(cast: Cast) -> Client:
    """Charlie opens his own invitation, as Dora."""
    charlie = Client()
    form = {"token": _invite(cast.charlie), "name": "Dora", "password": _CHARLIES}
    assert charlie.post("/join/", form).status_code == 302
    return charlie


def _dora() -> User:
    return User.objects.get(email=_DORA)


def _accept(client: Client, token: str) -> HttpResponseBase:
    return client.post("/join/", {"token": token})


def _sees_alices(client: Client, cast: Cast) -> bool:
    client.post("/company/", {"company": cast.company.pk})
    return _SEEN in _text(client.get("/calls/", follow=True))


def _reset(client: Client) -> None:
    client.post("/password/reset/", {"email": _DORA})
    mail = MailRow.objects.filter(to=_DORA, kind="account", subject="Set a new password").latest("made_ms")
    link = re.search(r"https?://\S+", mail.text)
    assert link is not None
    led = client.get(urlsplit(link[0]).path)["Location"]
    assert client.post(led, {"password1": _DORAS, "password2": _DORAS})["Location"] == "/password/reset/done/"


def _sign_in(client: Client, password: str) -> bool:
    return client.post("/login/", {"username": _DORA, "password": password}).status_code == 302


def _add_passkey(at_ms: int | None = None) -> Authenticator:
    row = Authenticator.objects.create(user=_dora(), type="webauthn", data={"name": "Key", "credential": {}})
    if at_ms is not None:
        Authenticator.objects.filter(pk=row.pk).update(created_at=datetime.fromtimestamp(at_ms / 1000, UTC))
    return row


def _charlies_account() -> Account:
    return Company.objects.get(name="Charlie’s Heating").account


def _provider(account: Account) -> SsoProvider:
    do_grant("freelance.example", account)
    said = ProviderSaid(
        name="C",
        issuer="https://idp.example",
        client_id="x",
        secret="y",
        domains=("freelance.example",),
        joins_as="viewer",
    )
    return do_save_provider(account, said, 1)


def _admitted(provider: SsoProvider) -> User:
    who = providers_of.Identity(subject="1", email=_DORA, is_verified=True, name="Dora")
    person = providers_of.do_admit(provider, who)
    assert isinstance(person, User)
    return person


def _provider_signed_in(person: User) -> Client:
    client = browser(person.email)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "socialaccount", "at": 1}]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return client


@pytest.mark.parametrize("where", ["account", "company"])
def test_it_gives_nobody_of_another_account_a_place_before_their_address_is_proven(cast: Cast, where: str) -> None:
    charlie = _made_by_charlie(cast)
    assert not is_proven(_dora())
    token = _invite(cast.alice, where=where)
    for client in (charlie, Client()):
        page = _text(client.get("/join/", {"token": token}))
        assert "show that you read its mail" in page
        assert f'name="email" value="{_DORA}"' in page
        assert _accept(client, token).status_code == 403
    assert not _sees_alices(charlie, cast)


def test_it_ends_what_charlie_holds_once_dora_proved_her_address(cast: Cast) -> None:
    charlie = _made_by_charlie(cast)
    _add_passkey()
    Authenticator.objects.create(user=_dora(), type="recovery_codes", data={"seed": "x", "used_mask": 0})
    token = _invite(cast.alice)
    dora = Client()
    _reset(dora)
    assert is_proven(_dora())
    assert charlie.get("/me/").status_code == 302
    assert not _sign_in(Client(), _CHARLIES)
    assert not Authenticator.objects.filter(user=_dora()).exists()
    assert _sign_in(dora, _DORAS)
    assert _accept(dora, token).status_code == 302
    assert _sees_alices(dora, cast)
    assert not _sees_alices(charlie, cast)


def test_it_ends_other_sessions_and_older_passkeys_when_dora_enters_a_second_account(cast: Cast) -> None:
    _made_by_charlie(cast)
    old = _add_passkey(at_ms=1)
    _reset(Client())  # no invitation waits: a mailbox alone does away with no second factor
    assert Authenticator.objects.filter(pk=old.pk).exists()
    dora, elsewhere = browser(_DORA), browser(_DORA)
    fresh = _add_passkey()
    assert _accept(dora, _invite(cast.alice)).status_code == 302
    assert list(Authenticator.objects.filter(user=_dora())) == [fresh]
    assert elsewhere.get("/me/").status_code == 302
    assert dora.get("/me/").status_code == 200


def test_it_asks_somebody_whom_a_removed_place_left_behind_too(cast: Cast) -> None:
    charlie = _made_by_charlie(cast)
    do_remove_place(BY_COMMAND, Membership.objects.get(user=_dora()))
    assert _sign_in(charlie, _CHARLIES)
    assert _accept(charlie, _invite(cast.alice)).status_code == 403


def test_it_asks_whom_anothers_provider_signs_in_for_a_password_of_their_own(cast: Cast) -> None:
    """Charlie's provider is somebody who may have set password and passkeys."""
    provider = _provider(_charlies_account())
    charlie = _provider_signed_in(_admitted(provider))
    assert is_proven(_dora())
    _add_passkey()
    token = _invite(cast.alice)
    assert _accept(charlie, token).status_code == 403
    dora = Client()
    _reset(dora)
    assert not SocialAccount.objects.exists()
    assert not Authenticator.objects.exists()
    assert charlie.get("/me/").status_code == 302
    assert _sign_in(dora, _DORAS)
    assert _accept(dora, token).status_code == 302
    assert (
        providers_of.do_admit(provider, providers_of.Identity(subject="1", email=_DORA, is_verified=True))
        == "elsewhere"
    )


def test_it_believes_no_proof_of_a_provider_that_is_gone(cast: Cast) -> None:
    provider = _provider(_charlies_account())
    charlie = _provider_signed_in(_admitted(provider))
    do_remove_provider(provider)
    assert not is_proven(_dora())
    assert _accept(charlie, _invite(cast.alice)).status_code == 403


def test_it_sets_no_first_password_in_a_session_of_a_provider_for_somebody_unproven(cast: Cast) -> None:
    provider = _provider(_charlies_account())
    client = _provider_signed_in(_admitted(provider))
    assert client.get("/me/password/set/").status_code == 200
    do_remove_provider(provider)
    form = {"password1": _CHARLIES, "password2": _CHARLIES}
    assert client.post("/me/password/set/", form)["Location"] == "/password/reset/"
    assert not _dora().has_usable_password()


def test_it_asks_for_no_proof_within_an_account_or_where_there_is_one_alone(cast: Cast) -> None:
    charlie = _made_by_charlie(cast)
    assert _accept(charlie, _invite(cast.charlie, "viewer", "company")).status_code == 302
    do_remove_place(BY_COMMAND, Membership.objects.get(user=_dora()))
    User.objects.filter(email=_DORA).update(is_active=True)
    _charlies_account().delete()
    _sign_in(charlie, _CHARLIES)
    assert _accept(charlie, _invite(cast.alice)).status_code == 302
    assert Membership.objects.get(user=_dora()).role == Role.ADMIN
