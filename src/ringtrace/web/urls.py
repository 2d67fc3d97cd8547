"""Every address of the shell, in the order a person meets them."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from ringtrace.web.forms.signing_in import SignInForm
from ringtrace.web.pages import (
    call,
    calls,
    companies,
    connections,
    mishaps,
    numbers,
    overview,
    settings,
    sources,
    start,
    welcome,
)

_sign_in = LoginView.as_view(
    template_name="web/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)

urlpatterns = [
    path("welcome/", welcome.page, name="welcome"),
    path("login/", _sign_in, name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("start/", start.resume, name="start"),
    path("start/owner/", start.owner, name="start_owner"),
    path("start/site/", start.site, name="start_site"),
    path("start/numbers/", start.numbers, name="start_numbers"),
    path("start/done/", start.done, name="start_done"),
    path("", overview.page, name="overview"),
    path("sources/", sources.page, name="sources"),
    path("calls/", calls.page, name="calls"),
    path("calls/news/", calls.news, name="calls_news"),
    path("calls/<slug:call_id>/", call.page, name="call"),
    path("calls/<slug:call_id>/outcome/", call.outcome, name="call_outcome"),
    path("calls/<slug:call_id>/outcome/<slug:outcome_id>/remove/", call.remove_outcome, name="outcome_remove"),
    path("numbers/", numbers.page, name="numbers"),
    path("numbers/add/", numbers.add, name="numbers_add"),
    path("numbers/connect/", connections.add, name="connections_add"),
    path("numbers/connections/<slug:connection_id>/", connections.change, name="connection"),
    path("numbers/<slug:number_id>/remove/", numbers.remove, name="number_remove"),
    path("settings/", settings.page, name="settings"),
    path("settings/sites/<slug:site_id>/", settings.site, name="settings_site"),
    path("company/", companies.switch, name="company"),
]

handler400 = mishaps.bad_request
handler403 = mishaps.denied
handler404 = mishaps.not_found
handler500 = mishaps.broken
