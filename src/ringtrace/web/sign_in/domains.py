"""Which account's providers may speak for a domain, where whoever runs the server said so.

It lies beside the ledger in the data directory, for no page and no account may change it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from django.conf import settings

from ringtrace.web.addresses import check_host
from ringtrace.web.models import Account


def granted() -> dict[str, str]:
    """The domains that were given, each with its account's id."""
    path = _path()
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.is_file() else {}


def is_granted(domain: str, account_id: str) -> bool:
    return granted().get(domain) == account_id


def is_anothers(domain: str, account_id: str) -> bool:
    """Whether it was given to another account that is there."""
    whose = granted().get(domain, account_id)
    return whose != account_id and Account.objects.filter(pk=whose).exists()


def do_grant(domain: str, account: Account) -> str:
    """From now on this account's providers may speak for the domain, and no others. Raises BadInput."""
    host = check_host(domain)
    _write(granted() | {host: account.pk})
    return host


def do_withdraw(domain: str) -> str:
    """Raises BadInput."""
    host = check_host(domain)
    _write({name: whose for name, whose in granted().items() if name != host})
    return host


def _write(said: dict[str, str]) -> None:
    fresh = _path().with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.encode(said))
    fresh.replace(_path())


def _path() -> Path:
    return Path(settings.DATA_DIR) / "sso-domains.json"
