"""Every address of the shell, in the order a person meets them."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from ringtrace.web.api.door import api, no_such
from ringtrace.web.forms.signing_in import SignInForm
from ringtrace.web.pages import (
    call,
    calls,
    companies,
    connections,
    definitions,
    hook_door,
    hooks,
    lifetime,
    metrics,
    mishaps,
    numbers,
    overview,
    pools,
    review,
    settings,
    source_rules,
    sources,
    start,
    tags,
    tokens,
    views,
    welcome,
    why,
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
    path("metrics/", metrics.page, name="metrics"),
    path("metrics/why/", why.page, name="metrics_why"),
    path("metrics/hours/", lifetime.hours, name="metrics_hours"),
    path("metrics/lifetime/", lifetime.page, name="metrics_lifetime"),
    path("metrics/list/", metrics.registry, name="metrics_list"),
    path("metrics/views/", views.page, name="metrics_views"),
    path("metrics/views/save/", views.save, name="view_save"),
    path("metrics/views/<slug:view_id>/", views.show, name="view"),
    path("metrics/views/<slug:view_id>/name/", views.change, name="view_change"),
    path("metrics/views/<slug:view_id>/remove/", views.remove, name="view_remove"),
    path("calls/", calls.page, name="calls"),
    path("calls/news/", calls.news, name="calls_news"),
    path("calls/review/", review.page, name="review"),
    path("calls/review/undo/", review.undo, name="review_undo"),
    path("calls/<slug:call_id>/", call.page, name="call"),
    path("calls/<slug:call_id>/outcome/", call.outcome, name="call_outcome"),
    path("calls/<slug:call_id>/outcome/<slug:outcome_id>/remove/", call.remove_outcome, name="outcome_remove"),
    path("calls/<slug:call_id>/disposition/", review.disposition, name="call_disposition"),
    path("calls/<slug:call_id>/spam/", review.spam, name="call_spam"),
    path("calls/<slug:call_id>/tag/", review.tag, name="call_tag"),
    path("calls/<slug:call_id>/untag/", review.untag, name="call_untag"),
    path("calls/<slug:call_id>/reviewed/outcome/", review.outcome, name="review_outcome"),
    path("numbers/", numbers.page, name="numbers"),
    path("numbers/add/", numbers.add, name="numbers_add"),
    path("numbers/pools/add/", pools.add, name="pool_add"),
    path("numbers/pools/<slug:pool_id>/", pools.page, name="pool"),
    path("numbers/pools/<slug:pool_id>/remove/", pools.remove, name="pool_remove"),
    path("numbers/statics/<slug:number_id>/", pools.static, name="static"),
    path("numbers/words/", pools.words, name="rule_words"),
    path("numbers/connect/", connections.add, name="connections_add"),
    path("numbers/connections/<slug:connection_id>/", connections.change, name="connection"),
    path("numbers/<slug:number_id>/remove/", numbers.remove, name="number_remove"),
    path("settings/", settings.page, name="settings"),
    path("settings/sites/<slug:site_id>/", settings.site, name="settings_site"),
    path("settings/sites/<slug:site_id>/key/", settings.server_key, name="server_key"),
    path("settings/sources/", source_rules.page, name="settings_sources"),
    path("settings/sources/add/", source_rules.add, name="source_rule_add"),
    path("settings/sources/again/", source_rules.again, name="reclassify"),
    path("settings/sources/progress/", source_rules.progress, name="reclassify_progress"),
    path("settings/sources/<slug:rule_id>/", source_rules.change, name="source_rule"),
    path("settings/sources/<slug:rule_id>/move/", source_rules.move, name="source_rule_move"),
    path("settings/sources/<slug:rule_id>/remove/", source_rules.remove, name="source_rule_remove"),
    path("settings/definitions/", definitions.page, name="definitions"),
    path("settings/definitions/add/", definitions.add, name="definition_add"),
    path("settings/definitions/count/", definitions.count, name="definition_count"),
    path("settings/definitions/<slug:definition_id>/", definitions.change, name="definition"),
    path("settings/definitions/<slug:definition_id>/main/", definitions.make_main, name="definition_main"),
    path("settings/tags/", tags.page, name="tags"),
    path("settings/tags/add/", tags.add, name="tag_rule_add"),
    path("settings/tags/count/", tags.count, name="tag_rule_count"),
    path("settings/tags/dispositions/", tags.dispositions, name="dispositions"),
    path("settings/tags/keypad/", tags.keypad, name="keypad"),
    path("settings/tags/<slug:tag_rule_id>/remove/", tags.remove, name="tag_rule_remove"),
    path("settings/tokens/", tokens.page, name="tokens"),
    path("settings/tokens/add/", tokens.add, name="token_add"),
    path("settings/tokens/<slug:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("settings/hooks/", hooks.page, name="hooks"),
    path("settings/hooks/add/", hooks.add, name="hook_add"),
    path("settings/hooks/<slug:hook_id>/", hooks.change, name="hook"),
    path("settings/hooks/<slug:hook_id>/remove/", hooks.remove, name="hook_remove"),
    path("settings/hooks/<slug:hook_id>/kept/<int:message_id>/", hooks.kept, name="hook_kept"),
    path("company/", companies.switch, name="company"),
    # For programs: no session opens these.
    path("api/v1/", api.urls),
    path("api/", include([path("<path:address>", no_such)])),
    path("hooks/", include([path("<slug:hook_id>", hook_door.door), path("<slug:hook_id>/", hook_door.door)])),
]

handler400 = mishaps.bad_request
handler403 = mishaps.denied
handler404 = mishaps.not_found
handler500 = mishaps.broken
