"""One of Alice's rows of every kind, for the addresses that tests walk."""

from __future__ import annotations

from ringtrace.core.clock import wall_clock
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.sources import Condition, SourceRule
from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.qualification import Leaf, Operator, TagRule
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.counting import do_add_tag_rule, do_save_definition
from ringtrace.web.hooks import do_make_hook
from ringtrace.web.invitations import do_invite
from ringtrace.web.models import (
    ApiToken,
    Cadence,
    CallRow,
    Company,
    DefinitionRow,
    Hook,
    HookMessageRow,
    Invitation,
    NameRuleRow,
    OutcomeRow,
    PopHint,
    ReportSchedule,
    Role,
    SavedView,
    SourceRuleRow,
    SsoProvider,
    TagRuleRow,
    TrackingNumber,
    Upload,
    User,
)
from ringtrace.web.naming import do_align
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.people import BY_COMMAND
from ringtrace.web.pop_hints import do_save_hint
from ringtrace.web.schedules import Wanted, do_save_schedule
from ringtrace.web.source_rules import do_save_rule
from ringtrace.web.tokens import do_make_token
from ringtrace.web.views import do_save_view
from tests.doors.cast import PAID, Cast

_LONG = Leaf("talk_secs", Operator.AT_LEAST, 60)


def rows_of(cast: Cast, name: str = "") -> dict[str, str]:
    """What stands in the address of the page `name` for Alice's rows. A new kind of row has to be named here."""
    rows = {
        "call_id": cast.call.pk,
        "site_id": cast.site.pk,
        "connection_id": cast.connection.pk,
        "number_id": cast.number.pk,
        "outcome_id": _outcome(cast.call).pk,
        "pool_id": cast.pool.pk,
        "rule_id": _rule(cast.company).pk,
        "view_id": _view(cast.company).pk,
        "definition_id": str(_definition(cast.company).pk),
        "tag_rule_id": str(_tag_rule(cast.company).pk),
        "token_id": _token(cast.company).pk,
        "provider_id": _provider(cast.company).pk,
        "hook_id": _hook(cast.company).pk,
        "name_rule_id": str(_name_rule(cast.company).pk),
        "message_id": str(_kept(cast.company).pk),
        "hint_id": _hint(cast.company).pk,
        "upload_id": _upload(cast.company).pk,
        "person_id": str(User.objects.get(email="bob@example.com").pk),
        "invitation_id": _invitation(cast.company).pk,
        "company_id": cast.company.pk,
        "account_id": cast.company.account_id,
        "shade": "0b706b",
        "table": "calls",
        "form": "csv",
        "digest": "0" * 20,
        "schedule_id": _schedule(cast.company).pk,
    }
    if name == "outcome_assign":
        rows["outcome_id"] = _missed(cast.company).pk
    if name == "static":
        rows["number_id"] = _static(cast).pk
    return rows


def _outcome(call: CallRow) -> OutcomeRow:
    """What Alice marked before anybody else came."""
    return call.outcomes.first() or do_mark_outcome(call, OutcomeKind.LEAD, None, call.started_ms)


def _missed(company: Company) -> OutcomeRow:
    """What Alice's CRM told of somebody who never called."""
    told = {"kind": "sale", "at_ms": 1_000, "system": "alices", "external_id": "1", "miss": "nobody"}
    return company.outcomes.exclude(miss="").first() or OutcomeRow.objects.create(company=company, **told)


def _rule(company: Company) -> SourceRuleRow:
    rule = SourceRule(rule_id="new", conditions=(Condition(of="source", text="alice.example"),), set_medium="partner")
    return company.source_rules.first() or do_save_rule(company, "Alice’s rule", rule)


def _definition(company: Company) -> DefinitionRow:
    """One of Alice's that is not the main one."""
    if not company.definitions.exists():
        do_save_definition(company, "long", "Alice’s long calls", _LONG, 1)
    return company.definitions.get(name="long")


def _tag_rule(company: Company) -> TagRuleRow:
    return company.tag_rules.first() or do_add_tag_rule(company, TagRule(tag="Alice’s tag", condition=_LONG), 1)


def _view(company: Company) -> SavedView:
    """A view that Alice shares with everybody of her company."""
    alice = User.objects.get(email="alice@example.com")
    return company.views.first() or do_save_view(company, alice, "Alice’s view", "days=7", 1, is_shared=True)


def _token(company: Company) -> ApiToken:
    if not company.tokens.exists():
        do_make_token(User.objects.get(email="alice@example.com"), company, "Alice’s export", 0)
    return company.tokens.get()


def _provider(company: Company) -> SsoProvider:
    said = {
        "name": "Alice’s Okta",
        "issuer": "https://alice.example",
        "client_id": "x",
        "domains": ["plumbing.example"],
    }
    return company.account.sso_providers.first() or SsoProvider.objects.create(
        account=company.account, sealed_secret="", made_ms=0, **said
    )


def _hook(company: Company) -> Hook:
    return company.hooks.first() or do_make_hook(company, "standard", "Alice’s shop", 0)[0]


def _kept(company: Company) -> HookMessageRow:
    """A message of Alice's hook that waits for somebody."""
    kept, _ = HookMessageRow.objects.get_or_create(
        hook=_hook(company), digest="0", defaults={"sealed": "", "why": "Alice’s", "at_ms": 0}
    )
    return kept


def _schedule(company: Company) -> ReportSchedule:
    wanted = Wanted(name="Alice’s Monday", cadence=Cadence.WEEKLY, hour=7, recipients=("alice@alice.example",))
    return company.schedules.first() or do_save_schedule(company, wanted, 1)


def _hint(company: Company) -> PopHint:
    """What Alice's people are told to do."""
    alice = User.objects.get(email="alice@example.com")
    return company.pop_hints.first() or do_save_hint(company, "Offer Alice’s discount", _LONG, alice, 1)


def _upload(company: Company) -> Upload:
    """A file of Alice's that waits to be confirmed; it is not there any more."""
    said = {"what": "outcomes", "file_name": "Alice’s deals.csv", "size": 1, "choices": {"digest": "0"}}
    return company.uploads.first() or Upload.objects.create(company=company, made_ms=1, changed_ms=1, **said)


def _name_rule(company: Company) -> NameRuleRow:
    rule = NameRule(field=NameField.CAMPAIGN, said="Alice’s emergency", means="emergency-leaks")
    return company.name_rules.first() or do_align(company, rule)


def _static(cast: Cast) -> TrackingNumber:
    """One more of Alice's numbers, standing for a campaign of hers."""
    found = TrackingNumber.objects.filter(company=cast.company, static_source__isnull=False).first()
    return found or do_add_numbers(cast.connection, ["+13105550155"], cast.number.flow, static_source=PAID)[0]


def _invitation(company: Company) -> Invitation:
    """Alice's, to somebody who has not come yet."""
    if not company.account.invitations.exists():
        do_invite(BY_COMMAND, company.account, None, "dora@alice.example", Role.VIEWER, "", wall_clock())
    return company.account.invitations.get()
