"""People as the command line names them. Whoever can run it may do anything."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web.audit import do_note
from ringtrace.web.companies import find_company
from ringtrace.web.invitations import do_invite, waiting
from ringtrace.web.models import Account, AuditKind, Company, CompanySeat, Membership
from ringtrace.web.people import BY_COMMAND, check_role, do_remove_place, do_remove_seat

_ACTOR = "command line"


def find_place(account_name: str | None, company_name: str | None) -> tuple[Account, Company | None]:
    """The account, and the company where one is named. Raises NotFound, BadInput."""
    if company_name is not None:
        company = find_company(company_name)
        return company.account, company
    accounts = Account.objects.defer("brand_logo")
    if account_name is not None:
        accounts = accounts.filter(Q(pk=account_name) | Q(name=account_name))
    found = list(accounts[:2])
    if len(found) != 1:
        names = ", ".join(f"{name} ({key})" for key, name in Account.objects.values_list("pk", "name")[:20])
        raise NotFound("There is not exactly one such account.", hint=f"Name one by --account. There are: {names}.")
    return found[0], None


@transaction.atomic
def invite(account: Account, company: Company | None, email: str, role: str, agent_name: str, now_ms: int) -> str:
    """The link, which works once. Raises BadInput."""
    wanted = check_role(role)
    link = do_invite(BY_COMMAND, account, company, email, wanted, agent_name, now_ms)
    said = {"role": wanted.value}
    do_note(AuditKind.CHANGE, "people_invite", now_ms, actor=_ACTOR, account=account, company=company, said=said)
    return link


@transaction.atomic
def remove(account: Account, company: Company | None, email: str, now_ms: int) -> str:
    """Out of the account, or of one company alone; the address as it is known. Raises NotFound, BadInput."""
    address = email.strip().lower()
    if not address:
        raise BadInput("It is not said whom to remove.", hint="`ringtrace people remove EMAIL`.")
    if company is not None:
        seat = CompanySeat.objects.filter(company=company, user__email=address).select_related("user").first()
        if seat is None:
            raise NotFound(f"{address} has no seat in {company}.", hint="`ringtrace people list` shows who has.")
        do_remove_seat(BY_COMMAND, seat)
    else:
        place = Membership.objects.filter(account=account, user__email=address).select_related("user").first()
        if place is None:
            raise NotFound(f"{address} does not belong to {account}.", hint="`ringtrace people list` shows who does.")
        do_remove_place(BY_COMMAND, place)
    do_note(AuditKind.CHANGE, "person", now_ms, actor=_ACTOR, account=account, company=company)
    return address


def lines_of(account: Account, company: Company | None, now_ms: int) -> Iterator[str]:
    """A line a person, then one an invitation that waits."""
    if company is None:
        for place in Membership.objects.filter(account=account).select_related("user").order_by("pk"):
            yield _line(place.user.email, place.role, "the whole account", place.agent_name)
    seats = CompanySeat.objects.filter(company__account=account, company__removed_ms=None)
    for seat in seats.select_related("user", "company").order_by("company__name", "pk"):
        if company is None or seat.company_id == company.pk:
            yield _line(seat.user.email, seat.role, f"{seat.company} alone", seat.agent_name)
    for row in waiting(account, company, now_ms):
        where = f"{row.company} alone" if row.company else "the whole account"
        until = f"invited until {at_from_ms(row.expires_ms):%Y-%m-%d}"
        yield f"{_line(row.email, row.role, where, row.agent_name)}  {until}"


def _line(email: str, role: str, where: str, agent_name: str) -> str:
    return f"{email}  {role}  {where}" + (f"  answers as {agent_name}" if agent_name else "")
