"""What programs can ask, for people; open to everybody, as its description for machines is."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ringtrace.web.api.described_for_people import sections, values
from ringtrace.web.api.door import PREFIX, api


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    root = f"{settings.WEB_URL.rstrip('/')}{PREFIX}"
    context = {
        "sections": sections(_description(), root),
        "values": values(_description()),
        "root": root,
        "machines": f"{PREFIX}/openapi.json",
    }
    return render(request, "web/api_docs.html", context)


@lru_cache(maxsize=1)
def _description() -> bytes:
    """As openapi.json has it: it is what is declared, and so the same as long as the program runs."""
    return msgspec.json.encode(api.get_openapi_schema(path_prefix=""), enc_hook=str)
