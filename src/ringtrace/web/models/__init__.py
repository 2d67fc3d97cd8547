"""The ledger: accounts, numbers, calls, outcomes. Rows end in `Row` where the house has a value of the same name."""

from ringtrace.web.models.bookkeeping import (
    DirectoryMark,
    JournalPlace,
    OneTimeLink,
    PassedOver,
    RefusalRow,
    StaleMonth,
)
from ringtrace.web.models.calls import CallReportRow, CallRow, CallTag, MatchRow
from ringtrace.web.models.companies import Company, Site
from ringtrace.web.models.counting import ApiToken, DefinitionRow, DefinitionVersion, SavedView, TagRuleRow
from ringtrace.web.models.customers import Customer, CustomerKey
from ringtrace.web.models.intake import ColumnMapping, Hook, HookMessageRow, ImportRun, RunState
from ringtrace.web.models.numbers import Connection, Pool, TrackingNumber
from ringtrace.web.models.outcomes import OutcomeRow
from ringtrace.web.models.people import Account, Membership, Role, User
from ringtrace.web.models.sources import Reclassification, SourceRuleRow
from ringtrace.web.models.spend import NameRuleRow, SpendRow
from ringtrace.web.models.visits import ContactRow, LeaseRow, PersonRow, TapRow, VisitRow, VisitVerdict

__all__ = [
    "Account",
    "ApiToken",
    "CallReportRow",
    "CallRow",
    "CallTag",
    "ColumnMapping",
    "Company",
    "Connection",
    "ContactRow",
    "Customer",
    "CustomerKey",
    "DefinitionRow",
    "DefinitionVersion",
    "DirectoryMark",
    "Hook",
    "HookMessageRow",
    "ImportRun",
    "JournalPlace",
    "LeaseRow",
    "MatchRow",
    "Membership",
    "NameRuleRow",
    "OneTimeLink",
    "OutcomeRow",
    "PassedOver",
    "PersonRow",
    "Pool",
    "Reclassification",
    "RefusalRow",
    "Role",
    "RunState",
    "SavedView",
    "Site",
    "SourceRuleRow",
    "SpendRow",
    "StaleMonth",
    "TagRuleRow",
    "TapRow",
    "TrackingNumber",
    "User",
    "VisitRow",
    "VisitVerdict",
]
