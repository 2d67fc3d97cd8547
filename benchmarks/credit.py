"""Credit from raw touch tables, beside reading them and beside the peers; see journeys.py and peers/.

Every side is a fresh process, timed from before its start to its end, and sides take turns. The reading is a fresh
DuckDB on two threads that looks at every value of the five columns (a query of maxima alone would not read: they stand
in the file's footer). Peers get their paths in the fastest way that was tried (peers/paths.py).

RINGTRACE_BENCH_MOST: journeys of the largest table (10 million). RINGTRACE_BENCH_ROUNDS: how often each side runs
(5; 3 beyond a million). RINGTRACE_BENCH_LIMIT_SECS: when a peer is cut (300).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks import credit_lake
from benchmarks.figures import Figure, alone, below, beside, median
from benchmarks.journeys import Ids, World, kaggle_table, table
from benchmarks.peers.home import peers_python
from benchmarks.processes import Ran, in_turns, megabytes, secs
from benchmarks.processes import run as run_process
from ringtrace.attribution.registry import LAKE_MODELS
from ringtrace.core.errors import RingtraceError

MILLION = 1_000_000
MOST = int(os.environ.get("RINGTRACE_BENCH_MOST", str(10 * MILLION)))
LIMIT_SECS = float(os.environ.get("RINGTRACE_BENCH_LIMIT_SECS", "300"))
ROUNDS = int(os.environ.get("RINGTRACE_BENCH_ROUNDS", "5"))
MOST_OF_READING = 2.0
MOST_MEGABYTES = 4 * 2**30 / 1e6
FASTER_MARKOV, FASTER_EXACT, FASTER_SHAPLEY = 2.5, 30.0, 2.5
CURVE = (100_000, 300_000, MILLION, 3 * MILLION, 10 * MILLION)
SPILL_BYTES = MOST * 16  # a quarter of what the rows of the largest table take

_READ = """
import sys, duckdb
with duckdb.connect(config={"threads": 2}) as database:
    print(database.execute(
        'SELECT max(journey), max("at"), max(channel), sum(converted::INT), sum(value) FROM read_parquet($path)',
        {"path": sys.argv[1]},
    ).fetchall())
"""
_CREDIT = """
import sys
from ringtrace.attribution import attribute
path, out, memory, *models = sys.argv[1:]
attribute(path, models, out=out, **({"memory_bytes": int(memory)} if memory != "-" else {}))
"""
_TIGHT = ("--tolerance", "0.001", "--max-step", "1000", "--threads", "2")


def run() -> list[Figure]:
    """Raises RingtraceError where a side fails, or a peer's answer is not ours though it should be."""
    with tempfile.TemporaryDirectory(prefix="ringtrace-bench-") as folder:
        bench = Bench(Path(folder))
        return [
            *bench.one_pass(),
            *bench.peers(),
            *bench.growth(),
            *bench.spill(),
            *credit_lake.run(Path(folder)),
        ]


def shown(journeys: int) -> str:
    return f"{journeys / MILLION:g} M journeys" if journeys >= MILLION else f"{journeys:,} journeys"


class Bench:
    """What is measured; `folder` takes the answers."""

    def __init__(self, folder: Path) -> None:
        self._out = folder / "credit.parquet"
        self._peers = peers_python()

    def credit(self, touches: Path, models: Sequence[str], memory_bytes: int | None = None) -> Ran:
        memory = "-" if memory_bytes is None else str(memory_bytes)
        return run_process([sys.executable, "-c", _CREDIT, str(touches), str(self._out), memory, *models])

    def read(self, touches: Path) -> Ran:
        return run_process([sys.executable, "-c", _READ, str(touches)])

    def peer(self, name: str, touches: Path, *options: str) -> Ran:
        command = [str(self._peers), "-m", f"benchmarks.peers.{name}", str(touches), *options]
        return run_process(command, limit_secs=LIMIT_SECS)

    def one_pass(self) -> Iterator[Figure]:
        """All models of the lake in one pass, beside reading the same columns."""
        million = min(MILLION, MOST)
        tables: list[tuple[int, int, Ids]] = [
            (million, 8, "string"),
            (million, 12, "string"),
            (million, 12, "bigint"),
            (million, 30, "string"),
        ]
        if million < MOST:
            tables += [(MOST, 12, "string"), (MOST, 12, "bigint")]
        for journeys, channels, ids in tables:
            world = World(journeys=journeys, channels=channels, ids=ids)
            name = f"{shown(journeys)}, {channels} channels, {ids} ids"
            promised = MOST_OF_READING if journeys >= MILLION else None
            yield from self._beside_reading(name, table(world), _rounds(journeys), promised)
        if real := kaggle_table():
            yield from self._beside_reading("Kaggle's 199,550 journeys, 5 channels", real, ROUNDS)

    def _beside_reading(self, of: str, touches: Path, rounds: int, promised: float | None = None) -> Iterator[Figure]:
        sides = {"ours": partial(self.credit, touches, LAKE_MODELS), "reading": partial(self.read, touches)}
        found = in_turns(of, sides, rounds)
        name = f"one pass, {of}"
        ours, reading = found["ours"], found["reading"]
        yield beside(name, secs(ours), "s", "reading", secs(reading), at_most=promised)
        yield beside(f"{name}: CPU", [one.cpu_secs for one in ours], "s", "reading", [one.cpu_secs for one in reading])
        yield below(f"{name}: memory", megabytes(ours), "MB", round(MOST_MEGABYTES))

    def peers(self) -> Iterator[Figure]:
        """Nothing where the peers cannot be had."""
        if self._peers is None:
            print("The peers could not be installed: their figures are left out.", file=sys.stderr)
            return
        journeys = min(MILLION, MOST)
        for order in (1, 2):
            touches = table(World(journeys=journeys, channels=8))
            yield from self._markov(touches, order, f"{shown(journeys)}, 8 channels", FASTER_MARKOV)
        if real := kaggle_table():
            yield from self._markov(real, 1, "Kaggle's 199,550 journeys, 5 channels")
        for channels in (8, 12, 30):
            yield from self._shapley(World(journeys=journeys, channels=channels))

    def _markov(self, touches: Path, order: int, size: str, faster: float | None = None) -> Iterator[Figure]:
        model = "markov" if order == 1 else f"markov_{order}"
        walks = partial(self.peer, "channel_attribution", touches, "--order", str(order))
        sides = {"ours": partial(self.credit, touches, [model]), "ChannelAttribution": walks}
        if order == 1:
            sides["marketing-attribution-models"] = partial(self.peer, "mam2", touches)
        found = in_turns(f"Markov {order}", sides, ROUNDS)
        exact, ours = self._answer(touches, model), secs(found["ours"])
        name = f"Markov {order}, {size}"
        for peer in list(sides)[1:]:
            promised = faster if peer == "ChannelAttribution" else None
            yield beside(f"{name}: {peer}", secs(found[peer]), "s", "ours", ours, at_least=promised)
        yield _apart(f"{name}: ChannelAttribution's answer", found["ChannelAttribution"][-1], exact)
        tight = self.peer("channel_attribution", touches, "--order", str(order), *_TIGHT)
        name = f"{name}: ChannelAttribution, near exact"
        yield _cut(beside(name, [tight.secs], "s", "ours", ours, at_least=FASTER_EXACT), tight)
        if not tight.was_cut:
            yield _apart(f"{name}: answer", tight, exact)

    def _answer(self, touches: Path, model: str) -> dict[str, float]:
        """Ours, by channel. Read by another process, to keep this one small."""
        self.credit(touches, [model])
        reading = "import sys, duckdb, json; print(json.dumps(dict(duckdb.sql(sys.argv[1]).fetchall())))"
        asked = f"SELECT channel, conversions FROM '{self._out}'"  # noqa: S608 - a path of ours
        answer: dict[str, float] = json.loads(run_process([sys.executable, "-c", reading, asked]).output)
        return answer

    def _shapley(self, world: World) -> Iterator[Figure]:
        """At 8 and 12 channels beside the fastest peer; at 30 those that go through all coalitions are cut.

        A peer whose credits do not sum to the conversions has shared nothing out: it is shown and not counted."""
        touches, size = table(world), f"Shapley, {shown(world.journeys)}, {world.channels} channels"
        mam = partial(self.peer, "mam2", touches, "--model", "shapley")
        sides = {"ours": partial(self.credit, touches, ["shapley"]), "marketing-attribution-models": mam}
        others = {
            "marketing-attribution-models, sets uncut": partial(mam, "--most", "0"),
            "mta": partial(self.peer, "mta9", touches),
            "do-attribution": partial(self.peer, "do2", touches),
        }
        if world.channels < 30:
            found = in_turns(size, sides | others, ROUNDS)
        else:
            found = in_turns(size, sides, ROUNDS) | {peer: [side()] for peer, side in others.items()}
        ours, conversions = secs(found.pop("ours")), sum(self._answer(touches, "shapley").values())
        sharing = [peer for peer, series in found.items() if _shares(series[-1], conversions)]
        fastest = min(sharing, key=lambda peer: median(secs(found[peer])))
        for peer, series in found.items():
            promised = FASTER_SHAPLEY if peer == fastest and world.channels < 30 else None
            figure = beside(f"{size}: {peer}", secs(series), "s", "ours", ours, at_least=promised)
            yield _cut(figure, series[-1])

    def growth(self) -> Iterator[Figure]:
        """Time a touch, as tables grow; beside that at a million journeys."""
        series: dict[int, list[float]] = {}
        for journeys in sorted({*(size for size in CURVE if size <= MOST), MOST}):
            touches = table(World(journeys=journeys, channels=12))
            rows = 4.0 * journeys
            ran = [self.credit(touches, LAKE_MODELS) for _ in range(_rounds(journeys) + 1)][1:]
            series[journeys] = [1e9 * one.secs / rows for one in ran]
        base = min(MILLION, max(series))
        for journeys, taken in series.items():
            yield beside(f"one pass: a touch, {shown(journeys)}", taken, "ns", shown(base), series[base])

    def spill(self) -> Iterator[Figure]:
        """Rows beyond a limit of memory go to disk: the same answer, byte for byte."""
        touches = table(World(journeys=MOST, channels=12))
        free = self.credit(touches, LAKE_MODELS)
        answer = self._out.read_bytes()
        held = self.credit(touches, LAKE_MODELS, SPILL_BYTES)
        if self._out.read_bytes() != answer:
            raise RingtraceError("An answer changed when memory was short.", hint="Spilling is broken.")
        name = f"one pass, {shown(MOST)}, {SPILL_BYTES / 1e6:,.0f} MB for rows"
        yield beside(name, [held.secs], "s", "2 GiB", [free.secs])
        yield beside(f"{name}: memory", [held.megabytes], "MB", "2 GiB", [free.megabytes])


def _rounds(journeys: int) -> int:
    return ROUNDS if journeys <= MILLION else min(ROUNDS, 3)


def _credits(ran: Ran) -> dict[str, float]:
    credited: dict[str, float] = json.loads(ran.output.splitlines()[-1])["credits"]
    return credited


def _shares(ran: Ran, conversions: float) -> bool:
    return not ran.was_cut and abs(sum(_credits(ran).values()) / conversions - 1) < 1e-6


def _apart(name: str, ran: Ran, exact: Mapping[str, float]) -> Figure:
    """By how much a peer's credit of a channel is off the exact one, at the worst."""
    answer = _credits(ran)
    if answer.keys() != exact.keys():
        raise RingtraceError("A peer credited other channels than we did.", hint=f"{sorted(answer)}, {sorted(exact)}")
    return alone(f"{name}, off by", [100 * max(abs(answer[one] / exact[one] - 1) for one in exact)], "%")


def _cut(figure: Figure, ran: Ran) -> Figure:
    """A peer that did not end took at least as long as it had."""
    if not ran.was_cut:
        return figure
    return msgspec.structs.replace(figure, name=f"{figure.name} (cut at {LIMIT_SECS:g} s)")
