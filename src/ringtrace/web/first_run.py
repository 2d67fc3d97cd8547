"""The first run: the ledger made, the directory published, and a link for the one who will own it."""

from __future__ import annotations

from django.core.management import call_command

from ringtrace.web.directory import publish_now
from ringtrace.web.links import do_make_link
from ringtrace.web.models import Membership, Role, User


def prepare(now_ms: int) -> str | None:
    """Brings the ledger to this version and gives the edge its directory; a token if nobody owns anything yet."""
    call_command("migrate", verbosity=0, interactive=False)
    publish_now()
    return None if first_owner() else do_make_link(now_ms)


def another_link(now_ms: int) -> str:
    """A token that signs the first owner in, or makes one. Whoever can run this can read the ledger anyway."""
    return do_make_link(now_ms, first_owner())


def first_owner() -> User | None:
    first = Membership.objects.filter(role=Role.OWNER).select_related("user").order_by("pk").first()
    return first.user if first else None
