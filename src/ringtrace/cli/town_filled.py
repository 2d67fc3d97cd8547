"""Fills the demo beside its calls: its people, what they say of calls, their rules and views, what other systems told.

All of it is invented, and all by the functions that pages and commands use. Imported once the ledger is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from msgspec import Struct

from ringtrace.cli.town_files import book_heating, job_file, take_file
from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.core.sources import Channel, SourceRule
from ringtrace.core.sources import Condition as Test
from ringtrace.demo.town import Town
from ringtrace.demo.town_desk import EARLY, LATE, SaidOfCall, said_of_calls
from ringtrace.demo.town_news import ADS_CALL_IT, NEW_CAMPAIGN
from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.intake.port import What
from ringtrace.qualification import All, Any, Leaf, Not, Operator, TagRule
from ringtrace.web.actions import do_create_site
from ringtrace.web.agency import do_add_company
from ringtrace.web.agents import do_take
from ringtrace.web.audit import do_note
from ringtrace.web.bulk_calls import do_bulk
from ringtrace.web.counting import do_add_tag_rule, do_save_definition
from ringtrace.web.imports import Choices
from ringtrace.web.invitations import do_accept, do_invite
from ringtrace.web.models import AuditKind, Cadence, CallRow, Company, Invitation, Membership, Role, User
from ringtrace.web.naming import do_align
from ringtrace.web.people import actor_of
from ringtrace.web.pop_hints import do_save_hint
from ringtrace.web.review import do_set_disposition
from ringtrace.web.schedules import Wanted, do_save_schedule
from ringtrace.web.source_rules import do_save_rule
from ringtrace.web.tokens import do_make_token
from ringtrace.web.views import do_save_view

ACTOR = "the demo"
"""Who did it, as the audit log says."""

_AT_HOME = "@harborplumbing.example"
_HALF_A_MINUTE, _LONG_TALK = 30, 300
_WEEK = 7
_BOOKED = Any((Leaf("disposition", Operator.IS, ("Booked",)), Leaf("outcomes", Operator.HAS, ("appointment",))))
_QUALIFIED = All(
    (
        Leaf("status", Operator.IS, ("answered",)),
        Leaf("talk_secs", Operator.AT_LEAST, _HALF_A_MINUTE),
        Not(Leaf("is_spam", Operator.IS, value=True)),
    )
)
_TAG_RULES = (
    TagRule(tag="long talk", condition=Leaf("talk_secs", Operator.AT_LEAST, _LONG_TALK)),
    TagRule(
        tag="new caller missed",
        condition=All(
            (
                Leaf("status", Operator.IS, ("missed", "abandoned", "busy")),
                Leaf("is_first_call", Operator.IS, value=True),
            )
        ),
    ),
)
_VIEWS = (
    (
        "Campaigns and what a good call costs",
        "days=28&by=campaign&compare=before&metrics=calls,qualified_calls,spend,cost_per_qualified_call,roas",
    ),
    (
        "Who answers, and how long they talk",
        "days=28&by=agent&metrics=answered_calls,qualified_rate,talk_time_mean,time_to_answer_p50",
    ),
)


class Person(Struct, frozen=True, kw_only=True):
    email: str
    name: str
    role: Role
    agent_name: str = ""
    in_one_company: bool = False


_PEOPLE = (
    Person(email=f"maya{_AT_HOME}", name="Maya Ortiz", role=Role.AGENT, agent_name=EARLY),
    Person(email=f"luis{_AT_HOME}", name="Luis Park", role=Role.AGENT, agent_name=LATE),
    Person(email=f"priya{_AT_HOME}", name="Priya Shah", role=Role.ANALYST),
    Person(email="tom@brightlantern.example", name="Tom Berg", role=Role.VIEWER, in_one_company=True),
)
_INVITED = Person(email=f"sam{_AT_HOME}", name="Sam Okafor", role=Role.AGENT, agent_name="Sam")


class Filling:
    """One town's company, filled day by day. `numbers`: its static numbers by what they stand on."""

    def __init__(self, company: Company, town: Town, numbers: Mapping[str, str]) -> None:
        self._company = company
        self._town = town
        self._said = said_of_calls(town)
        self._owner = Membership.objects.get(account=company.account_id, role=Role.OWNER).user
        self._dispatchers: dict[str, User] = {}
        self._unsorted: dict[str, str] = {}  # the town's keys by the house's ids
        self._days = 0
        self._flyer_e164 = numbers["flyer"]

    @transaction.atomic
    def begin(self) -> None:
        """What was there from the first day on."""
        at_ms = self._town.truth.start_ms
        for person in _PEOPLE:
            user = self._join(person, at_ms)
            if person.agent_name:
                self._dispatchers[person.agent_name] = user
        for rule in _TAG_RULES:
            do_add_tag_rule(self._company, rule, at_ms, by=self._owner)
            self._note("tag_rule_add", at_ms)
        self._write_hints(at_ms)

    @transaction.atomic
    def say(self, call_ids: Mapping[str, str], now_ms: int) -> None:
        """What the dispatchers say of these calls (the town's keys and the house's ids), at the end of their day."""
        key_of = {call_id: key for key, call_id in call_ids.items() if key in self._said}
        calls = CallRow.objects.filter(pk__in=list(key_of)).select_related("company").order_by("started_ms", "pk")
        for call in calls:
            self._say_of(call, self._said[key_of[call.pk]], now_ms)
        self._unsorted |= key_of
        self._days += 1
        if self._days % _WEEK == 0:
            self._sort_week(now_ms)

    @transaction.atomic
    def end(self) -> None:
        """What came later, and what other systems told."""
        end_ms = self._town.truth.end_ms
        self._sort_week(end_ms)
        self._write_definitions(end_ms)
        self._save_views(end_ms)
        self._name_sources(end_ms)
        self._invite(_INVITED, end_ms - DAY_MS)
        do_make_token(self._owner, self._company, "Nightly export", end_ms - 3 * DAY_MS, scopes=("read",), days=365)
        self._note("token_add", end_ms - 3 * DAY_MS)
        self._take_jobs(end_ms - 2 * HOUR_MS)
        self._add_heating(end_ms)

    def _join(self, person: Person, at_ms: int) -> User:
        """Nobody of them has a password: they are there to be looked at."""
        row = self._invite(person, at_ms)
        user = User.objects.create_user(person.email, None, name=person.name)
        do_accept(row, user, at_ms + HOUR_MS)
        return user

    def _invite(self, person: Person, at_ms: int) -> Invitation:
        company = self._company if person.in_one_company else None
        actor = actor_of(self._owner, self._company.account, company)
        do_invite(actor, self._company.account, company, person.email, person.role, person.agent_name, at_ms)
        self._note("people_invite", at_ms)
        return Invitation.objects.get(email=person.email, accepted_ms=None)

    def _write_hints(self, at_ms: int) -> None:
        hints = (
            (
                "They hold the flyer: the drain check on it is $89 until the end of the month.",
                Leaf("number", Operator.IS, (self._flyer_e164,)),
            ),
            (
                "Their first call. Get the address and a number to call back before anything else.",
                Leaf("is_first_call", Operator.IS, value=True),
            ),
            (
                "They have called before: read below what it was about, so that they need not tell it twice.",
                Leaf("is_first_call", Operator.IS, value=False),
            ),
        )
        for text, condition in hints:
            do_save_hint(self._company, text, condition, self._owner, at_ms)
            self._note("pop_hint_add", at_ms)

    def _say_of(self, call: CallRow, said: SaidOfCall, now_ms: int) -> None:
        who = self._dispatchers.get(said.agent)
        if who is not None:
            do_take(call, who, now_ms)
        if said.disposition:
            do_set_disposition(call, said.disposition, who, now_ms)

    def _sort_week(self, now_ms: int) -> None:
        """Once a week somebody goes through the calls: what each was about, and which were spam."""
        key_of, self._unsorted = self._unsorted, {}
        for tag in sorted({tag for key in key_of.values() for tag in self._said[key].tags}):
            self._bulk((id_ for id_, key in key_of.items() if tag in self._said[key].tags), "tag", tag, now_ms)
        self._bulk((id_ for id_, key in key_of.items() if self._said[key].is_spam), "spam", "", now_ms)

    def _bulk(self, call_ids: Iterable[str], what: str, said: str, now_ms: int) -> None:
        calls = CallRow.objects.filter(pk__in=list(call_ids))
        if calls.exists():
            do_bulk(calls, self._company, what, said, self._dispatchers[LATE], now_ms)

    def _write_definitions(self, end_ms: int) -> None:
        span_ms = end_ms - self._town.truth.start_ms
        at_ms = end_ms - span_ms // 3
        note = "Wrong numbers are over in half a minute, and spam is nobody's call."
        do_save_definition(self._company, "qualified", "Qualified", _QUALIFIED, at_ms, by=self._owner, note=note)
        self._note("definition", at_ms)
        do_save_definition(self._company, "booked", "Booked", _BOOKED, at_ms, by=self._owner)
        self._note("definition_add", at_ms)

    def _save_views(self, end_ms: int) -> None:
        at_ms = end_ms - 5 * DAY_MS
        views = [do_save_view(self._company, self._owner, name, query, at_ms, is_shared=True) for name, query in _VIEWS]
        wanted = Wanted(
            name="Campaigns, every Monday",
            cadence=Cadence.WEEKLY,
            hour=7,
            recipients=(self._owner.email, f"priya{_AT_HOME}"),
            view_id=views[0].pk,
            is_on=False,  # nobody's mail server is known here
        )
        do_save_schedule(self._company, wanted, at_ms, by=self._owner)
        for what in ("view_save", "view_save", "schedule_add"):
            self._note(what, at_ms)

    def _name_sources(self, end_ms: int) -> None:
        at_ms = end_ms - 4 * DAY_MS
        means = NEW_CAMPAIGN.campaign or ""
        do_align(self._company, NameRule(field=NameField.CAMPAIGN, said=ADS_CALL_IT, means=means))
        self._note("name_align", at_ms)
        partner = SourceRule(
            rule_id="",
            conditions=(Test(of="referrer", how="ends", text="seaside-supply.example"),),
            set_source="seaside supply",
            set_medium="partner",
            set_channel=Channel.AFFILIATES,
        )
        do_save_rule(self._company, "Seaside Supply sends us its customers", partner)
        self._note("source_rule_add", at_ms)

    def _take_jobs(self, at_ms: int) -> None:
        choices = Choices(system="office", kinds={"service plan": "service_plan"})
        take_file(self._company, job_file(self._town), What.OUTCOMES, "jobs.csv", self._owner, at_ms, choices)

    def _add_heating(self, end_ms: int) -> None:
        account = self._company.account
        heating = do_add_company(account, "Prairie Heating", "America/Edmonton", "CAD", "CA")
        do_create_site(heating, "prairieheating.example", ["https://www.prairieheating.example"])
        self._note("company_add", end_ms - 2 * HOUR_MS)
        book_heating(heating, self._owner, self._town.truth.seed, end_ms)

    def _note(self, what: str, at_ms: int) -> None:
        do_note(AuditKind.CHANGE, what, at_ms, actor=ACTOR, company=self._company)
