"""Pages go over the wire compressed. Not those that tell as things happen: they must not wait for more to compress."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class Squeezed(GZipMiddleware):
    """Django's, which adds random bytes so that a page's length tells nothing of a secret in it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/event-stream"):
            return response
        return super().process_response(request, response)
