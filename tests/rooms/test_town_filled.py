"""What the demo is filled with beside its calls: the same for a seed, changing nothing of the life without it, and
there once a town is built."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ringtrace.core.clock import DAY_MS
from ringtrace.demo.town import Town, simulate
from ringtrace.demo.town_actions import Dial, PageView, Scenario, SpendBooked
from ringtrace.demo.town_desk import EARLY, LATE, said_of_calls
from ringtrace.demo.town_hours import local
from ringtrace.demo.town_news import ADS_CALL_IT, NEW_CAMPAIGN
from ringtrace.demo.truth import CallerKind

END_MS = 1_790_000_000_000


@pytest.fixture(scope="module")
def plain() -> Town:
    return simulate(7, END_MS)


@pytest.fixture(scope="module")
def town() -> Town:
    return simulate(7, END_MS, news=True)


def test_the_news_changes_nothing_of_the_life_without_it(plain: Town, town: Town) -> None:
    assert set(plain.actions) < set(town.actions)
    assert set(plain.truth.visits) < set(town.truth.visits)
    assert set(plain.truth.calls) < set(town.truth.calls)


def test_the_new_campaign_begins_three_weeks_before_the_end_and_makes_the_phone_ring(plain: Town, town: Town) -> None:
    new = [visit for visit in town.truth.visits if visit.campaign == NEW_CAMPAIGN.campaign]
    assert 100 < len(new) < 250
    assert min(visit.at_ms for visit in new) >= END_MS - 20 * DAY_MS
    assert 20 < len(town.truth.calls) - len(plain.truth.calls) < 80


def test_the_ads_account_has_another_name_for_it_than_its_links(town: Town) -> None:
    spent = [a for a in town.actions if isinstance(a, SpendBooked) and a.campaign == ADS_CALL_IT]
    assert len(spent) in (19, 20)
    assert not any(a.campaign == NEW_CAMPAIGN.campaign for a in town.actions if isinstance(a, SpendBooked))
    assert any("utm_campaign=drain-special" in a.url for a in town.actions if isinstance(a, PageView))


def test_the_same_is_said_of_the_calls_of_the_same_seed(town: Town) -> None:
    assert said_of_calls(town) == said_of_calls(simulate(7, END_MS, news=True))
    assert said_of_calls(town) != said_of_calls(simulate(8, END_MS, news=True))


def test_what_is_said_fits_what_happened(town: Town) -> None:
    said, calls = said_of_calls(town), town.truth.calls_by_key()
    dials = {action.call_key: action for action in town.actions if isinstance(action, Dial)}
    assert said.keys() == dials.keys()
    for key, one in said.items():
        is_answered = dials[key].scenario is Scenario.ANSWERED
        assert is_answered or not (one.agent or one.tags)
        assert is_answered or one.disposition in ("", "Call back")
        assert not one.is_spam or calls[key].kind is CallerKind.SPAM
    answered = [one for key, one in said.items() if dials[key].scenario is Scenario.ANSWERED]
    assert 0.85 < sum(bool(one.agent) for one in answered) / len(answered) < 1
    assert {one.disposition for one in said.values()} >= {"", "Booked", "Quoted", "Call back", "Existing customer"}


def test_one_has_the_mornings_and_the_other_the_rest(town: Town) -> None:
    dials = {action.call_key: action for action in town.actions if isinstance(action, Dial)}
    hours = Counter((one.agent, local(dials[key].at_ms).hour < 14) for key, one in said_of_calls(town).items())
    assert hours[EARLY, True] > 3 * hours[LATE, True]
    assert hours[LATE, False] > 3 * hours[EARLY, False]


# A town of four days, built by the command.


class Ledger:
    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._rows.execute(sql).fetchall()

    def count(self, table: str, where: str = "1") -> int:
        return int(self.ask(f"SELECT count(*) FROM web_{table} WHERE {where}")[0][0])  # noqa: S608 - names from here


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    data_dir = tmp_path_factory.mktemp("town")
    command = [sys.executable, "-m", "ringtrace", "build-town", "--data", str(data_dir), "--filled"]
    command += ["--days", "4", "--seed", "7", "--end-ms", str(END_MS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (data_dir / "demo.json").exists()
    with closing(sqlite3.connect(f"file:{data_dir / 'ledger.sqlite'}?mode=ro", uri=True)) as rows:
        yield Ledger(rows)


def test_it_has_people_of_every_role_but_one_and_somebody_who_is_awaited(built: Ledger) -> None:
    assert sorted(built.ask("SELECT role FROM web_membership")) == [("agent",), ("agent",), ("analyst",), ("owner",)]
    assert built.ask("SELECT role FROM web_companyseat") == [("viewer",)]
    assert built.count("invitation", "accepted_ms IS NULL") == 1


def test_its_calls_say_who_answered_how_they_ended_and_what_they_were_about(built: Ledger) -> None:
    agents = {agent for (agent,) in built.ask("SELECT DISTINCT agent FROM web_callrow WHERE agent != ''")}
    assert agents == {EARLY, LATE} == {name for (name,) in built.ask("SELECT agent_name FROM web_membership") if name}
    ours = "connection_id IS NOT NULL"
    calls = built.count("callrow", ours)
    assert built.count("callrow", f"{ours} AND disposition != ''") > 0.4 * calls
    assert built.count("calltag") > 0.1 * calls
    assert built.count("callrow", f"{ours} AND agent != '' AND answered_ms IS NULL") == 0


def test_its_settings_are_filled(built: Ledger) -> None:
    assert built.count("tagrulerow") == 2
    assert built.count("pophint") == 3
    assert built.count("savedview", "is_shared") == 2
    assert built.count("sourcerulerow") == 1
    assert built.ask("SELECT said, means FROM web_namerulerow") == [(ADS_CALL_IT, NEW_CAMPAIGN.campaign)]
    versions = built.ask(
        "SELECT d.name, v.version FROM web_definitionversion v JOIN web_definitionrow d ON d.id = v.definition_id"
    )
    assert sorted(versions) == [("booked", 1), ("qualified", 1), ("qualified", 2)]


def test_its_mailed_report_is_off_and_nothing_was_sent(built: Ledger) -> None:
    assert built.ask("SELECT is_on FROM web_reportschedule") == [(0,)]
    assert built.count("mailrow", "tries > 0 OR sent_ms IS NOT NULL") == 0
    assert built.count("mailrow", "kind != 'invitation'") == 0


def test_one_outcome_matched_nothing_and_says_why(built: Ledger) -> None:
    assert built.ask("SELECT miss FROM web_outcomerow WHERE miss != ''") == [("no_such_caller",)]
    runs = built.ask("SELECT file_name, state, rejected FROM web_importrun ORDER BY file_name")
    assert runs == [("jobs.csv", "done", 0), ("phone-log.csv", "done", 0)]


def test_there_is_a_second_company_with_its_own_money_and_clock(built: Ledger) -> None:
    companies = dict(built.ask("SELECT currency, time_zone FROM web_company"))
    assert companies == {"USD": "America/Los_Angeles", "CAD": "America/Edmonton"}
    assert built.count("callrow", "system = 'phone_system' AND said_source IS NOT NULL") > 40


def test_the_audit_log_says_that_the_demo_did_it(built: Ledger) -> None:
    lines = built.ask("SELECT DISTINCT actor, what FROM web_auditrow")
    assert {actor for actor, _ in lines} == {"the demo"}
    assert {what for _, what in lines} >= {"people_invite", "tag_rule_add", "definition", "company_add", "name_align"}
    assert json.dumps(built.ask("SELECT said FROM web_auditrow")).count("@") == 0
