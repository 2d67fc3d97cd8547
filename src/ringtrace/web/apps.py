from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import import_string


class WebConfig(AppConfig):
    name = "ringtrace.web"
    label = "web"
    verbose_name = "Ringtrace"

    def ready(self) -> None:
        import_string("ringtrace.web.sign_in.heard.connect")()  # it needs the models, which are ready only now
