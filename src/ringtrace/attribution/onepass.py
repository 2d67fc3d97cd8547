"""One pass over a table of touches: streamed from the engine, grouped into journeys, handed on batch by batch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from nanoarrow import c_array_stream
from numpy.typing import NDArray

from ringtrace.attribution.grouping import Keys, Partitions, group
from ringtrace.attribution.journeys import PPM, Ints, Journeys, Walks, starts_of
from ringtrace.attribution.layout import Layout, first_row, is_direct, is_paid, packing_sql
from ringtrace.attribution.touches import Touches, quoted, reading
from ringtrace.core.errors import BadInput

T = TypeVar("T")
W = TypeVar("W", bound=Walks)

MOST_VALUE = 1e12
DUPLICATES = ("drop", "keep", "error")
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


class Found(StrEnum):
    """What is found and dealt with by rule."""

    DUPLICATES = "rows stood there twice and count once"
    AFTER_CONVERSION = "touches came after their conversion and count for nothing"
    CONVERSION_BEFORE_TOUCHES = "conversions came before all touches of their journey and have nobody to credit"
    VALUE_WITHOUT_CONVERSION = "rows have a value in a journey that did not convert: it counts for nothing"


@dataclass
class OnePass:
    """A table read once. `each` maps its batches; `data_version` names what was read, whatever its order."""

    touches: Touches
    layout: Layout
    duplicates: str
    partitions: Partitions
    facts: dict[str, Partitions]
    _found: dict[tuple[Found, int], int] = field(default_factory=dict)  # by partition: it may be read again
    _digests: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def data_version(self) -> str:
        """The number of rows and a digest of them; the same rows in another order or another kind of table have the
        same. Known once `each` has run."""
        layout = (self.layout.players, self.layout.first_us, self.layout.flags, self.duplicates, sorted(self.facts))
        digests = sum(self._digests.values()) % (1 << 64)
        digest = hashlib.sha256(f"{layout}{digests}".encode()).hexdigest()
        return f"{self.layout.rows}-{digest[:16]}"

    def each(self, work: Callable[[int], T], progress: Callable[[float], None] | None = None) -> list[T]:
        """What `work` makes of the number of every batch, in order, by as many threads as there are cores."""
        count = self.partitions.count
        answers: list[T] = []
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for done, answer in enumerate(pool.map(work, range(count)), start=1):
                answers.append(answer)
                if progress:
                    progress(done / count)
        return answers

    def batch(self, number: int) -> Journeys:
        """The journeys of one partition."""
        journeys = self._journeys(*self._rows(number))
        journeys = _replaced(journeys, self._brought(journeys, number))
        if "converted_at" not in self.facts:
            return journeys
        return self._until(journeys, self._fact("converted_at", journeys, number), number)

    def counted(self, number: int) -> tuple[Walks, Journeys]:
        """The same as walks, and with all that rules need those alone that converted: most did not."""
        if "converted_at" in self.facts:
            journeys = self.batch(number)
            return journeys, journeys.converting
        keys, payload, starts = self._rows(number)
        walks = self._walks(keys, payload, starts)
        won = walks.converted_ppm > 0
        lengths = walks.lengths
        journeys = self._journeys(keys[won], payload[np.repeat(won, lengths)], starts_of(lengths[won]))
        journeys = _replaced(journeys, self._brought(journeys, number))
        brought = {name: _placed(won, getattr(journeys, name)) for name in ("converted_ppm", "value_micros")}
        return _replaced(walks, brought), journeys if "p" not in self.facts else journeys.converting

    def _rows(self, number: int) -> tuple[Keys, Ints, Ints]:
        """Keys by journey, payloads by touch, and where each journey starts."""
        keys, payload, starts = group(*self.partitions.partition(number))
        self._digests["rows", number] = _digest(keys, payload)
        keys, payload, starts = self._without_duplicates(keys, payload, starts, number)
        return keys[starts[:-1]], payload, starts

    def found(self, what: Found) -> int:
        """How many rows or journeys."""
        return sum(count for (kind, _), count in self._found.items() if kind is what)

    def _without_duplicates(self, keys: Keys, payload: Ints, starts: Ints, number: int) -> tuple[Keys, Ints, Ints]:
        """Rows of one journey, moment and player are one touch, with the flags of all, unless they are to be kept."""
        if self.duplicates == "keep" or len(payload) < 2:
            return keys, payload, starts
        touch = payload >> self.layout.code_shift
        again = np.concatenate([[False], touch[1:] == touch[:-1]])
        again[starts[:-1]] = False
        found = int(np.count_nonzero(again))
        if not found:
            return keys, payload, starts
        if self.duplicates == "error":
            raise BadInput(
                f"{found:,} rows or more stand there twice: the same journey, moment and player.",
                hint="Leave them out, or let duplicates='drop' count them once.",
            )
        self._found[Found.DUPLICATES, number] = found
        lengths = np.add.reduceat((~again).astype(np.int64), starts[:-1])
        first = np.flatnonzero(~again)
        return keys[first], np.bitwise_or.reduceat(payload, first), starts_of(lengths)

    def _walks(self, keys: Keys, payload: Ints, starts: Ints) -> Walks:
        layout = self.layout
        converted = _anywhere(payload & 1, starts)
        codes = payload >> layout.code_shift
        codes &= (1 << layout.code_bits) - 1
        return Walks(
            players=layout.players,
            codes=codes,
            starts=starts,
            count=np.ones(len(keys), dtype=np.int64),
            converted_ppm=converted * PPM,
            value_micros=np.zeros(len(keys), dtype=np.int64),
            key=keys,
        )

    def _journeys(self, keys: Keys, payload: Ints, starts: Ints) -> Journeys:
        layout = self.layout
        walks = self._walks(keys, payload, starts)
        at_us = (payload >> layout.time_shift) + layout.first_us

        def flag(name: str) -> NDArray[np.bool_]:
            return (payload >> layout.flag_shift(name) & 1).astype(bool)

        def known(name: str, of: Callable[[str], bool]) -> NDArray[np.bool_]:
            if name in layout.flags:
                return flag(name)
            yes: NDArray[np.bool_] = np.array([of(player) for player in layout.players])[walks.codes]
            return yes

        return Journeys(
            **vars(walks),
            at_us=at_us,
            converted_us=at_us[starts[1:] - 1] if len(keys) else at_us,
            is_direct=known("direct", is_direct),
            is_paid=known("paid", is_paid),
            is_lead=flag("lead") if "lead" in layout.flags else None,
            is_opportunity=flag("opportunity") if "opportunity" in layout.flags else None,
        )

    def _brought(self, walks: Walks, number: int) -> dict[str, Ints]:
        """What the facts say of conversions: their probability and value."""
        ppm = walks.converted_ppm
        if "p" in self.facts:
            p = self._fact("p", walks, number)
            if bool(np.any((p < 0) | (p > 1))):
                raise BadInput(
                    f"Column {self.touches.columns.p!r} holds {p[(p < 0) | (p > 1)][0]:g}, which is no probability.",
                    hint="Give numbers of 0 to 1.",
                )
            ppm = np.where(ppm > 0, np.rint(np.where(np.isnan(p), 1.0, p) * PPM).astype(np.int64), 0)
        if "value" not in self.facts:
            return {"converted_ppm": ppm}
        value = self._fact("value", walks, number)
        self._check_value(value)
        idle = int(np.count_nonzero(~np.isnan(value) & (ppm == 0)))
        self._found[Found.VALUE_WITHOUT_CONVERSION, number] = max(
            idle, self._found.get((Found.VALUE_WITHOUT_CONVERSION, number), 0)
        )
        value = np.where(ppm > 0, np.nan_to_num(value), 0.0)
        return {"converted_ppm": ppm, "value_micros": np.rint(value * ppm).astype(np.int64)}

    def _check_value(self, value: NDArray[np.float64]) -> None:
        """Values are added up in millionths, as whole numbers of 64 bits."""
        most = float(np.nanmax(np.abs(value), initial=0.0))
        if most > MOST_VALUE:
            raise BadInput(
                f"Column {self.touches.columns.value!r} holds {most:g}, which is no amount of money.",
                hint="Leave it out, or give values in a larger unit, such as thousands.",
            )

    def _fact(self, name: str, journeys: Walks, number: int) -> NDArray[np.float64]:
        """A fact of each journey, NaN where it has none. Raises BadInput where its rows disagree."""
        keys, bits = self.facts[name].partition(number)
        values = bits.view(np.float64)
        self._digests[name, number] = _digest(keys, bits)
        known = np.full(len(journeys), np.nan)
        if not len(journeys):
            return known
        ranks, wanted = _ranks(journeys.key), _ranks(keys)
        if not bool(np.all(ranks[1:] > ranks[:-1])):
            ranks, wanted = journeys.key, keys
        at = np.minimum(np.searchsorted(ranks, wanted), len(journeys) - 1)
        theirs = journeys.key[at] == keys
        if name == "value":
            strangers = len(keys) - int(np.count_nonzero(theirs))
            self._found.setdefault((Found.VALUE_WITHOUT_CONVERSION, number), strangers)
        at, keys, values = at[theirs], keys[theirs], values[theirs]
        known[at] = values
        wrong = np.flatnonzero(known[at] != values)
        if len(wrong):
            raise self._disagree(name, keys[wrong[0]])
        return known

    def _disagree(self, name: str, key: np.uint64) -> BadInput:
        columns = self.touches.columns
        journey = quoted(columns.journey)
        found = self.touches.ask(
            f"SELECT {journey} FROM {self.touches.source} WHERE hash({journey}) = {int(key)} LIMIT 1"  # noqa: S608
        )
        return BadInput(
            f"The rows of journey {found[0][0]!r} disagree about {getattr(columns, name)!r}.",
            hint="A journey has one: give it on one row, or the same on each.",
        )

    def _until(self, journeys: Journeys, converted_at: NDArray[np.float64], number: int) -> Journeys:
        """Touches after the conversion are no part of its journey."""
        known = ~np.isnan(converted_at)
        until = np.where(known, np.nan_to_num(converted_at), np.iinfo(np.int64).max / 2).astype(np.int64)
        late = journeys.at_us > np.repeat(until, journeys.lengths)
        self._found[Found.AFTER_CONVERSION, number] = int(np.count_nonzero(late))
        converted_us = np.where(known, until, journeys.converted_us)
        if len(journeys):
            left = np.add.reduceat((~late).astype(np.int64), journeys.starts[:-1])
            gone = int(np.count_nonzero((left == 0) & (journeys.converted_ppm > 0)))
            self._found[Found.CONVERSION_BEFORE_TOUCHES, number] = gone
        return without_touches(_replaced(journeys, {"converted_us": converted_us}), late)


def _replaced(walks: W, changed: Mapping[str, Any]) -> W:
    return type(walks)(**{**vars(walks), **changed})


def _anywhere(flags: Ints, starts: Ints) -> Ints:
    """For each journey 1 where any of its flags is 1; quick where the flags of a journey agree, as they mostly do."""
    inner = starts[1:-1]
    changes, between = np.count_nonzero(flags[1:] != flags[:-1]), np.count_nonzero(flags[inner] != flags[inner - 1])
    if changes == between:
        return flags[starts[:-1]]
    anywhere: Ints = np.bitwise_or.reduceat(flags, starts[:-1])
    return anywhere


def _placed(chosen: NDArray[np.bool_], column: Ints) -> Ints:
    """A column of the chosen among all, 0 for the others."""
    placed = np.zeros(len(chosen), dtype=np.int64)
    placed[chosen] = column
    return placed


def without_touches(journeys: Journeys, gone: NDArray[np.bool_]) -> Journeys:
    """The journeys without these touches; one that has none left is left out."""
    if not bool(np.any(gone)):
        return journeys
    kept = ~gone
    lengths = np.add.reduceat(kept.astype(np.int64), journeys.starts[:-1])
    of_touch = {"codes", "at_us", "is_direct", "is_paid", "is_lead", "is_opportunity"}
    of_journey = {"count", "converted_ppm", "value_micros", "converted_us", "key"}
    changed: dict[str, Any] = {"starts": starts_of(lengths[lengths > 0])}
    for name, column in vars(journeys).items():
        if column is not None and name in of_touch | of_journey:
            changed[name] = column[kept if name in of_touch else lengths > 0]
    return _replaced(journeys, changed)


def _digest(keys: Keys, payload: Ints) -> int:
    mixed = payload.view(np.uint64) * _MIX[0]
    mixed ^= keys
    mixed *= _MIX[1]
    mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64))


def _ranks(keys: Keys) -> NDArray[np.uint64]:
    """The order in which `group` puts journeys, as a number."""
    return ((keys & np.uint64(0xFFFF)) << np.uint64(16)) | ((keys >> np.uint64(16)) & np.uint64(0xFFFF))


def read_once(touches: Touches, layout: Layout, *, duplicates: str, memory_bytes: int) -> OnePass:
    """Streams the table. Raises BadInput for a row without journey or time, naming it."""
    if duplicates not in DUPLICATES:
        raise BadInput(f"duplicates={duplicates!r} is no rule.", hint=f"Choose one of: {', '.join(DUPLICATES)}.")
    partitions = Partitions(layout.rows, memory_bytes)
    names = [name for name in ("value", "p", "converted_at") if getattr(touches.columns, name)]
    facts = {name: Partitions(layout.rows, memory_bytes) for name in names}
    for keys, payload, columns in _batches(touches, layout):
        partitions.add(keys, payload)
        for name, column in zip(names, columns, strict=True):
            facts[name].add(keys[column[0]], column[1].view(np.int64))
    for one in (partitions, *facts.values()):
        one.flush()
    return OnePass(touches, layout, duplicates, partitions, facts)


_Given = tuple[Ints, NDArray[np.float64]]  # the rows that have a fact, and what it is there


def _batches(touches: Touches, layout: Layout) -> Iterator[tuple[Keys, Ints, list[_Given]]]:
    for columns in _streamed(touches, layout):
        if columns[1].null_count:
            break
        keys, payload = (np.asarray(column.buffer(1))[_span(column)] for column in columns[:2])
        yield keys, payload, [_given(column) for column in columns[2:]]
    else:
        return
    raise _row_without(touches)  # only now: an unfinished stream holds the engine


def _streamed(touches: Touches, layout: Layout) -> Iterator[list[Any]]:
    with reading():
        for batch in c_array_stream(touches.engine.sql(packing_sql(touches, layout))):
            yield list(batch.view().children)


def _span(column: Any) -> slice:
    return slice(column.offset, column.offset + column.length)


def _given(column: Any) -> _Given:
    values = np.asarray(column.buffer(1))[_span(column)]
    if column.null_count:
        valid = np.unpackbits(np.asarray(column.buffer(0)).view(np.uint8), bitorder="little")[_span(column)]
        rows = np.flatnonzero(valid)
    else:
        rows = np.arange(len(values))
    values = values[rows]
    numbers = ~np.isnan(values)
    return (rows, values) if bool(np.all(numbers)) else (rows[numbers], values[numbers])


def _row_without(touches: Touches) -> BadInput:
    columns = touches.columns
    for column, what in ((columns.journey, "journey"), (columns.at, "time"), (columns.player, "player")):
        row = first_row(touches, f"{quoted(column)} IS NULL")
        if row:
            return BadInput(
                f"Row {row:,} has no {what}: {column!r} is empty there.",
                hint="Leave such rows out: a touch without it belongs nowhere.",
            )
    return BadInput("A row cannot be read as a touch.", hint="Check its journey, time and player.")
