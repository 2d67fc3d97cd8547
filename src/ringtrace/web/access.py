"""The only way to a row for a person: every function here checks that the row is theirs, and raises NotFound if not.

A row of another account and a row that is not there look the same, so nobody learns what others have.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Max, Model, Q, QuerySet, Value

from ringtrace.core.clock import DAY_MS, SECOND_MS
from ringtrace.core.errors import NotFound
from ringtrace.qualification import tag_key
from ringtrace.web.models import (
    Account,
    ApiToken,
    CallReportRow,
    CallRow,
    CallTag,
    Company,
    CompanySeat,
    Connection,
    ContactRow,
    DefinitionRow,
    Hook,
    HookMessageRow,
    ImportRun,
    LeaseRow,
    Membership,
    NameRuleRow,
    OutcomeRow,
    PersonRow,
    Pool,
    Reclassification,
    RefusalRow,
    Role,
    SavedView,
    Site,
    SourceRuleRow,
    TagRuleRow,
    TapRow,
    TrackingNumber,
    User,
    VisitRow,
    VisitVerdict,
)

AnyUser = User | AnonymousUser
_Row = TypeVar("_Row", bound=Model)
_LONGEST_VISIT_MS = 2 * DAY_MS
_MOST_TAGS = 1_000


class Right(Enum):
    """What a person may do with a company. `roles`: who may."""

    BELONG = "belong"
    SEE = "see"
    SEE_CALLS = "see_calls"
    """Calls, journeys and what came of them; an agent's are their own calls alone."""
    SEE_CALLERS = "see_callers"
    WORK = "work"
    """Say of calls how they ended and what came of them."""
    CHANGE = "change"
    OWN = "own"

    @property
    def roles(self) -> frozenset[Role]:
        return _ROLES[self]


_ROLES = {
    Right.BELONG: frozenset(Role),
    Right.SEE: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.VIEWER}),
    Right.SEE_CALLS: frozenset(Role),
    Right.SEE_CALLERS: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.AGENT}),
    Right.WORK: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.AGENT}),
    Right.CHANGE: frozenset({Role.OWNER, Role.ADMIN}),
    Right.OWN: frozenset({Role.OWNER}),
}


def access_companies(user: AnyUser, right: Right = Right.SEE) -> QuerySet[Company]:
    """All companies this person has `right` to; none for someone not signed in.

    A seat in a company says what its person may do there, whatever the place in the account says.
    """
    if not isinstance(user, User) or not user.is_active:
        return Company.objects.none()
    seats = CompanySeat.objects.filter(user=user)
    by_seat = Q(pk__in=seats.filter(role__in=right.roles).values("company"))
    places = Membership.objects.filter(user=user, role__in=right.roles).values("account")
    by_account = Q(account__in=places) & ~Q(pk__in=seats.values("company"))
    return Company.objects.filter(by_seat | by_account, removed_ms=None).order_by("made_at")


def access_company(user: AnyUser, company_id: str, right: Right = Right.SEE) -> Company:
    return _one(access_companies(user, right).filter(pk=company_id), "company")


def may(user: AnyUser, company: Company, right: Right) -> bool:
    return access_companies(user, right).filter(pk=company.pk).exists()


def role_of(user: AnyUser, company: Company) -> Role | None:
    """What this person is in a company: by their seat there, else by their place in its account."""
    return _place(user, company)[0]


def _place(user: AnyUser, company: Company) -> tuple[Role | None, frozenset[str]]:
    """Role, and the names by which calls know this person; asked once for each company and person read."""
    if not isinstance(user, User) or not user.is_active or company.removed_ms is not None:
        return None, frozenset()
    known: dict[str, tuple[Role | None, frozenset[str]]] = user.__dict__.setdefault("places_known", {})
    if company.pk not in known:
        columns = ("nth", "role", "agent_name")
        seats = CompanySeat.objects.filter(user=user, company=company).annotate(nth=Value(0)).values_list(*columns)
        places = Membership.objects.filter(user=user, account=company.account_id)
        found = sorted(seats.union(places.annotate(nth=Value(1)).values_list(*columns)))
        names = frozenset(name.strip() for name in (user.email, user.name, *(row[2] for row in found)) if name.strip())
        known[company.pk] = (Role(found[0][1]) if found else None, names)
    return known[company.pk]


def rights_of(user: AnyUser, company: Company) -> frozenset[Right]:
    role = role_of(user, company)
    return frozenset(right for right in Right if role in right.roles)


def access_calls(user: AnyUser, company: Company) -> QuerySet[CallRow]:
    """A company's calls, newest first, with their number and visit; of an agent, those they answered."""
    role, names = _place(user, company)
    calls = CallRow.objects.filter(company=company)
    if role not in Right.SEE_CALLS.roles:
        calls = calls.none()
    elif role not in Right.SEE.roles:
        calls = calls.filter(_answered_by(names))
    return calls.select_related("number", "visit", "match").order_by("-started_ms")


def access_call(user: AnyUser, call_id: str, right: Right = Right.SEE_CALLS) -> CallRow:
    calls = CallRow.objects.filter(pk=call_id, company__in=access_companies(user, right))
    row = _one(calls.select_related("number", "visit", "match", "company", "connection"), "call")
    if not access_calls(user, row.company).filter(pk=row.pk).exists():
        raise NotFound("There is no such call.", hint="It may have been removed, or be somebody else’s.")
    return row


def _answered_by(names: Iterable[str]) -> Q:
    said = Q(pk__in=[])
    for name in names:
        said |= Q(agent__iexact=name)
    return said


def access_sites(user: AnyUser, company: Company) -> QuerySet[Site]:
    return Site.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_site(user: AnyUser, site_id: str, right: Right = Right.SEE) -> Site:
    return _one(Site.objects.filter(pk=site_id, company__in=access_companies(user, right)), "site")


def access_pools(user: AnyUser, company: Company) -> QuerySet[Pool]:
    return Pool.objects.filter(site__company=company, site__company__in=access_companies(user)).order_by("name")


def access_pool(user: AnyUser, pool_id: str, right: Right = Right.SEE) -> Pool:
    pools = Pool.objects.filter(pk=pool_id, site__company__in=access_companies(user, right))
    return _one(pools.select_related("site__company", "overflow"), "pool")


def access_numbers(user: AnyUser, company: Company) -> QuerySet[TrackingNumber]:
    numbers = TrackingNumber.objects.filter(company=company, company__in=access_companies(user))
    return numbers.select_related("pool", "connection").order_by("e164")


def access_number(user: AnyUser, number_id: str, right: Right = Right.SEE) -> TrackingNumber:
    numbers = TrackingNumber.objects.filter(pk=number_id, company__in=access_companies(user, right))
    return _one(numbers.select_related("company", "pool", "site"), "number")


def access_connections(user: AnyUser, company: Company) -> QuerySet[Connection]:
    return Connection.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_connection(user: AnyUser, connection_id: str, right: Right = Right.SEE) -> Connection:
    connections = Connection.objects.filter(pk=connection_id, company__in=access_companies(user, right))
    return _one(connections.select_related("company"), "connection")


def access_visits(user: AnyUser, company: Company) -> QuerySet[VisitRow]:
    return VisitRow.objects.filter(company=company, company__in=access_companies(user, Right.SEE_CALLS)).order_by(
        "-started_ms"
    )


def access_journey(user: AnyUser, visit: VisitRow) -> QuerySet[VisitRow]:
    """All visits of this visit's visitor, oldest first."""
    visits = VisitRow.objects.filter(company=visit.company_id, visitor_id=visit.visitor_id)
    return visits.filter(company__in=access_companies(user, Right.SEE_CALLS)).order_by("started_ms")


def access_source_rules(user: AnyUser, company: Company) -> QuerySet[SourceRuleRow]:
    """A company's rules in their order, those that are switched off among them."""
    rules = SourceRuleRow.objects.filter(company=company, company__in=access_companies(user))
    return rules.order_by("place", "rule_id")


def access_source_rule(user: AnyUser, rule_id: str, right: Right = Right.SEE) -> SourceRuleRow:
    rules = SourceRuleRow.objects.filter(pk=rule_id, company__in=access_companies(user, right))
    return _one(rules.select_related("company"), "rule")


def access_reclassifications(user: AnyUser, company: Company) -> QuerySet[Reclassification]:
    """Newest first."""
    walks = Reclassification.objects.filter(company=company, company__in=access_companies(user))
    return walks.order_by("-pk")


def access_people(user: AnyUser, call: CallRow) -> QuerySet[PersonRow]:
    """Who, on the company's sites, said that this caller's number is theirs; the first first."""
    if call.caller_hash is None:
        return PersonRow.objects.none()
    people = PersonRow.objects.filter(company=call.company_id, phone_hash=call.caller_hash)
    return people.filter(company__in=access_companies(user, Right.SEE_CALLS)).select_related("visit").order_by("at_ms")


def access_taps(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[TapRow]:
    taps = TapRow.objects.filter(
        visit__in=[visit.pk for visit in visits], company__in=access_companies(user, Right.SEE_CALLS)
    )
    return taps.order_by("at_ms")


def access_forms(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[ContactRow]:
    forms = ContactRow.objects.filter(
        visit__in=[visit.pk for visit in visits], company__in=access_companies(user, Right.SEE_CALLS)
    )
    return forms.order_by("at_ms")


def access_leases(user: AnyUser, company: Company) -> QuerySet[LeaseRow]:
    return LeaseRow.objects.filter(company=company, company__in=access_companies(user)).select_related("visit")


def access_verdicts(user: AnyUser, visits: Iterable[VisitRow]) -> QuerySet[VisitVerdict]:
    """What was said of these visits before, the oldest first."""
    verdicts = VisitVerdict.objects.filter(visit__in=[visit.pk for visit in visits])
    return verdicts.filter(visit__company__in=access_companies(user, Right.SEE_CALLS)).order_by("until_ms")


def access_live_leases(user: AnyUser, company: Company, now_ms: int) -> QuerySet[LeaseRow]:
    """Who holds which number now, the older lease first."""
    longest_secs = access_pools(user, company).aggregate(longest=Max("called_hold_secs"))["longest"] or 0
    since_ms = now_ms - _LONGEST_VISIT_MS - longest_secs * SECOND_MS
    return access_leases(user, company).filter(from_ms__gte=since_ms, until_ms__gt=now_ms).order_by("from_ms")


def access_reports(user: AnyUser, call: CallRow) -> QuerySet[CallReportRow]:
    """What carriers reported of a call; none for someone who may not see the call."""
    if not access_companies(user, Right.SEE_CALLS).filter(pk=call.company_id).exists():
        return CallReportRow.objects.none()
    return CallReportRow.objects.filter(call_id=call.pk)


def access_refusals(user: AnyUser, company: Company) -> QuerySet[RefusalRow]:
    """A company's refusals; with them those of no company, where nobody but this account is here to mend them."""
    own = access_companies(user).filter(pk=company.pk).values("pk")
    mine = Q(company_key__in=own)
    if own.exists() and Account.objects.count() == 1:
        mine |= Q(company_key="")
    return RefusalRow.objects.filter(mine)


def access_outcomes(user: AnyUser, call: CallRow) -> QuerySet[OutcomeRow]:
    outcomes = OutcomeRow.objects.filter(call=call, company__in=access_companies(user, Right.SEE_CALLS))
    return outcomes.select_related("marked_by").order_by("at_ms")


def access_outcome(user: AnyUser, call: CallRow, outcome_id: str) -> OutcomeRow:
    """One outcome of this call."""
    return _one(access_outcomes(user, call).filter(pk=outcome_id), "outcome")


def access_definitions(user: AnyUser, company: Company) -> QuerySet[DefinitionRow]:
    """A company's definitions of what counts, the main one first; none where nobody wrote one down yet."""
    rows = DefinitionRow.objects.filter(company=company, company__in=access_companies(user))
    return rows.order_by("-is_main", "title")


def access_definition(user: AnyUser, definition_id: str, right: Right = Right.SEE) -> DefinitionRow:
    rows = DefinitionRow.objects.filter(pk=_number(definition_id), company__in=access_companies(user, right))
    return _one(rows.select_related("company"), "definition")


def access_tag_rules(user: AnyUser, company: Company) -> QuerySet[TagRuleRow]:
    rules = TagRuleRow.objects.filter(company=company, company__in=access_companies(user))
    return rules.select_related("made_by").order_by("pk")


def access_tag_rule(user: AnyUser, tag_rule_id: str, right: Right = Right.SEE) -> TagRuleRow:
    rules = TagRuleRow.objects.filter(pk=_number(tag_rule_id), company__in=access_companies(user, right))
    return _one(rules.select_related("company"), "rule")


def access_imports(user: AnyUser, company: Company) -> QuerySet[ImportRun]:
    """What was imported, newest first."""
    return ImportRun.objects.filter(company=company, company__in=access_companies(user)).order_by("-began_ms", "run_id")


def access_misses(user: AnyUser, company: Company) -> QuerySet[OutcomeRow]:
    """Outcomes that matched no call and no contact, newest first."""
    rows = OutcomeRow.objects.filter(company=company, company__in=access_companies(user)).exclude(miss="")
    return rows.order_by("-at_ms", "outcome_id")


def access_name_rules(user: AnyUser, company: Company) -> QuerySet[NameRuleRow]:
    return NameRuleRow.objects.filter(company=company, company__in=access_companies(user)).order_by("field", "said")


def access_name_rule(user: AnyUser, name_rule_id: str, right: Right = Right.SEE) -> NameRuleRow:
    rows = NameRuleRow.objects.filter(pk=_number(name_rule_id), company__in=access_companies(user, right))
    return _one(rows.select_related("company"), "rule")


def access_tags(user: AnyUser, company: Company) -> list[str]:
    """The tags that a company uses, each once, on calls or in rules."""
    put = CallTag.objects.filter(call__company=company, call__company__in=access_companies(user, Right.SEE_CALLS))
    newest = put.order_by("key").values_list("key", "tag").distinct()[:_MOST_TAGS]
    by_rule = {tag_key(rule.tag): rule.tag for rule in access_tag_rules(user, company)}
    return sorted((by_rule | dict(newest)).values())


def _number(row_id: str) -> int:
    """The number of a row; 0, which is nobody's, for what is none."""
    return int(row_id) if row_id.isascii() and row_id.isdigit() and len(row_id) < 19 else 0


def access_views(user: AnyUser, company: Company) -> QuerySet[SavedView]:
    """Saved views of a company: the shared ones and the person's own."""
    views = SavedView.objects.filter(company=company, company__in=access_companies(user))
    return views.filter(_seen_by(user))


def access_view(user: AnyUser, view_id: str) -> SavedView:
    views = SavedView.objects.filter(pk=view_id, company__in=access_companies(user)).filter(_seen_by(user))
    return _one(views.select_related("company"), "view")


def _seen_by(user: AnyUser) -> Q:
    return Q(is_shared=True) | Q(made_by=user.pk, made_by__isnull=False)


def access_tokens(user: AnyUser, company: Company) -> QuerySet[ApiToken]:
    """A company's tokens, the newest first: a person's own, and for those who may change the company everybody's."""
    tokens = ApiToken.objects.filter(company=company, company__in=access_companies(user))
    if not may(user, company, Right.CHANGE):
        tokens = tokens.filter(user=user.pk)
    return tokens.select_related("user").order_by("-made_ms", "token_hash")


def access_token(user: AnyUser, token_id: str, right: Right = Right.SEE) -> ApiToken:
    tokens = ApiToken.objects.filter(pk=token_id, company__in=access_companies(user, right))
    return _one(tokens.select_related("company", "user"), "token")


def access_hooks(user: AnyUser, company: Company) -> QuerySet[Hook]:
    return Hook.objects.filter(company=company, company__in=access_companies(user)).order_by("made_ms", "hook_id")


def access_hook(user: AnyUser, hook_id: str, right: Right = Right.SEE) -> Hook:
    hooks = Hook.objects.filter(pk=hook_id, company__in=access_companies(user, right))
    return _one(hooks.select_related("company"), "webhook")


def access_kept(user: AnyUser, hook: Hook) -> QuerySet[HookMessageRow]:
    """Messages of a hook that wait for somebody to mend what is wrong, the newest first."""
    kept = HookMessageRow.objects.filter(hook=hook, hook__company__in=access_companies(user))
    return kept.order_by("-at_ms", "-pk")


def access_kept_message(user: AnyUser, hook: Hook, message_id: int) -> HookMessageRow:
    return _one(access_kept(user, hook).filter(pk=message_id).select_related("hook__company"), "message")


def _one(rows: QuerySet[_Row], kind: str) -> _Row:
    row = rows.first()
    if row is None:
        raise NotFound(f"There is no such {kind}.", hint="It may have been removed, or belong to another account.")
    return row
