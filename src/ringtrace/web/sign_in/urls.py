"""Addresses of signing in. Names are allauth's, which looks them up; what it would offer besides has no address here:
signing up, other e-mail addresses, accounts elsewhere joined by hand.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from ringtrace.web.pages import me, sso
from ringtrace.web.sign_in.views import AddPasskey, PasskeySignIn, SignIn, first_password, in_one

sign_in = SignIn.as_view()
sign_out = LogoutView.as_view()
_RESET_KEY = r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

urlpatterns = [
    path("login/", sign_in, name="account_login"),
    path("logout/", sign_out, name="account_logout"),
    path("login/code/", factors.authenticate, name="mfa_authenticate"),
    path("login/passkey/", PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("login/off/", account.account_inactive, name="account_inactive"),
    path("login/company/", sso.by_address, name="sso_address"),
    path("login/company/<slug:provider_id>/", sso.start, name="openid_connect_login"),
    path("login/company/<slug:provider_id>/back/", sso.back, name="openid_connect_callback"),
    path("login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("password/reset/", in_one(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(_RESET_KEY, in_one(account.password_reset_from_key), name="account_reset_password_from_key"),
    path("me/", me.page, name="me"),
    path("me/", me.page, name="mfa_index"),
    path("me/", me.page, name="mfa_list_webauthn"),
    path("me/", me.page, name="usersessions_list"),
    path("me/sessions/end/", me.end_session, name="session_end"),
    path("me/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("me/confirm/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("me/confirm/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("me/password/", in_one(account.password_change), name="account_change_password"),
    path("me/password/set/", in_one(first_password), name="account_set_password"),
    path("me/app/", in_one(app.activate_totp), name="mfa_activate_totp"),
    path("me/app/remove/", in_one(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("me/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("me/codes/new/", in_one(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("me/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("me/passkeys/add/", in_one(AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("me/passkeys/<int:pk>/name/", in_one(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("me/passkeys/<int:pk>/remove/", in_one(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]
