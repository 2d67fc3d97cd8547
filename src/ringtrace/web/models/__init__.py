"""The ledger: accounts, numbers, calls, outcomes. Rows end in `Row` where the house has a value of the same name."""

from ringtrace.web.models.audit import AuditKind, AuditRow
from ringtrace.web.models.bookkeeping import (
    DirectoryMark,
    JournalPlace,
    OneTimeLink,
    PassedOver,
    RefusalRow,
    StaleMonth,
)
from ringtrace.web.models.calls import CallReportRow, CallRow, CallTag, MatchRow
from ringtrace.web.models.companies import Company, CompanySeat, Invitation, Site, SsoProvider
from ringtrace.web.models.counting import ApiToken, DefinitionRow, DefinitionVersion, KeptAnswer, SavedView, TagRuleRow
from ringtrace.web.models.customers import Customer, CustomerKey
from ringtrace.web.models.desk import PopHint, Upload, UploadState
from ringtrace.web.models.intake import ColumnMapping, Hook, HookMessageRow, ImportRun, RunState
from ringtrace.web.models.mail import Cadence, MailAttachment, MailRow, ReportSchedule
from ringtrace.web.models.numbers import Connection, Pool, TrackingNumber
from ringtrace.web.models.outcomes import OutcomeRow
from ringtrace.web.models.people import Account, Membership, Role, User
from ringtrace.web.models.sources import Reclassification, SourceRuleRow
from ringtrace.web.models.spend import NameRuleRow, SpendRow
from ringtrace.web.models.visits import ContactRow, LeaseRow, PersonRow, TapRow, VisitRow, VisitVerdict

__all__ = [
    "Account",
    "ApiToken",
    "AuditKind",
    "AuditRow",
    "Cadence",
    "CallReportRow",
    "CallRow",
    "CallTag",
    "ColumnMapping",
    "Company",
    "CompanySeat",
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
    "Invitation",
    "JournalPlace",
    "KeptAnswer",
    "LeaseRow",
    "MailAttachment",
    "MailRow",
    "MatchRow",
    "Membership",
    "NameRuleRow",
    "OneTimeLink",
    "OutcomeRow",
    "PassedOver",
    "PersonRow",
    "Pool",
    "PopHint",
    "Reclassification",
    "RefusalRow",
    "ReportSchedule",
    "Role",
    "RunState",
    "SavedView",
    "Site",
    "SourceRuleRow",
    "SpendRow",
    "SsoProvider",
    "StaleMonth",
    "TagRuleRow",
    "TapRow",
    "TrackingNumber",
    "Upload",
    "UploadState",
    "User",
    "VisitRow",
    "VisitVerdict",
]
