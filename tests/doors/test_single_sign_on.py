"""A company's own provider signs its people in, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from ringtrace.core.errors import BadInput
from ringtrace.web import domains_by_name
from ringtrace.web.models import Account, AuditRow, Company, CompanySeat, Membership, Role, SsoProvider, User
from ringtrace.web.sign_in import asking
from ringtrace.web.sign_in.domains import do_grant, do_withdraw
from ringtrace.web.sign_in.proof import do_prove, is_proven
from ringtrace.web.sign_in.providers import ProviderSaid, check_domains, check_issuer, do_save_provider
from ringtrace.web.sign_in.sso import WORDS, Refusal
from tests.doors.cast import PASSWORD, Cast
from tests.doors.openid_plays import CLIENT_ID, CLIENT_SECRET, Provider, a_provider

_DOMAIN = "plumbing.example"
_WORKER = "walt@plumbing.example"


@pytest.fixture(autouse=True)
def _inner(settings: Settings, tmp_path: Path) -> None:
    """The provider of these tests lies on loopback; domains are given anew for each."""
    settings.SSO_INNER, settings.DATA_DIR = True, tmp_path


@pytest.fixture(scope="module")
def _door() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@pytest.fixture
def okta(_door: Provider) -> Provider:
    """The provider as it is before somebody bends it."""
    _door.claims = {"sub": "42", "email": _WORKER, "email_verified": True, "name": "Walt"}
    _door.told, _door.config, _door.is_forged, _door.algorithm = {}, {}, False, "RS256"
    _door.asked.clear()
    return _door


@pytest.fixture
def walt(cast: Cast) -> User:
    user = User.objects.create_user(_WORKER, PASSWORD)
    Membership.objects.create(user=user, account=cast.company.account, role=Role.ANALYST)
    return user


def _connect(account: Account, okta: Provider, domain: str = _DOMAIN, joins_as: str = "") -> SsoProvider:
    said = ProviderSaid(
        name="Okta",
        issuer=okta.url,
        client_id=CLIENT_ID,
        secret=CLIENT_SECRET,
        domains=(domain,),
        joins_as=joins_as,
    )
    do_grant(domain, account)
    return do_save_provider(account, said, 1)


def _go(client: Client, provider: SsoProvider, okta: Provider, **form: str) -> HttpResponseBase:
    """To the provider and back, as a browser walks it."""
    leaving = client.post(f"/login/company/{provider.pk}/", form)
    assert leaving.status_code == 200, leaving.content
    back = okta.authorize(leaving.context["address"])
    assert back.startswith(f"http://127.0.0.1:8000/login/company/{provider.pk}/back/?")
    return client.get(urlsplit(back).path + "?" + urlsplit(back).query)


def _is_in(client: Client, email: str) -> bool:
    page = client.get("/me/")
    return page.status_code == 200 and email in page.content.decode()


def _said(answer: HttpResponseBase) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def _refused(answer: HttpResponseBase, why: Refusal) -> bool:
    return answer.status_code == 403 and WORDS[why] in _said(answer)


# Who comes in


def test_it_signs_in_whoever_the_provider_knows_by_their_address(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    assert _go(cast.nobody, provider, okta, next="/calls/")["Location"] == "/calls/"
    assert _is_in(cast.nobody, _WORKER)
    assert SocialAccount.objects.get().user == walt
    assert SocialAccount.objects.get().extra_data == {}
    line = AuditRow.objects.get(what="sign_in")
    assert (line.user, line.account, line.said) == (walt, cast.company.account, {"by": "provider"})


def test_it_knows_somebody_again_whose_address_changed(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    _go(Client(), provider, okta)
    okta.claims["email"] = "walter@plumbing.example"
    _go(cast.nobody, provider, okta)
    assert _is_in(cast.nobody, _WORKER)


def test_it_lets_somebody_new_join_as_the_owner_said(cast: Cast, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta, joins_as="analyst")
    assert _go(cast.nobody, provider, okta)["Location"] == "/"
    newcomer = User.objects.get(email=_WORKER)
    assert (newcomer.name, newcomer.has_usable_password()) == ("Walt", False)
    place = newcomer.memberships.get()
    assert (place.account, place.role) == (cast.company.account, Role.ANALYST)


def test_it_takes_the_address_from_userinfo_where_the_token_has_none(cast: Cast, walt: User, okta: Provider) -> None:
    okta.claims = {"sub": "42"}
    okta.told = {"sub": "42", "email": _WORKER.upper(), "email_verified": True}
    _go(cast.nobody, _connect(cast.company.account, okta), okta)
    assert _is_in(cast.nobody, _WORKER)


def test_it_offers_one_provider_on_the_sign_in_page_and_several_by_the_address(
    cast: Cast, walt: User, okta: Provider
) -> None:
    assert "Through your company" not in _said(cast.nobody.get("/login/"))
    provider = _connect(cast.company.account, okta)
    assert "Continue with Okta" in _said(cast.nobody.get("/login/"))
    _connect(Company.objects.get(name="Charlie’s Heating").account, okta, "heating.example")
    page = _said(cast.nobody.get("/login/"))
    assert "Okta" not in page
    assert "Through your company" in page
    answer = cast.nobody.post("/login/company/", {"email": _WORKER.upper(), "next": "/calls/"})
    assert f"/login/company/{provider.pk}/back/" in answer.context["address"].replace("%2F", "/")
    assert "login_hint=" in answer.context["address"]
    assert "No company" in _said(cast.nobody.post("/login/company/", {"email": "x@elsewhere.example"}))


def test_it_asks_for_the_second_factor_after_the_provider_too(cast: Cast, walt: User, okta: Provider) -> None:
    Authenticator.objects.create(user=walt, type="totp", data={"secret": "x"})
    assert _go(cast.nobody, _connect(cast.company.account, okta), okta)["Location"] == "/login/code/"
    assert not _is_in(cast.nobody, _WORKER)


# Who does not


@pytest.mark.parametrize("verified", [False, None, "false", 1, "yes"])
def test_it_believes_no_address_that_is_not_verified(cast: Cast, walt: User, okta: Provider, verified: object) -> None:
    okta.claims["email_verified"] = verified
    assert _refused(_go(cast.nobody, _connect(cast.company.account, okta), okta), Refusal.UNVERIFIED)
    assert not _is_in(cast.nobody, _WORKER)


@pytest.mark.parametrize(
    "email",
    ["alice@example.com", "walt@sub.plumbing.example", "walt@plumbing.example.evil.example", "a@notplumbing.example"],
)
def test_it_takes_no_address_of_another_domain(cast: Cast, okta: Provider, email: str) -> None:
    okta.claims["email"] = email
    provider = _connect(cast.company.account, okta, joins_as="admin")
    assert _refused(_go(cast.nobody, provider, okta), Refusal.FOREIGN_DOMAIN)
    assert not User.objects.filter(email=email).exclude(email="alice@example.com").exists()


def test_it_opens_no_account_but_its_own(cast: Cast, walt: User, okta: Provider) -> None:
    """Charlie's provider says it is Walt of Alice's: he has no place with Charlie."""
    charlies = _connect(Company.objects.get(name="Charlie’s Heating").account, okta, joins_as="admin")
    assert _refused(_go(cast.nobody, charlies, okta), Refusal.ELSEWHERE)
    assert not _is_in(cast.nobody, _WORKER)
    assert walt.memberships.count() == 1


@pytest.mark.parametrize("kind", ["member", "seat"])
def test_it_opens_no_other_account_of_somebody_who_has_a_place_in_both(
    cast: Cast, walt: User, okta: Provider, kind: str
) -> None:
    """Whom Charlie invites does not become Charlie's to sign in as: a session would open Alice's too."""
    company = Company.objects.get(name="Charlie’s Heating")
    if kind == "member":
        Membership.objects.create(user=walt, account=company.account, role=Role.VIEWER)
    else:
        CompanySeat.objects.create(user=walt, company=company, role=Role.VIEWER)
    assert _refused(_go(cast.nobody, _connect(company.account, okta), okta), Refusal.ELSEWHERE)


def test_it_opens_no_other_account_even_to_somebody_it_signed_in_before(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    _go(Client(), provider, okta)
    charlies = Company.objects.get(name="Charlie’s Heating").account
    Membership.objects.create(user=walt, account=charlies, role=Role.VIEWER)
    assert _refused(_go(cast.nobody, provider, okta), Refusal.ELSEWHERE)


def test_it_takes_nobody_for_another_who_had_the_address_before(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    _go(Client(), provider, okta)
    okta.claims["sub"] = "43"
    assert _refused(_go(cast.nobody, provider, okta), Refusal.ANOTHER_PERSON)


def test_it_lets_nobody_in_who_was_removed_or_switched_off(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta, joins_as="admin")
    walt.memberships.all().delete()
    assert _refused(_go(cast.nobody, provider, okta), Refusal.NO_PLACE)
    User.objects.filter(pk=walt.pk).update(is_active=False)
    assert _refused(_go(cast.nobody, provider, okta), Refusal.SWITCHED_OFF)


def test_it_lets_nobody_new_in_where_the_owner_said_nobody(cast: Cast, okta: Provider) -> None:
    assert _refused(_go(cast.nobody, _connect(cast.company.account, okta), okta), Refusal.NO_PLACE)
    assert not User.objects.filter(email=_WORKER).exists()


# What a provider says that cannot be relied on


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_it_takes_no_token_that_is_not_for_us_and_now(
    cast: Cast, walt: User, okta: Provider, bent: dict[str, object]
) -> None:
    okta.claims = {name: value for name, value in (okta.claims | bent).items() if value is not None}
    if bent == {"exp": None}:
        okta.claims["exp"] = ""
    answer = _go(cast.nobody, _connect(cast.company.account, okta), okta)
    assert answer.status_code == 401
    assert not _is_in(cast.nobody, _WORKER)


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "none"])
def test_it_takes_no_token_that_another_signed(cast: Cast, walt: User, okta: Provider, algorithm: str) -> None:
    okta.is_forged, okta.algorithm = True, algorithm
    assert _go(cast.nobody, _connect(cast.company.account, okta), okta).status_code == 401


def test_it_takes_no_userinfo_about_somebody_else(cast: Cast, walt: User, okta: Provider) -> None:
    okta.claims = {"sub": "666"}
    okta.told = {"sub": "42", "email": _WORKER, "email_verified": True}
    assert _go(cast.nobody, _connect(cast.company.account, okta), okta).status_code == 401


@pytest.mark.parametrize(
    "config",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://10.0.0.1/"}, {"jwks_uri": None}, {"issuer": None}],
)
def test_it_goes_to_no_provider_that_is_not_who_was_named(
    cast: Cast, okta: Provider, config: dict[str, object]
) -> None:
    okta.config = config
    provider = _connect(cast.company.account, okta)
    assert cast.nobody.post(f"/login/company/{provider.pk}/").status_code == 401
    assert "Not ready" in _said(cast.alice.get(f"/settings/sso/{provider.pk}/?check=1"))


def test_it_says_that_a_provider_cannot_be_reached(cast: Cast, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    SsoProvider.objects.update(issuer="http://127.0.0.1:9")
    assert cast.nobody.post(f"/login/company/{provider.pk}/").status_code == 401
    assert "cannot be reached" in _said(cast.alice.get(f"/settings/sso/{provider.pk}/?check=1"))


def test_it_takes_no_answer_that_this_browser_did_not_ask_for(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    back = okta.authorize(cast.nobody.post(f"/login/company/{provider.pk}/").context["address"])
    place = f"{urlsplit(back).path}?{urlsplit(back).query}"
    assert Client().get(place).status_code == 401
    assert cast.nobody.get(place).status_code == 302
    assert cast.nobody.get(place).status_code == 401  # nor twice


def test_it_joins_no_other_account_of_the_provider_to_whoever_is_signed_in(
    cast: Cast, walt: User, okta: Provider
) -> None:
    provider = _connect(cast.company.account, okta)
    leaving = cast.alice.post(f"/login/company/{provider.pk}/?process=connect&scope=admin", {"process": "connect"})
    assert "admin" not in leaving.context["address"]
    back = okta.authorize(leaving.context["address"])
    cast.alice.get(f"{urlsplit(back).path}?{urlsplit(back).query}")
    assert _is_in(cast.alice, _WORKER)
    assert not SocialAccount.objects.filter(user__email="alice@example.com").exists()


def test_it_leads_nowhere_else_after_the_provider(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    assert _go(cast.nobody, provider, okta, next="https://evil.example/")["Location"] == "/"


def test_it_starts_by_a_form_of_ours_alone(cast: Cast, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    assert cast.nobody.get(f"/login/company/{provider.pk}/").status_code == 405
    assert Client(enforce_csrf_checks=True).post(f"/login/company/{provider.pk}/").status_code == 403


# The owner's settings


def _form(okta: Provider, **fields: str) -> dict[str, str]:
    usual = {"name": "Okta", "issuer": okta.url, "client_id": CLIENT_ID, "secret": CLIENT_SECRET}
    return usual | {"domains": f"{_DOMAIN}\n", "joins_as": ""} | fields


def test_it_keeps_a_provider_and_its_secret_sealed(cast: Cast, okta: Provider) -> None:
    do_grant(_DOMAIN, cast.company.account)
    led = cast.alice.post("/settings/sso/add/", _form(okta))["Location"]
    row = SsoProvider.objects.get()
    assert CLIENT_SECRET not in row.sealed_secret
    page = _said(cast.alice.get(led))
    assert f"http://127.0.0.1:8000/login/company/{row.pk}/back/" in page
    assert CLIENT_SECRET not in page
    assert "It answers" in _said(cast.alice.get(f"{led}?check=1"))
    line = AuditRow.objects.get(what="sso_add")
    assert (line.about, line.user) == (row.pk, User.objects.get(email="alice@example.com"))
    cast.alice.post(led, _form(okta, secret="", name="Ours"))
    row.refresh_from_db()
    assert row.name == "Ours"
    assert cast.alice.post(f"{led}remove/")["Location"] == "/settings/sso/"
    assert not SsoProvider.objects.exists()


def test_it_forgets_whom_a_provider_knew_when_another_takes_its_place(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    _go(cast.nobody, provider, okta)
    cast.alice.post(f"/settings/sso/{provider.pk}/", _form(okta, issuer="https://other.example", secret=""))
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("place", ["", "add/", "factor/", "{}/", "{}/remove/"])
def test_it_shows_providers_to_owners_alone(cast: Cast, okta: Provider, method: str, place: str) -> None:
    provider = _connect(cast.company.account, okta)
    Membership.objects.filter(user__email="bob@example.com").update(role=Role.ADMIN)
    address = f"/settings/sso/{place.format(provider.pk)}"
    assert getattr(cast.bob, method)(address, _form(okta)).status_code in (403, 405)
    if "{" in place:
        assert getattr(cast.charlie, method)(address, _form(okta)).status_code in (404, 405)
    assert SsoProvider.objects.get().name == "Okta"


def test_it_gives_a_domain_to_one_provider_alone(cast: Cast, okta: Provider) -> None:
    _connect(cast.company.account, okta)
    charlies = Company.objects.get(name="Charlie’s Heating").account
    for account in (cast.company.account, charlies):
        with pytest.raises(BadInput, match="has a provider already"):
            check_domains(account, [_DOMAIN.upper()])


@pytest.mark.parametrize("kind", ["owner", "analyst", "seat"])
def test_it_gives_nobody_a_domain_of_which_another_accounts_people_have_proven_addresses(cast: Cast, kind: str) -> None:
    """Charlie's provider could say it is one of Alice's. An address that nobody proved bars nothing."""
    charlies = Company.objects.get(name="Charlie’s Heating").account
    ann = User.objects.create_user("ann@alices.example", PASSWORD)
    if kind == "seat":
        CompanySeat.objects.create(user=ann, company=cast.company, role=Role.VIEWER)
    else:
        Membership.objects.create(user=ann, account=cast.company.account, role=Role(kind))
    do_grant("alices.example", charlies)
    assert check_domains(charlies, ["alices.example"]) == ("alices.example",)
    do_prove(ann, by="mail")
    with pytest.raises(BadInput, match="Somebody of another account"):
        check_domains(charlies, ["alices.example"])
    do_grant("alices.example", cast.company.account)
    assert check_domains(cast.company.account, ["alices.example"]) == ("alices.example",)


def test_it_takes_a_domain_only_from_whoever_runs_the_server_where_there_are_two_accounts(cast: Cast) -> None:
    charlies = Company.objects.get(name="Charlie’s Heating").account
    with pytest.raises(BadInput, match="was not given to this account"):
        check_domains(cast.company.account, ["mine.example"])
    assert "may speak for mine.example" in domains_by_name.allow("Charlie’s Heating", "Mine.example", 1)
    assert list(domains_by_name.lines()) == [f"mine.example  Charlie’s Heating  {charlies.pk}"]
    with pytest.raises(BadInput, match="was not given to this account"):
        check_domains(cast.company.account, ["mine.example"])
    assert check_domains(charlies, ["mine.example"]) == ("mine.example",)
    domains_by_name.forbid("mine.example")
    charlies.delete()
    assert check_domains(cast.company.account, ["mine.example"]) == ("mine.example",)


def test_it_signs_nobody_in_by_a_domain_that_was_taken_back(cast: Cast, walt: User, okta: Provider) -> None:
    provider = _connect(cast.company.account, okta)
    do_withdraw(_DOMAIN)
    assert _refused(_go(cast.nobody, provider, okta), Refusal.NOT_GIVEN)
    assert not is_proven(walt)


@pytest.mark.parametrize(
    "domains", [[], ["gmail.com"], ["nodot"], ["a b.example"], [f"{n}.example" for n in range(21)]]
)
def test_it_takes_no_domain_that_is_not_the_companys_own(cast: Cast, domains: list[str]) -> None:
    with pytest.raises(BadInput):
        check_domains(cast.company.account, domains)


@pytest.mark.parametrize("issuer", ["http://idp.example", "idp.example", "https://a:b@idp.example", "ftp://x.example"])
def test_it_asks_providers_over_https_only(db: None, issuer: str) -> None:
    with pytest.raises(BadInput):
        check_issuer(issuer)


def test_it_asks_nobody_on_its_own_machine_once_it_is_on_the_net(settings: Settings) -> None:
    assert check_issuer("http://127.0.0.1:9") == "http://127.0.0.1:9"
    settings.WEB_URL = "https://ringtrace.example"
    with pytest.raises(BadInput):
        check_issuer("http://127.0.0.1:9")


@pytest.mark.parametrize(
    "issuer",
    ["https://169.254.169.254", "https://10.0.0.5:8443", "https://localhost:1", "https://[::1]", "http://127.0.0.1:9"],
)
def test_it_takes_no_provider_of_its_own_network_unless_the_server_allows_it(settings: Settings, issuer: str) -> None:
    assert check_issuer(issuer) == issuer
    settings.SSO_INNER = False
    with pytest.raises(BadInput):
        check_issuer(issuer)


def test_it_asks_no_name_that_leads_into_its_own_network(
    cast: Cast, walt: User, okta: Provider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = _connect(cast.company.account, okta)
    settings.SSO_INNER = False
    monkeypatch.setattr(asking, "resolve", lambda _host, _port: ["93.184.216.34", "127.0.0.1"])
    SsoProvider.objects.update(issuer=okta.url.replace("127.0.0.1", "idp.example"))
    page = _said(cast.alice.get(f"/settings/sso/{provider.pk}/?check=1"))
    assert "not on the open internet" in page
    assert okta.asked == []


def test_it_keeps_a_name_that_a_provider_gives_to_one_line(cast: Cast, okta: Provider) -> None:
    okta.claims["name"] = "Walt\n\nUrgent: pay\r\nat once " + "x" * 300
    _go(cast.nobody, _connect(cast.company.account, okta, joins_as="viewer"), okta)
    name = User.objects.get(email=_WORKER).name
    assert name.startswith("Walt Urgent: pay at once xxx")
    assert len(name) == 100
