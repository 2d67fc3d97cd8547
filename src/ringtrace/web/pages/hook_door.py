"""The door at which other systems tell us things. It says nothing to whoever cannot prove who they are."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import StoreUnavailable
from ringtrace.intake.hooks.port import LONGEST_BODY, HookMessage
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.web.hooks import do_receive
from ringtrace.web.models import Hook

_PLAIN = "text/plain; charset=utf-8"
_PURPOSE = "This address takes signed messages of another system, by POST.\n"
_REFUSED = "The message is not proven.\n"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, hook_id: str) -> HttpResponse:
    """POST: takes a proven message. GET: one line, the same whether there is such a hook or not."""
    if request.method != "POST":
        return HttpResponse(_PURPOSE, content_type=_PLAIN)
    body = _body(request)
    if body is None:
        return HttpResponse(
            "The message is too large.\n", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, content_type=_PLAIN
        )
    now_ms = wall_clock()
    message = HookMessage(
        method="POST", url=_public_url(request), headers=_headers(request), body=body, received_ms=now_ms
    )
    try:
        received = do_receive(hook_id, message, now_ms)
    except (OperationalError, StoreUnavailable):
        return _not_now(hook_id, message)
    if received.reply is None:
        return HttpResponse(_REFUSED, status=HTTPStatus.UNAUTHORIZED, content_type=_PLAIN)
    return HttpResponse(received.reply.body, content_type=received.reply.content_type)


def _body(request: HttpRequest) -> bytes | None:
    """None where it is over the cap: then no more of it is read than that."""
    said = request.META.get("CONTENT_LENGTH") or ""
    if said and (not said.isdigit() or int(said) > LONGEST_BODY):
        return None
    in_pieces = not said and request.META.get("wsgi.input_terminated")  # Django takes a body without a length for none
    body: bytes = (request.META["wsgi.input"] if in_pieces else request).read(LONGEST_BODY + 1)
    return body if len(body) <= LONGEST_BODY else None


def _public_url(request: HttpRequest) -> str:
    """The address as it was entered in the other system: by our settings, never by what a Host header says."""
    return f"{settings.WEB_URL.rstrip('/')}{request.get_full_path()}"


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): text for name, text in request.headers.items()}


def _not_now(hook_id: str, message: HookMessage) -> HttpResponse:
    """Nothing was taken: it has to be sent again."""
    try:
        source = Hook.objects.filter(pk=hook_id).values_list("source", flat=True).first()
    except OperationalError:
        source = None
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if source is None or source not in HOOKS:
        return HttpResponse("Try again.\n", status=status, content_type=_PLAIN)
    reply = HOOKS[source].reply(message, taken=False)
    return HttpResponse(reply.body, status=status, content_type=reply.content_type)
