"""A company's own source rules: written, tried on recent visits, told to the edge, and history read again by them."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import msgspec
import pytest
from pytest_django import Settings

from ringtrace.cli import reclassify as command
from ringtrace.core.clock import DAY_MS, MINUTE_MS, wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.core.sources import Channel, Condition, Source, SourceRule
from ringtrace.lake.reader import LakeReader
from ringtrace.web.models import (
    CallRow,
    Company,
    Reclassification,
    Site,
    SourceRuleRow,
    StaleMonth,
    VisitRow,
    VisitVerdict,
)
from ringtrace.web.months import month_of
from ringtrace.web.source_rules import do_ask_reclassification, do_save_rule
from ringtrace.worker.reclassify import reclassify_step
from tests.doors.cast import Cast, make_match, make_visit, publish
from tests.doors.edge_sees import sites_of

NEWS = Source(channel=Channel.REFERRAL, source="partner.example", medium="referral", landing_page="/deal")
FROM_PARTNER = {"url": "https://alice.example/deal?pid=77", "referrer": "https://www.partner.example/list"}
RULE = {
    "name": "Our partner",
    "enabled": "on",
    "of_0": "referrer",
    "how_0": "ends",
    "text_0": "partner.example",
    "set_channel": "Affiliates",
    "set_source": "partner",
    "set_medium": "affiliate",
}
PARTNER = SourceRule(
    rule_id="new",
    conditions=(Condition(of="referrer", how="ends", text="partner.example"),),
    set_source="partner",
    set_medium="affiliate",
    set_channel=Channel.AFFILIATES,
)


def _from_partner(cast: Cast, *, ago_ms: int = 5 * MINUTE_MS, site: Site | None = None) -> VisitRow:
    visit = make_visit((site or cast.site).company, site or cast.site, NEWS, ago_ms=ago_ms)
    visit.url, visit.referrer = FROM_PARTNER["url"], FROM_PARTNER["referrer"]
    visit.save()
    return visit


def _page(cast: Cast, address: str = "/settings/sources/") -> str:
    answer = cast.alice.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _walk_through(*, most: int = 1_000) -> int:
    steps = 0
    while reclassify_step(wall_clock(), most=most):
        steps += 1
    return steps


# Writing rules


def test_it_saves_a_rule_and_tells_it_to_the_edge(cast: Cast) -> None:
    more = {"of_1": "param", "param_1": "PID", "how_1": "exists", "text_1": "left over"}
    answer = cast.alice.post("/settings/sources/add/", RULE | more | {"what": "save"})
    assert answer["Location"] == "/settings/sources/"
    (told,) = sites_of(cast.company)[cast.site.pk].source_rules
    assert told.conditions[0] == PARTNER.conditions[0]
    assert (told.conditions[1].of.lower(), told.conditions[1].how, told.conditions[1].text) == (
        "param:pid",
        "exists",
        "",
    )
    assert (told.set_source, told.set_medium, told.set_campaign, told.set_channel) == (
        "partner",
        "affiliate",
        None,
        "Affiliates",
    )
    page = _page(cast)
    assert "Referring host ends with “partner.example” and parameter" in page
    his = Company.objects.get(name="Charlie’s Heating")
    assert all(not site.source_rules for site in sites_of(his).values())


def test_it_changes_a_rule_where_it_stands(cast: Cast) -> None:
    first = do_save_rule(cast.company, "First", PARTNER)
    do_save_rule(cast.company, "Second", PARTNER)
    page = _page(cast, f"/settings/sources/{first.pk}/")
    assert 'value="partner.example"' in page
    cast.alice.post(f"/settings/sources/{first.pk}/", RULE | {"name": "Renamed", "what": "save"})
    rows = SourceRuleRow.objects.order_by("place").values_list("name", flat=True)
    assert list(rows) == ["Renamed", "Second"]


def test_it_leaves_out_a_rule_that_is_switched_off(cast: Cast) -> None:
    row = do_save_rule(cast.company, "Partner", PARTNER)
    off = {name: value for name, value in RULE.items() if name != "enabled"}
    cast.alice.post(f"/settings/sources/{row.pk}/", off | {"what": "save"})
    assert sites_of(cast.company)[cast.site.pk].source_rules == ()
    assert ">off<" in _page(cast)


def test_it_moves_and_removes_rules(cast: Cast) -> None:
    rows = {name: do_save_rule(cast.company, name, PARTNER) for name in ("a", "b", "c")}
    moves = [("c", "up"), ("c", "up"), ("c", "up"), ("b", "down"), ("a", "down")]
    for name, what in moves:
        assert cast.alice.post(f"/settings/sources/{rows[name].pk}/move/", {"what": what}).status_code == 302
    assert list(SourceRuleRow.objects.order_by("place").values_list("name", flat=True)) == ["c", "b", "a"]
    told = [rule.rule_id for rule in sites_of(cast.company)[cast.site.pk].source_rules]
    assert told == [rows[name].pk for name in ("c", "b", "a")]
    cast.alice.post(f"/settings/sources/{rows['b'].pk}/remove/")
    assert list(SourceRuleRow.objects.order_by("place").values_list("name", flat=True)) == ["c", "a"]
    assert cast.alice.post(f"/settings/sources/{rows['a'].pk}/move/", {"what": "away"}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"of_0": ""},
        {"set_source": "", "set_medium": "", "set_channel": ""},
        {"set_channel": "Astrology"},
        {"how_0": "resembles"},
        {"of_0": "weather"},
        {"name": ""},
    ],
)
@pytest.mark.parametrize("what", ["save", "try"])
def test_it_takes_no_rule_that_makes_no_sense(cast: Cast, wrong: dict[str, str], what: str) -> None:
    answer = cast.alice.post("/settings/sources/add/", RULE | wrong | {"what": what})
    assert answer.status_code == 422
    assert re.search(r'class="(error|problem)"', answer.content.decode())
    assert not SourceRuleRow.objects.exists()


def test_it_saves_no_rule_that_was_not_checked(cast: Cast) -> None:
    for wrong in (SourceRule(rule_id="x", conditions=(), set_source="x"), SourceRule(rule_id="x", conditions=())):
        with pytest.raises(BadInput):
            do_save_rule(cast.company, "Wrong", wrong)
    assert not SourceRuleRow.objects.exists()


# Trying a rule


def test_it_tries_a_rule_on_recent_visits_and_saves_nothing(cast: Cast) -> None:
    for _ in range(3):
        _from_partner(cast)
    his = Company.objects.get(name="Charlie’s Heating").sites.get()
    _from_partner(cast, site=his)
    before = list(VisitRow.objects.values())
    answer = cast.alice.post("/settings/sources/add/", RULE | {"what": "try"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r"<strong>3</strong> of the last 4 visits", page)
    changes = page[page.index('id="trial"') :]
    assert changes.index("partner.example") < changes.index("Affiliates") < changes.index("pid=77")
    assert list(VisitRow.objects.values()) == before
    assert not SourceRuleRow.objects.exists()


def test_it_tries_a_changed_rule_in_its_own_place(cast: Cast) -> None:
    """The first rule that fits is used: one that stands behind another changes nothing of what that one takes."""
    _from_partner(cast)
    do_save_rule(cast.company, "First", PARTNER)
    second = do_save_rule(cast.company, "Second", msgspec.structs.replace(PARTNER, set_source="second"))
    address = f"/settings/sources/{second.pk}/"
    page = cast.alice.post(address, RULE | {"set_source": "third", "what": "try"}).content.decode()
    assert "None of the last 2 visits" in page
    cast.alice.post(f"/settings/sources/{second.pk}/move/", {"what": "up"})
    page = cast.alice.post(address, RULE | {"set_source": "third", "what": "try"}).content.decode()
    assert "<strong>1</strong> of the last 2 visits" in page
    assert "third" in page[page.index('id="trial"') :]


def test_it_escapes_what_a_trial_shows(cast: Cast) -> None:
    visit = _from_partner(cast)
    visit.url += '&x="><script>alert(1)</script>'
    visit.save()
    page = cast.alice.post("/settings/sources/add/", RULE | {"what": "try"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# History


@pytest.fixture
def lake(settings: Settings, tmp_path: Path) -> Path:
    settings.LAKE_DIR = tmp_path / "lake"
    return tmp_path / "lake"


def test_it_reads_history_again_and_the_lake_follows(cast: Cast, lake: Path) -> None:
    _from_partner(cast, ago_ms=40 * DAY_MS)
    visit = _from_partner(cast)
    make_match(cast.call, visit)
    CallRow.objects.filter(pk=cast.call.pk).update(visit=visit)
    publish(cast.company, *VisitRow.objects.values_list("started_ms", flat=True), cast.call.started_ms)
    assert _sources(lake, cast) == {"partner.example"}
    StaleMonth.objects.all().delete()
    do_save_rule(cast.company, "Partner", PARTNER)
    assert cast.alice.post("/settings/sources/again/")["Location"] == "/settings/sources/"
    assert _walk_through() == 1
    visit.refresh_from_db()
    assert (visit.channel, visit.source["source"], visit.source["medium"]) == ("Affiliates", "partner", "affiliate")
    publish(cast.company)
    assert _sources(lake, cast) == {"partner"}
    credited = LakeReader(lake, cast.company.pk).ask(
        "SELECT DISTINCT source FROM {credits} WHERE source IS NOT NULL", {}, facts=("credits",)
    )
    assert {line["source"] for line in credited} == {"partner"}
    page = _page(cast)
    assert "3 visits read, 2 changed" in page
    assert "partner" in _page(cast, "/calls/")


def _sources(lake: Path, cast: Cast) -> set[str]:
    asked = "SELECT DISTINCT source FROM {touchpoints} WHERE medium IN ('referral', 'affiliate')"
    lines = LakeReader(lake, cast.company.pk).ask(asked, {}, facts=("touchpoints",))
    return {str(line["source"]) for line in lines}


def test_it_keeps_what_was_said_before(cast: Cast) -> None:
    visit = _from_partner(cast)
    before = visit.source
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    kept = VisitVerdict.objects.get()
    assert (kept.visit_id, kept.channel, kept.source) == (visit.pk, "Referral", before)
    visit.refresh_from_db()
    assert visit.source["rules"] != before.get("rules", "1")
    CallRow.objects.filter(pk=cast.call.pk).update(visit=visit)
    journey = _page(cast, f"/calls/{cast.call.pk}/")
    assert "called Referral, partner.example / referral until" in journey


def test_it_changes_nothing_the_second_time(cast: Cast) -> None:
    _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    StaleMonth.objects.all().delete()
    once = (list(VisitRow.objects.values()), list(VisitVerdict.objects.values()))
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    assert (list(VisitRow.objects.values()), list(VisitVerdict.objects.values())) == once
    assert not StaleMonth.objects.exists()
    assert Reclassification.objects.order_by("-pk")[0].changed == 0


@pytest.mark.parametrize("most", [1, 2, 3])
def test_it_goes_on_where_it_stopped(cast: Cast, most: int) -> None:
    at_ms = wall_clock() - DAY_MS
    for _ in range(5):
        _from_partner(cast)
    VisitRow.objects.update(started_ms=at_ms)  # all at one moment: the id decides
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock())
    assert reclassify_step(wall_clock(), most=most) == most
    walk = Reclassification.objects.get()
    assert (walk.done, walk.total, walk.finished_ms) == (most, 6, None)
    page = _page(cast, "/settings/sources/progress/")
    assert f"{most} of 6 visits read again" in page
    assert "every 1s" in page
    _walk_through(most=most)
    walk.refresh_from_db()
    assert (walk.done, walk.changed, walk.finished_ms is None) == (6, 5, False)
    assert set(VisitRow.objects.exclude(pk=cast.visit.pk).values_list("channel", flat=True)) == {"Affiliates"}
    assert "every 1s" not in _page(cast, "/settings/sources/progress/")


def test_it_begins_anew_when_the_rules_change_under_it(cast: Cast) -> None:
    for _ in range(4):
        _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock())
    reclassify_step(wall_clock(), most=3)
    do_save_rule(cast.company, "Later", msgspec.structs.replace(PARTNER, set_source="late"))
    SourceRuleRow.objects.filter(name="Partner").update(place=9)
    _walk_through(most=3)
    assert Reclassification.objects.get().done == 5
    told = {visit.source["source"] for visit in VisitRow.objects.exclude(pk=cast.visit.pk)}
    assert told == {"late"}


def test_it_reads_only_from_the_day_that_was_asked_for(cast: Cast) -> None:
    old, new = _from_partner(cast, ago_ms=40 * DAY_MS), _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock(), wall_clock() - DAY_MS)
    _walk_through()
    assert VisitRow.objects.get(pk=old.pk).channel == "Referral"
    assert VisitRow.objects.get(pk=new.pk).channel == "Affiliates"


def test_it_widens_a_walk_that_is_under_way(cast: Cast) -> None:
    old, _ = _from_partner(cast, ago_ms=40 * DAY_MS), _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock(), wall_clock() - DAY_MS)
    reclassify_step(wall_clock(), most=1)
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    assert Reclassification.objects.count() == 1
    assert VisitRow.objects.get(pk=old.pk).channel == "Affiliates"


def test_it_marks_the_months_whose_calls_it_may_have_moved(cast: Cast) -> None:
    visit = _from_partner(cast, ago_ms=20 * DAY_MS)
    do_save_rule(cast.company, "Partner", PARTNER)
    do_ask_reclassification(cast.company, wall_clock())
    StaleMonth.objects.all().delete()
    _walk_through()
    assert {month_of(visit.started_ms), month_of(wall_clock())} <= set(
        StaleMonth.objects.values_list("month", flat=True)
    )
    assert month_of(wall_clock() + 40 * DAY_MS) not in StaleMonth.objects.values_list("month", flat=True)


def test_it_touches_no_other_company(cast: Cast) -> None:
    his = Company.objects.get(name="Charlie’s Heating").sites.get()
    foreign = _from_partner(cast, site=his)
    _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    cast.charlie.post("/settings/sources/again/")
    _walk_through()
    foreign.refresh_from_db()
    assert foreign.channel == "Referral"
    assert VisitRow.objects.filter(channel="Affiliates").count() == 0
    assert "1 visit read" in cast.charlie.get("/settings/sources/").content.decode()
    assert "never classified again" in _page(cast)


def test_it_says_when_the_rules_have_changed_since(cast: Cast) -> None:
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    assert "have changed since" not in _page(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    assert "have changed since" in _page(cast)


def test_it_takes_a_visit_whose_verdict_cannot_be_read(cast: Cast) -> None:
    visit = _from_partner(cast)
    VisitRow.objects.filter(pk=visit.pk).update(source={"channel": "no such channel"})
    do_ask_reclassification(cast.company, wall_clock())
    _walk_through()
    assert VisitRow.objects.get(pk=visit.pk).source["source"] == "partner.example"


def test_it_reads_again_from_the_command_line(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from_partner = _from_partner(cast)
    do_save_rule(cast.company, "Partner", PARTNER)
    monkeypatch.setattr(command, "open_ledger", lambda _: None)
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    options = parser.parse_args(["--company", cast.company.name, "--since", "2020-01-31"])
    options.data = Path()
    assert command.run(options) == 0
    assert "2 visits read again, 1 of them say something else now" in capsys.readouterr().out
    assert VisitRow.objects.get(pk=from_partner.pk).channel == "Affiliates"
    with pytest.raises(NotFound, match="Alice’s Plumbing"):
        command.run(parser.parse_args(["--company", "nobody's"], namespace=argparse.Namespace(data=Path())))
