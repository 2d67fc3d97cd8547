"""Who did what: a line in the transaction of what was done. The gate writes one for every change; pages write the rest.

What is said of it holds no personal data and no secret: names of fields, ids, numbers of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from ringtrace.core.clock import HOUR_MS
from ringtrace.web.models import Account, AuditKind, AuditRow, Company, User

_LONGEST_ABOUT = 120
_LONGEST_WHAT = 80
Said = Mapping[str, str | int | float | bool | list[str] | None]


def do_note(
    kind: AuditKind,
    what: str,
    at_ms: int,
    *,
    user: User | None = None,
    actor: str = "",
    token: str = "",
    company: Company | None = None,
    account: Account | None = None,
    about: str = "",
    said: Said | None = None,
) -> AuditRow:
    """One line. `actor`: who it was where it is no person of ours, such as `worker` or `command line`."""
    return AuditRow.objects.create(
        kind=kind,
        what=what[:_LONGEST_WHAT],
        about=about[:_LONGEST_ABOUT],
        said=dict(said or {}),
        user=user,
        actor=user.email if user else actor,
        token=token,
        company=company,
        account=account or (company.account if company else None),
        at_ms=at_ms,
    )


def say(request: HttpRequest, **said: str | int | float | bool | list[str] | None) -> None:
    """Adds details to the line that the gate writes for this change."""
    noted: dict[str, object] = request.__dict__.setdefault("audit_said", {})
    noted.update(said)


def say_about(request: HttpRequest, about: str) -> None:
    """Names the row that this change made, where its address names none."""
    request.__dict__["audit_about"] = about


def leave_out(request: HttpRequest) -> None:
    """This post changes nothing: it only counts, or looks."""
    request.__dict__["audit_left_out"] = True


def do_note_change(request: HttpRequest, user: User, company: Company, at_ms: int, ids: Iterable[object] = ()) -> None:
    """The gate's line for a change that was made."""
    if request.__dict__.get("audit_left_out"):
        return
    matched = request.resolver_match
    about = str(request.__dict__.get("audit_about", "")) or " ".join(str(each) for each in ids)
    do_note(
        AuditKind.CHANGE,
        str(matched.url_name if matched else ""),
        at_ms,
        user=user,
        company=company,
        about=about,
        said=request.__dict__.get("audit_said"),
    )


def do_note_export(
    user: User, company: Company, what: str, at_ms: int, *, rows: int, form: str, about: str = ""
) -> None:
    """Somebody took `rows` of something out as `form` (csv, pdf, parquet)."""
    do_note(AuditKind.EXPORT, what, at_ms, user=user, company=company, about=about, said={"rows": rows, "form": form})


def do_note_seen(user: User, company: Company, call_id: str, at_ms: int) -> None:
    """Somebody saw a caller's number in clear on a call's own page; once an hour and call is enough."""
    lines = AuditRow.objects.filter(company=company, user=user, kind=AuditKind.SEEN, about=call_id)
    if not lines.filter(at_ms__gt=at_ms - HOUR_MS).exists():
        do_note(AuditKind.SEEN, "call", at_ms, user=user, company=company, about=call_id)
