"""Programs at the API's door: a token for each of the cast, and requests as a program makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpResponse
from django.test import Client

from ringtrace.core.clock import wall_clock
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.web.models import CallRow, Company, User
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.tokens import do_make_token
from tests.doors.cast import Cast

ROOT = "/api/v1"


@dataclass(frozen=True)
class Program:
    """Whoever has this token; "": nobody."""

    token: str

    def ask(self, method: str, address: str, body: Any = None, **headers: str) -> HttpResponse:
        """`body`: bytes as they are, anything else as JSON. `address`: below the API's own."""
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        said = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = Client().generic(
            method, ROOT + address, data=data, content_type="application/json", headers={**said, **headers}
        )
        assert isinstance(answer, HttpResponse)
        return answer

    def get(self, address: str, **headers: str) -> Any:
        """What a good answer says."""
        answer = self.ask("GET", address, **headers)
        assert answer.status_code == 200, answer.content
        return msgspec.json.decode(answer.content)

    def post(self, address: str, body: Any) -> Any:
        answer = self.ask("POST", address, body)
        assert answer.status_code == 200, answer.content
        return msgspec.json.decode(answer.content)

    def refused(self, method: str, address: str, body: Any = None) -> tuple[int, str]:
        """Status and code of an answer that is none; its shape is always the same."""
        answer = self.ask(method, address, body)
        error = msgspec.json.decode(answer.content)["error"]
        assert set(error) == {"code", "message", "hint"}
        return answer.status_code, error["code"]


def program_of(email: str, company: Company, *, scopes: Iterable[str] | None = None) -> Program:
    user = User.objects.get(email=email)
    return Program(do_make_token(user, company, "A program", wall_clock(), scopes=scopes))


def alices(cast: Cast) -> Program:
    return program_of("alice@example.com", cast.company)


def bobs(cast: Cast) -> Program:
    return program_of("bob@example.com", cast.company)


def charlies() -> Program:
    return program_of("charlie@example.com", Company.objects.get(name="Charlie’s Heating"))


def make_lead(call: CallRow, external_id: str = "crm:1") -> None:
    do_mark_outcome(call, OutcomeKind.LEAD, 12_300, call.started_ms, external_id=external_id)
