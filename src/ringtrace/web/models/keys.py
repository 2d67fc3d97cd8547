"""Primary keys of the ledger: the house's own ids, made here where no edge made them."""

from __future__ import annotations

from ringtrace.core.clock import wall_clock
from ringtrace.core.ids import new_id


def account_id() -> str:
    return new_id("account", wall_clock())


def company_id() -> str:
    return new_id("company", wall_clock())


def site_id() -> str:
    return new_id("site", wall_clock())


def site_key() -> str:
    return new_id("st", wall_clock())


def connection_id() -> str:
    return new_id("conn", wall_clock())


def pool_id() -> str:
    return new_id("pool", wall_clock())


def number_id() -> str:
    return new_id("num", wall_clock())


def outcome_id() -> str:
    return new_id("outcome", wall_clock())


def rule_id() -> str:
    return new_id("rule", wall_clock())


def customer_id() -> str:
    return new_id("cust", wall_clock())


def run_id() -> str:
    return new_id("run", wall_clock())


def hook_id() -> str:
    return new_id("hook", wall_clock())


def view_id() -> str:
    return new_id("view", wall_clock())


def schedule_id() -> str:
    return new_id("sched", wall_clock())


def mail_id() -> str:
    return new_id("mail", wall_clock())


def upload_id() -> str:
    return new_id("upload", wall_clock())


def hint_id() -> str:
    return new_id("hint", wall_clock())


def provider_id() -> str:
    return new_id("sso", wall_clock())
