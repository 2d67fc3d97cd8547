"""OpenID Connect as we speak it: the issuer is who the owner named, every token's signature is checked, and only what
the token itself says of the person counts.

OpenID Connect Core 1.0, sections 3.1.3.7 (the token) and 5.3.2 (userinfo); Discovery 1.0, section 4.3 (the issuer).
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from ringtrace.web.sign_in.providers import callback_address, is_fit

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_SCOPE = ("openid", "email", "profile")


class Distrusted(OAuth2Error):  # type: ignore[misc]  # allauth has no types
    """What a provider said cannot be relied on. The message holds nothing of a person."""


class OpenId(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """The conversation with one provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself, once a request. Raises Distrusted for one that is not who was named."""
        config: dict[str, Any] = super().openid_config
        named = str(self.get_provider().app.settings["server_url"])
        if str(config.get("issuer", "")).rstrip("/") != named.rstrip("/"):
            raise Distrusted("the provider names another issuer than its settings")
        if not all(isinstance(config.get(name), str) and is_fit(config[name]) for name in _ENDPOINTS):
            raise Distrusted("the provider names an endpoint that is missing or not HTTPS")
        return config

    def get_callback_url(self, _request: HttpRequest, _app: object) -> str:
        return callback_address(self.provider_id)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise Distrusted("the provider gave no id_token")
        claims = self._claims(app, id_token)
        said = claims if claims.get("email") else self._told(token, claims)
        return self.get_provider().sociallogin_from_response(request, {"id_token": said})

    def _claims(self, app: Any, id_token: str) -> dict[str, Any]:
        """What a token says, once its signature, issuer, audience and age are right. Raises Distrusted."""
        try:
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Distrusted("the id_token or the keys cannot be read") from error
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        if not claims.get("sub") or "exp" not in claims or (several and claims.get("azp") != app.client_id):
            raise Distrusted("the id_token lacks its subject, its end or its party")
        return claims

    def _told(self, token: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """Userinfo, for providers that leave the address out of the token; of the same subject only."""
        if not is_fit(str(self.openid_config.get("userinfo_endpoint", ""))):
            return claims
        told: dict[str, Any] = self._fetch_user_info(token.token)
        if told.get("sub") != claims["sub"]:
            raise Distrusted("userinfo is about somebody else")
        return told


class OpenIdProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """Takes nothing from the address that starts it but where to lead afterwards. Keeps nothing of the person."""

    oauth2_adapter_class = OpenId
    pkce_enabled_default = True

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        ways = {"next_url": get_next_redirect_url(request)} if get_next_redirect_url(request) else {}
        hint = request.POST.get("email", "")
        return {
            "process": "login",
            "scope": list(_SCOPE),
            "auth_params": {"login_hint": hint} if hint else {},
            **ways,
        }

    def extract_extra_data(self, _data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """Verified only where the provider says so; leaving it out is not saying so."""
        said = data["id_token"]
        email, verified = said.get("email"), said.get("email_verified") is True or said.get("email_verified") == "true"
        return [EmailAddress(email=email, verified=verified, primary=True)] if isinstance(email, str) else []
