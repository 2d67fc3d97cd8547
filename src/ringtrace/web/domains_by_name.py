"""Domains as the command line gives them to accounts: whoever can run it says whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from ringtrace.web.audit import do_note
from ringtrace.web.models import Account, AuditKind
from ringtrace.web.people_by_name import find_place
from ringtrace.web.sign_in.domains import do_grant, do_withdraw, granted


def allow(account_name: str | None, domain: str, now_ms: int) -> str:
    """Raises NotFound, BadInput."""
    account, _ = find_place(account_name, None)
    host = do_grant(domain, account)
    do_note(AuditKind.CHANGE, "sso_allow", now_ms, actor="command line", account=account, said={"domain": host})
    return f"A provider of {account} may speak for {host} now, and no other."


def forbid(domain: str) -> str:
    """Raises BadInput."""
    return f"No account has {do_withdraw(domain)} any more."


def lines() -> Iterator[str]:
    names = dict(Account.objects.values_list("pk", "name"))
    for domain, whose in sorted(granted().items()):
        yield f"{domain}  {names.get(whose, 'an account that is gone')}  {whose}"
