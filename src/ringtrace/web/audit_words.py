"""What the lines of the audit log say to people. A page that has no words of its own is told by its address's name."""

from __future__ import annotations

from ringtrace.web.models import AuditKind

_CHANGES = {
    "start_site": "set up a site in the wizard",
    "start_numbers": "set up numbers in the wizard",
    "view_save": "saved a view",
    "view_change": "renamed or shared a view",
    "view_remove": "removed a view",
    "call_outcome": "marked an outcome",
    "review_outcome": "marked an outcome",
    "outcome_remove": "removed an outcome",
    "outcome_change": "changed an outcome",
    "outcome_assign": "chose the call of an outcome",
    "calls_bulk": "said the same of many calls",
    "calls_bulk_undo": "took back what was said of many calls",
    "call_disposition": "said how a call ended",
    "call_spam": "marked a call as spam, or not",
    "call_tag": "put a tag on a call",
    "call_untag": "took a tag off a call",
    "review_undo": "undid what was said of a call",
    "numbers_add": "added numbers",
    "number_remove": "removed a number",
    "pool_add": "made a pool",
    "pool": "changed a pool",
    "pool_remove": "removed a pool",
    "static": "changed a static number",
    "connections_add": "connected a carrier",
    "connection": "changed a carrier's connection",
    "settings": "changed the company",
    "settings_site": "changed a site",
    "server_key": "made or removed a server key",
    "source_rule_add": "made a source rule",
    "source_rule": "changed a source rule",
    "source_rule_move": "moved a source rule",
    "source_rule_remove": "removed a source rule",
    "reclassify": "had history classified again",
    "definition_add": "wrote a definition of what counts",
    "definition": "changed a definition of what counts",
    "definition_main": "chose the definition that makes conversions",
    "tag_rule_add": "made a tag rule",
    "tag_rule_remove": "removed a tag rule",
    "dispositions": "changed the dispositions",
    "keypad": "changed what keys mean",
    "token_add": "made an API token",
    "token_revoke": "revoked an API token",
    "sign_in": "signed in",
    "sign_in_failed": "failed to sign in",
    "session_ended": "signed out a session of theirs",
    "password_changed": "changed their password",
    "password_reset": "set a new password by a link from their mail",
    "factor_added": "added a second factor or passkey",
    "factor_removed": "removed a second factor or passkey",
    "recovery_codes_made": "made new recovery codes",
    "sso_add": "added a provider for signing in",
    "sso_provider": "changed a provider for signing in",
    "sso_remove": "removed a provider for signing in",
    "sso_factor": "said whether everybody needs a second factor",
    "sso_joined": "joined through the company’s provider",
    "people_invite": "invited somebody",
    "invitation_again": "sent an invitation again",
    "invitation_revoke": "revoked an invitation",
    "join": "accepted an invitation",
    "person": "changed or removed somebody",
    "brand": "changed the account’s name and logo",
    "company_add": "added a company",
    "company_remove": "removed a company",
    "company_restore": "brought a company back",
    "hook_add": "made a webhook",
    "hook": "changed a webhook",
    "hook_remove": "removed a webhook",
    "schedule_add": "set up a report by e-mail",
    "schedule": "changed a report by e-mail",
    "schedule_send": "had a report mailed to themselves",
    "schedule_remove": "removed a report by e-mail",
    "report_stop": "stopped a report for themselves",
    "hook_kept": "tried again or discarded a kept message",
    "name_align": "aligned two names",
    "name_rule_remove": "removed a naming rule",
}
_VERBS = {
    AuditKind.EXPORT: "took out",
    AuditKind.SEEN: "saw the caller of",
    AuditKind.PLAY: "played",
}


def words_of_what(kind: str, what: str) -> str:
    """`changed a pool`, `took out calls`."""
    plain = what.replace("_", " ").replace(".", " ")
    verb = _VERBS.get(AuditKind(kind))
    if verb:
        return f"{verb} a {plain}" if kind in (AuditKind.SEEN, AuditKind.PLAY) else f"{verb} {plain}"
    return _CHANGES.get(what, plain)
