"""Builds the demo's town: its accounts and numbers in the ledger, its life through the edge, day by day."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from msgspec import Struct
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ringtrace.cli.ledger import open_ledger
from ringtrace.core.clock import SetClock, at_from_ms, wall_clock
from ringtrace.core.sources import Channel, Source
from ringtrace.demo.facts import FACTS_FILE as FACTS_FILE  # cli.demo reads it from here
from ringtrace.demo.facts import TRUTH_FILE, TownFacts
from ringtrace.demo.play import DayPlayed, Player, TownLine
from ringtrace.demo.town import Town, simulate
from ringtrace.demo.town_actions import Action, Dial
from ringtrace.demo.truth import save_truth
from ringtrace.edge.app import Edge
from ringtrace.edge.inprocess import InProcess
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.flows.interpreter import ring_flow
from ringtrace.privacy.keys import load_keys
from ringtrace.telephony.kamailio.simulator import SIMULATOR
from ringtrace.wire.sqlite import SqliteWire

PRINTED_E164 = "+13105550123"
PLUMBER_E164 = "+13105550199"
POOL = tuple(f"+13105550{n}" for n in range(140, 152))
STATICS = {"van": "+13105550130", "flyer": "+13105550131"}
OWNER_EMAIL = "owner@harborplumbing.example"

_RING_SECS = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--web-url", default="http://127.0.0.1:8000")
    parser.add_argument("--edge-url", default="http://127.0.0.1:8100")
    parser.add_argument("--site-url", default="http://127.0.0.1:8200")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--end-ms", type=int, help="when its life ends, in ms since 1970 (now)")
    parser.add_argument("--filled", action="store_true", help="with people, rules and views, and what is new: the demo")


def run_build(options: argparse.Namespace) -> int:
    open_ledger(options.data, web_url=options.web_url, edge_url=options.edge_url)
    with Progress(
        TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    ) as progress:
        bar = progress.add_task("Harbor Plumbing is being lived", total=options.days + 2)

        def advance(what: str) -> None:
            progress.update(bar, advance=1, description=what)

        end_ms = wall_clock() if options.end_ms is None else options.end_ms
        build(options.data, options.seed, options.days, options.site_url, end_ms, advance, filled=options.filled)
    return 0


def build(
    data_dir: Path,
    seed: int,
    days: int,
    site_url: str,
    end_ms: int,
    advance: Callable[[str], None],
    *,
    filled: bool = False,
) -> TownFacts:
    """The town of `seed`, lived for `days` until `end_ms`, in a data directory whose ledger is open and empty.

    `filled`: with what is there to be looked at beside its calls. Without, its life alone, by which methods are judged.
    Writes the truth and the facts beside the stores; the facts last, so that a town without them is not whole.
    """
    import_module("ringtrace.web.first_run").prepare(end_ms)
    town = simulate(seed, end_ms, days, origin=site_url, ring_timeout_secs=_RING_SECS, news=filled)
    gc.freeze()  # the whole life stays in memory until the end: the collector need not look at it again and again
    business = _settle(town, site_url)
    filling = import_module("ringtrace.cli.town_filled").Filling(business.company, town, STATICS) if filled else None
    if filling:
        filling.begin()
    advance("The town is planned")
    store = SqliteEdgeStore(data_dir / "edge.sqlite", durable=False)
    clock = SetClock(town.truth.start_ms)
    edge = Edge(store, load_keys(data_dir), clock)
    player = Player(town, InProcess(edge), clock, business.line)
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        closing(SqliteWire(data_dir / "edge.sqlite", durable=False)) as journal,
    ):
        runner.run(edge.refresh())
        for day, actions in player.days():
            played = runner.run(player.play_day(day, actions))
            runner.run(edge.tell_refusals())
            _take_day(journal, played, player.call_ids, business.company, clock())
            if filling:
                filling.say(_dialled(actions, player.call_ids), clock())
            advance(f"{at_from_ms(clock()):%d %B %Y}")
        runner.run(player.finish())
        runner.run(store.close())
        _drain(journal, clock())
    if filling:
        filling.end()
    _publish(data_dir, end_ms)
    advance("Published to the lake")
    save_truth(town.truth.without(player.untracked), data_dir / TRUTH_FILE)
    facts = business.facts(site_url, player)
    (data_dir / FACTS_FILE).write_bytes(msgspec.json.encode(facts))
    return facts


class _Business(Struct, kw_only=True):
    company: Any  # web's Company, which is only importable once the ledger is open
    line: TownLine

    def facts(self, site_url: str, player: Player) -> TownFacts:
        return TownFacts(
            site_url=site_url,
            company_id=self.company.pk,
            site_id=self.line.site_id,
            site_key=self.line.site_key,
            connection_id=self.line.connection_id,
            call_ids=player.call_ids,
            visit_ids=player.visit_ids,
        )


def _settle(town: Town, site_url: str) -> _Business:
    """The business moves in: owner, company, site, connection, pool and static numbers, as a person would make them."""
    actions = import_module("ringtrace.web.actions")
    business = town.business
    company = actions.do_create_owner(OWNER_EMAIL, None, business.name, business.time_zone, business.currency)
    site = actions.do_create_site(company, "harborplumbing.example", [site_url])
    connection = actions.do_connect_carrier(company, "kamailio", "Simulated SIP trunk", "")
    pool = actions.do_create_pool(site, "Web site", PRINTED_E164)
    flow = ring_flow(PLUMBER_E164, _RING_SECS)
    actions.do_add_numbers(connection, POOL, flow, pool=pool)
    for static, e164 in STATICS.items():
        source = Source(channel=Channel.OFFLINE, source=static, medium="offline")
        actions.do_add_numbers(connection, [e164], flow, static_source=source, name=f"On the {static}")
    line = TownLine(
        simulator=SIMULATOR,
        public_url=connection.public_url,
        connection_id=connection.pk,
        secret=actions.connection_secret(connection),
        site_id=site.pk,
        site_key=site.key,
        pool=POOL,
        statics=STATICS,
    )
    return _Business(company=company, line=line)


def _drain(journal: Any, now_ms: int) -> None:
    drain = import_module("ringtrace.worker.drain").drain
    while drain(journal, now_ms):
        pass


def _take_day(journal: Any, played: DayPlayed, call_ids: dict[str, str], company: Any, now_ms: int) -> None:
    """The worker takes the day's events; then the business marks what came of calls, and books what was spent."""
    _drain(journal, now_ms)
    outcomes, spend = import_module("ringtrace.web.outcomes"), import_module("ringtrace.web.spend")
    find_call = cache(import_module("ringtrace.web.actions").find_call)  # most outcomes of a day are of few calls
    with import_module("django.db.transaction").atomic():
        for marked in played.outcomes:
            if marked.call_key in call_ids:
                call = find_call(call_ids[marked.call_key])
                outcomes.do_mark_outcome(call, marked.kind, marked.value_cents, marked.at_ms)
        for spent in played.spend:
            spend.do_book_spend(
                company, spent.on_date, spent.source, spent.medium, spent.campaign or "", spent.cost_cents
            )


def _dialled(actions: Sequence[Action], call_ids: Mapping[str, str]) -> dict[str, str]:
    """The calls of a day that reached us."""
    keys = [action.call_key for action in actions if isinstance(action, Dial)]
    return {key: call_ids[key] for key in keys if key in call_ids}


def _publish(data_dir: Path, now_ms: int) -> None:
    publish_stale = import_module("ringtrace.worker.publish").publish_stale
    with closing(import_module("ringtrace.lake.writer").LakeWriter(data_dir / "lake")) as writer:
        publish_stale(writer, now_ms)
