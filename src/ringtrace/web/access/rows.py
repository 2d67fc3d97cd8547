"""What a company has set up and taken in."""

from __future__ import annotations

from django.db.models import Max, Q, QuerySet

from ringtrace.core.clock import DAY_MS, SECOND_MS
from ringtrace.web.access.one import number, one
from ringtrace.web.access.rights import AnyUser, Right, access_companies, may
from ringtrace.web.models import (
    Account,
    ApiToken,
    Company,
    Connection,
    DefinitionRow,
    Hook,
    HookMessageRow,
    ImportRun,
    LeaseRow,
    NameRuleRow,
    OutcomeRow,
    Pool,
    Reclassification,
    RefusalRow,
    SavedView,
    Site,
    SourceRuleRow,
    TagRuleRow,
    TrackingNumber,
)

_LONGEST_VISIT_MS = 2 * DAY_MS


def access_sites(user: AnyUser, company: Company) -> QuerySet[Site]:
    return Site.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_site(user: AnyUser, site_id: str, right: Right = Right.SEE) -> Site:
    return one(Site.objects.filter(pk=site_id, company__in=access_companies(user, right)), "site")


def access_pools(user: AnyUser, company: Company) -> QuerySet[Pool]:
    return Pool.objects.filter(site__company=company, site__company__in=access_companies(user)).order_by("name")


def access_pool(user: AnyUser, pool_id: str, right: Right = Right.SEE) -> Pool:
    pools = Pool.objects.filter(pk=pool_id, site__company__in=access_companies(user, right))
    return one(pools.select_related("site__company", "overflow"), "pool")


def access_numbers(user: AnyUser, company: Company) -> QuerySet[TrackingNumber]:
    numbers = TrackingNumber.objects.filter(company=company, company__in=access_companies(user))
    return numbers.select_related("pool", "connection").order_by("e164")


def access_number(user: AnyUser, number_id: str, right: Right = Right.SEE) -> TrackingNumber:
    numbers = TrackingNumber.objects.filter(pk=number_id, company__in=access_companies(user, right))
    return one(numbers.select_related("company", "pool", "site"), "number")


def access_connections(user: AnyUser, company: Company) -> QuerySet[Connection]:
    return Connection.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_connection(user: AnyUser, connection_id: str, right: Right = Right.SEE) -> Connection:
    connections = Connection.objects.filter(pk=connection_id, company__in=access_companies(user, right))
    return one(connections.select_related("company"), "connection")


def access_source_rules(user: AnyUser, company: Company) -> QuerySet[SourceRuleRow]:
    """A company's rules in their order, those that are switched off among them."""
    rules = SourceRuleRow.objects.filter(company=company, company__in=access_companies(user))
    return rules.order_by("place", "rule_id")


def access_source_rule(user: AnyUser, rule_id: str, right: Right = Right.SEE) -> SourceRuleRow:
    rules = SourceRuleRow.objects.filter(pk=rule_id, company__in=access_companies(user, right))
    return one(rules.select_related("company"), "rule")


def access_reclassifications(user: AnyUser, company: Company) -> QuerySet[Reclassification]:
    """Newest first."""
    walks = Reclassification.objects.filter(company=company, company__in=access_companies(user))
    return walks.order_by("-pk")


def access_leases(user: AnyUser, company: Company) -> QuerySet[LeaseRow]:
    return LeaseRow.objects.filter(company=company, company__in=access_companies(user)).select_related("visit")


def access_live_leases(user: AnyUser, company: Company, now_ms: int) -> QuerySet[LeaseRow]:
    """Who holds which number now, the older lease first."""
    longest_secs = access_pools(user, company).aggregate(longest=Max("called_hold_secs"))["longest"] or 0
    since_ms = now_ms - _LONGEST_VISIT_MS - longest_secs * SECOND_MS
    return access_leases(user, company).filter(from_ms__gte=since_ms, until_ms__gt=now_ms).order_by("from_ms")


def access_refusals(user: AnyUser, company: Company) -> QuerySet[RefusalRow]:
    """A company's refusals; with them those of no company, where nobody but this account is here to mend them."""
    own = access_companies(user).filter(pk=company.pk).values("pk")
    mine = Q(company_key__in=own)
    if own.exists() and Account.objects.count() == 1:
        mine |= Q(company_key="")
    return RefusalRow.objects.filter(mine)


def access_definitions(user: AnyUser, company: Company) -> QuerySet[DefinitionRow]:
    """A company's definitions of what counts, the main one first; none where nobody wrote one down yet."""
    rows = DefinitionRow.objects.filter(company=company, company__in=access_companies(user))
    return rows.order_by("-is_main", "title")


def access_definition(user: AnyUser, definition_id: str, right: Right = Right.SEE) -> DefinitionRow:
    rows = DefinitionRow.objects.filter(pk=number(definition_id), company__in=access_companies(user, right))
    return one(rows.select_related("company"), "definition")


def access_tag_rules(user: AnyUser, company: Company) -> QuerySet[TagRuleRow]:
    rules = TagRuleRow.objects.filter(company=company, company__in=access_companies(user))
    return rules.select_related("made_by").order_by("pk")


def access_tag_rule(user: AnyUser, tag_rule_id: str, right: Right = Right.SEE) -> TagRuleRow:
    rules = TagRuleRow.objects.filter(pk=number(tag_rule_id), company__in=access_companies(user, right))
    return one(rules.select_related("company"), "rule")


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
    rows = NameRuleRow.objects.filter(pk=number(name_rule_id), company__in=access_companies(user, right))
    return one(rows.select_related("company"), "rule")


def access_views(user: AnyUser, company: Company) -> QuerySet[SavedView]:
    """Saved views of a company: the shared ones and the person's own."""
    views = SavedView.objects.filter(company=company, company__in=access_companies(user))
    return views.filter(_seen_by(user))


def access_view(user: AnyUser, view_id: str) -> SavedView:
    views = SavedView.objects.filter(pk=view_id, company__in=access_companies(user)).filter(_seen_by(user))
    return one(views.select_related("company"), "view")


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
    return one(tokens.select_related("company", "user"), "token")


def access_hooks(user: AnyUser, company: Company) -> QuerySet[Hook]:
    return Hook.objects.filter(company=company, company__in=access_companies(user)).order_by("made_ms", "hook_id")


def access_hook(user: AnyUser, hook_id: str, right: Right = Right.SEE) -> Hook:
    hooks = Hook.objects.filter(pk=hook_id, company__in=access_companies(user, right))
    return one(hooks.select_related("company"), "webhook")


def access_kept(user: AnyUser, hook: Hook) -> QuerySet[HookMessageRow]:
    """Messages of a hook that wait for somebody to mend what is wrong, the newest first."""
    kept = HookMessageRow.objects.filter(hook=hook, hook__company__in=access_companies(user))
    return kept.order_by("-at_ms", "-pk")


def access_kept_message(user: AnyUser, hook: Hook, message_id: int) -> HookMessageRow:
    return one(access_kept(user, hook).filter(pk=message_id).select_related("hook__company"), "message")
