"""What narrows a list of calls: the filters of the call log, by the same names."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import Field

from ringtrace.web.api.bearing import ApiRequest, NoScope, company_of, user_of
from ringtrace.web.call_filters import NAMES, check_filters
from ringtrace.web.call_search import calls_found
from ringtrace.web.models import CallRow
from ringtrace.web.pages.overview import today_on
from ringtrace.web.tokens import Scope

_DAYS = frozenset({"days", "since", "until"})
_WORDS = {
    "q": "Any text: a caller, a name, a campaign. Takes the scope callers.",
    "status": "How it ended; may be said several times.",
    "channel": "A channel, or unknown.",
    "disposition": "One of the company's, or none.",
    "outcome": "What came of it, or none.",
    "number": "The number that was called.",
    "first": "yes or no: the caller's first call.",
    "spam": "yes or no.",
    "min_talk": "Seconds at least.",
    "max_talk": "Seconds at most.",
    "matched": "The least probability, in percent.",
}
FILTERS = {
    name: Annotated[str, Field(max_length=200, description=_WORDS.get(name, "A text; * stands for anything."))]
    for name in NAMES
    if name not in _DAYS
}


class _ButDays:
    """An address without its days: the API reads them itself, as moments too."""

    def __init__(self, asked: Any) -> None:
        self._asked = asked

    def getlist(self, key: str) -> list[str]:
        texts: list[str] = [] if key in _DAYS else self._asked.getlist(key)
        return texts


def calls_asked(request: ApiRequest) -> QuerySet[CallRow]:
    """Raises BadInput for a filter that cannot be read, NoScope where one looks for callers and the token may not."""
    if request.GET.get("q") and not request.auth.has(Scope.CALLERS):
        raise NoScope(Scope.CALLERS)
    company = company_of(request)
    return calls_found(user_of(request), company, check_filters(_ButDays(request.GET), today_on(company)))
