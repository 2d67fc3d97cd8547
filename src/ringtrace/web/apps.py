from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ringtrace.web"
    label = "web"
    verbose_name = "Ringtrace"
