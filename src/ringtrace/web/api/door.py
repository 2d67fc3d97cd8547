"""The API put together: every resource, one way in, one shape of error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from ringtrace.web.api import (
    alerts,
    audit_log,
    calls,
    changes,
    company,
    connections,
    contacts,
    counting,
    hooks,
    imports,
    journeys,
    names,
    numbers,
    outcomes,
    people,
    pools,
    pop_hints,
    reports,
    schedules,
    sites,
    source_rules,
    spend,
    tags,
    tokens,
    views,
)
from ringtrace.web.api.answers import (
    BROKEN,
    NO_LENGTH,
    NO_METHOD,
    NO_STORE,
    NOT_ALLOWED,
    NOTHING,
    UNREADABLE,
    refusal,
)
from ringtrace.web.api.bearing import ByToken, Rate
from ringtrace.web.api.describing import components
from ringtrace.web.api.operations import OPERATIONS
from ringtrace.web.api.refusing import HANDLERS

VERSION = "1"
ROOT = "/api/"
FOR_PEOPLE = "/api/docs/"
PREFIX = f"/api/v{VERSION}"
RESOURCES = (
    *(
        outcomes,
        contacts,
        spend,
        calls,
        reports,
        changes,
        journeys,
        alerts,
        views,
        counting,
        tags,
        names,
        source_rules,
        imports,
    ),
    *(company, sites, pools, numbers, connections, hooks, pop_hints, schedules, people, tokens, audit_log),
)


class Api(NinjaAPI):
    """Ninja's, with the schemas of our own values in its description."""

    def get_openapi_schema(self, **named: Any) -> Any:
        schema = super().get_openapi_schema(**named)
        schema["components"].setdefault("schemas", {}).update(components())
        for methods in schema["paths"].values():
            for said in methods.values():
                _put_words(said, OPERATIONS[said["operationId"]].words)
        return schema


def _put_words(said: dict[str, Any], words: Mapping[str, str]) -> None:
    """Ninja leaves out what parameters with a default are."""
    for each in said["parameters"]:
        if words.get(each["name"]):
            each["description"] = words[each["name"]]


def make_api() -> NinjaAPI:
    made = Api(
        title="Ringtrace",
        version=VERSION,
        description="Calls, what came of them, what they cost, and the metrics. Money is in cents, times are ISO 8601.",
        docs_url=None,  # its page would load scripts from elsewhere
        auth=ByToken(),
        urls_namespace="api",
    )
    for kind, handler in HANDLERS:
        made.add_exception_handler(kind, handler)
    for module in RESOURCES:
        made.add_router("", module.router)
    return made


api = make_api()


@csrf_exempt
def no_such(_request: HttpRequest, **_named: str) -> HttpResponse:
    """Any other address below `/api/`."""
    return refusal(NOTHING, HTTPStatus.NOT_FOUND)


_PLAIN = {
    HTTPStatus.BAD_REQUEST: UNREADABLE,
    HTTPStatus.FORBIDDEN: NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: NOTHING,
    HTTPStatus.METHOD_NOT_ALLOWED: NO_METHOD,
    HTTPStatus.INTERNAL_SERVER_ERROR: BROKEN,
    HTTPStatus.SERVICE_UNAVAILABLE: NO_STORE,
}


class OneShape:
    """What went wrong below `/api/` before or beside the API has the API's shape, and no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ROOT) or request.path.startswith(FOR_PEOPLE):
            return self._get_response(request)
        if _is_in_pieces(request):
            return refusal(NO_LENGTH, HTTPStatus.LENGTH_REQUIRED)
        response = _in_shape(self._get_response(request))
        rate: Rate | None = request.__dict__.get("rate")
        for name, text in rate.headers.items() if rate else ():
            response.headers[name] = text
        return response


def _in_shape(response: HttpResponse) -> HttpResponse:
    if response.status_code not in _PLAIN or response.get("Content-Type", "").startswith("application/json"):
        return response
    kept = {name: response[name] for name in ("Allow",) if name in response}
    return refusal(_PLAIN[HTTPStatus(response.status_code)], response.status_code, kept)


def _is_in_pieces(request: HttpRequest) -> bool:
    """Django takes such a body for none."""
    return bool(request.headers.get("Transfer-Encoding")) and not request.headers.get("Content-Length")
