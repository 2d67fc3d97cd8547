"""The ledger: accounts, numbers, calls, outcomes. Rows end in `Row` where the house has a value of the same name."""

from ringtrace.web.models.bookkeeping import (
    DirectoryMark,
    JournalPlace,
    OneTimeLink,
    PassedOver,
    RefusalRow,
    StaleMonth,
)
from ringtrace.web.models.calls import CallReportRow, CallRow, MatchRow, OutcomeRow
from ringtrace.web.models.companies import Company, Site
from ringtrace.web.models.numbers import Connection, Pool, TrackingNumber
from ringtrace.web.models.people import Account, Membership, Role, User
from ringtrace.web.models.sources import Reclassification, SourceRuleRow
from ringtrace.web.models.spend import SpendRow
from ringtrace.web.models.visits import FormRow, LeaseRow, PersonRow, TapRow, VisitRow, VisitVerdict

__all__ = [
    "Account",
    "CallReportRow",
    "CallRow",
    "Company",
    "Connection",
    "DirectoryMark",
    "FormRow",
    "JournalPlace",
    "LeaseRow",
    "MatchRow",
    "Membership",
    "OneTimeLink",
    "OutcomeRow",
    "PassedOver",
    "PersonRow",
    "Pool",
    "Reclassification",
    "RefusalRow",
    "Role",
    "Site",
    "SourceRuleRow",
    "SpendRow",
    "StaleMonth",
    "TapRow",
    "TrackingNumber",
    "User",
    "VisitRow",
    "VisitVerdict",
]
