"""How a touch is packed into one integer: time, player, flags; and the SQL that packs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringtrace.attribution.touches import Touches, quoted
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import PAID_CHANNELS

OTHER = "(other)"
_FLAGS = ("direct", "paid", "lead", "opportunity")
_LISTED = 256  # players looked up in a list; more, in a table
_DIRECT = frozenset({"direct", "(direct)", "direct / none", "(direct) / (none)"})
_PAID = frozenset(channel.value.lower() for channel in PAID_CHANNELS)
_PAYLOAD_BITS = 62
_EPOCH_BITS = 51  # microseconds since 1970, until 2041
_OFFSETS = r"\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|UTC|[+-]\d\d(:?\d\d)?|[A-Za-z]+/[A-Za-z_/]+)\s*$"


def is_direct(channel: str) -> bool:
    """Whether a channel is nobody's sending, by the names in use."""
    return channel.lower() in _DIRECT


def is_paid(channel: str) -> bool:
    """Whether a channel is paid for: Google Analytics 4's paid groups, or any name that begins with "paid"."""
    return channel.lower() in _PAID or channel.lower().startswith("paid")


@dataclass(frozen=True)
class Layout:
    """From the lowest bit: converted, the flags in `flags`, the player's code, the time since `first_us`."""

    players: tuple[str, ...]
    first_us: int
    code_bits: int
    flags: tuple[str, ...]
    rows: int
    pooled: bool
    null_as: str | None

    @property
    def code_shift(self) -> int:
        return 1 + len(self.flags)

    @property
    def time_shift(self) -> int:
        return self.code_shift + self.code_bits

    def flag_shift(self, flag: str) -> int:
        return 1 + self.flags.index(flag)


def lay_out(touches: Touches, *, top: int | None, null_as: str | None) -> Layout:
    """Looks at the table once: its players, its span, its size. Raises BadInput for what cannot be laid out."""
    rows = int(touches.ask(f"SELECT count(*) FROM {touches.source}")[0][0])  # noqa: S608
    if not rows:
        raise BadInput("The table has no rows.", hint="Check the path, or the filter before it.")
    _check_zones(touches)
    _check_converted(touches)
    players, pooled = _players(touches, top, null_as)
    code_bits, flags = max((len(players) - 1).bit_length(), 1), _flags(touches)
    first_us = _first_us(touches, 1 + len(flags) + code_bits)
    return Layout(players, first_us, code_bits, flags, rows, pooled, null_as)


def _first_us(touches: Touches, low_bits: int) -> int:
    """From when times are counted: from 1970 where they fit above so many bits, else from the first."""
    if low_bits + _EPOCH_BITS <= _PAYLOAD_BITS:
        return 0
    column = touches.at_us
    first_us, last_us = touches.ask(f"SELECT min({column}), max({column}) FROM {touches.source}")[0]  # noqa: S608
    if first_us is None:
        return 0
    if low_bits + (int(last_us) - int(first_us)).bit_length() > _PAYLOAD_BITS:
        raise BadInput(
            f"The times span {(int(last_us) - int(first_us)) / 3.156e13:,.0f} years with very many players.",
            hint="Is a time wrong? Else pool the rare players with top=.",
        )
    return int(first_us)


def _flags(touches: Touches) -> tuple[str, ...]:
    columns = touches.columns
    wanted = {"lead": columns.lead, "opportunity": columns.opportunity}
    by_channel = columns.channel is not None and columns.channel != columns.player
    return tuple(flag for flag in _FLAGS if wanted.get(flag) or (by_channel and flag in ("direct", "paid")))


def _players(touches: Touches, top: int | None, null_as: str | None) -> tuple[tuple[str, ...], bool]:
    name = quoted(touches.columns.player)
    if top is None:
        found = [row[0] for row in touches.ask(f"SELECT DISTINCT {name}::VARCHAR FROM {touches.source}")]  # noqa: S608
        return _named(touches, found, null_as), False
    if top < 1:
        raise BadInput(f"top={top} leaves nobody.", hint="Give 1 or more, such as 30.")
    counted = touches.ask(
        f"SELECT {name}::VARCHAR AS player, count(*) AS n FROM {touches.source} GROUP BY 1 ORDER BY n DESC, player"  # noqa: S608
    )
    _named(touches, [row[0] for row in counted], null_as)  # nobody without a name is pooled in silence
    kept = [row[0] for row in counted if row[0] != OTHER][:top]
    names = _named(touches, kept, null_as)
    return (names, False) if len(counted) == len(kept) else ((*names, OTHER), True)


def _named(touches: Touches, found: Sequence[str | None], null_as: str | None) -> tuple[str, ...]:
    names = {one for one in found if one is not None}
    if len(names) < len(found) and null_as is None:
        row = first_row(touches, f"{quoted(touches.columns.player)} IS NULL")
        raise BadInput(
            f"Row {row:,} has no {touches.columns.player!r}: nobody could be credited for it.",
            hint="Leave such rows out, or give them a name with null_as=, such as '(none)'.",
        )
    return tuple(sorted(names | {null_as} if null_as is not None and None in found else names))


def first_row(touches: Touches, condition: str) -> int:
    """The number of the first row, from 1, where a condition of SQL holds."""
    rows = touches.ask(
        f"SELECT min(_rt_row) FROM (SELECT row_number() OVER () AS _rt_row, * FROM {touches.source}) WHERE {condition}"  # noqa: S608
    )
    return int(rows[0][0] or 0)


def _check_converted(touches: Touches) -> None:
    """Numbers that are neither 0 nor 1 may be counts, values or chances: nobody can know."""
    name = touches.columns.converted
    if touches.types[name] == "BOOLEAN":
        return
    odd = f"{quoted(name)} NOT IN (0, 1) AND {quoted(name)} = {quoted(name)}"
    found = touches.ask(f"SELECT min({quoted(name)}) FROM {touches.source} WHERE {odd}")[0][0]  # noqa: S608
    if found is not None:
        raise BadInput(
            f"Column {name!r} holds {found:g}, first in row {first_row(touches, odd):,}: it can only be 0 or 1.",
            hint="Say what converted by 0 and 1; give chances as p=, money as value=, and one journey a conversion.",
        )


def _check_zones(touches: Touches) -> None:
    for column in filter(None, (touches.columns.at, touches.columns.converted_at)):
        if touches.types[column] != "VARCHAR":
            continue
        zoned = f"regexp_matches({quoted(column)}, '{_OFFSETS}')"
        with_zone, without = touches.ask(
            f"SELECT count(*) FILTER ({zoned}), count(*) FILTER (NOT {zoned}) FROM {touches.source}"  # noqa: S608
        )[0]
        if with_zone and without:
            raise BadInput(
                f"Column {column!r} mixes times with a zone (first in row {first_row(touches, zoned):,}) and times "
                f"without one (first in row {first_row(touches, f'NOT {zoned}'):,}).",
                hint="Write all of them in UTC, or all with their offset, such as 2026-11-24T09:30:00+01:00.",
            )


def packing_sql(touches: Touches, layout: Layout) -> str:
    """SQL of the stream: `key`, `payload` (NULL where journey, time or player is), then a column each fact.

    Facts (value, p, converted_at) are doubles and integers that only some rows have.
    """
    columns = touches.columns
    journey = quoted(columns.journey)
    source, code = _coded(touches, layout)
    converted = f"coalesce({quoted(columns.converted)}::BIGINT <> 0, false)::BIGINT"
    bits = [
        f"(({touches.at_us} - {layout.first_us}) << {layout.time_shift})",
        f"({code} << {layout.code_shift})",
        converted,
    ]
    bits += [f"({_flag_sql(touches, flag)}::BIGINT << {layout.flag_shift(flag)})" for flag in layout.flags]
    payload = f"CASE WHEN {journey} IS NULL THEN NULL ELSE {' | '.join(bits)} END"
    facts = [f"{quoted(columns.value)}::DOUBLE AS value"] if columns.value else []
    facts += [f"{quoted(columns.p)}::DOUBLE AS p"] if columns.p else []
    facts += [f"{touches.moment(columns.converted_at)}::DOUBLE AS converted_at"] if columns.converted_at else []
    return f"SELECT {', '.join([f'hash({journey}) AS key', f'{payload} AS payload', *facts])} FROM {source}"  # noqa: S608


def _coded(touches: Touches, layout: Layout) -> tuple[str, str]:
    """Where rows come from, and SQL of a row's player code."""
    name = f"{quoted(touches.columns.player)}::VARCHAR"
    if layout.null_as is not None:
        name = f"coalesce({name}, {_text(layout.null_as)})"
    other = len(layout.players) - 1
    if len(layout.players) <= _LISTED:
        listed = "[" + ", ".join(map(_text, layout.players)) + "]"
        code = f"list_position({listed}, {name}) - 1"
        return touches.source, f"coalesce({code}, {other})::BIGINT" if layout.pooled else f"({code})::BIGINT"
    touches.engine.execute("CREATE OR REPLACE TEMP TABLE player_codes (_rt_code BIGINT, _rt_name VARCHAR)")
    touches.engine.execute("INSERT INTO player_codes SELECT unnest(range(len($1))), unnest($1)", [list(layout.players)])
    source = f"{touches.source} LEFT JOIN player_codes ON player_codes._rt_name = {name}"
    return source, f"coalesce(player_codes._rt_code, {other})" if layout.pooled else "player_codes._rt_code"


def _flag_sql(touches: Touches, flag: str) -> str:
    columns = touches.columns
    channel = f"lower({quoted(columns.channel or columns.player)}::VARCHAR)"
    if flag == "direct":
        return f"coalesce({channel} IN ({', '.join(map(_text, sorted(_DIRECT)))}), false)"
    if flag == "paid":
        return f"coalesce({channel} IN ({', '.join(map(_text, sorted(_PAID)))}) OR {channel} LIKE 'paid%', false)"
    column = columns.lead if flag == "lead" else columns.opportunity
    return f"coalesce({quoted(column or '')}::BOOLEAN, false)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
