"""The SQL of a question: at most one scan of each table that its metrics need, as plain as by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property

from ringtrace.attribution.registry import LEARNERS
from ringtrace.qualification.conditions import Condition
from ringtrace.reports.asked import Question
from ringtrace.reports.dimensions import Dimension, DimensionKind, DimensionValue, ValueKind, find_dimension
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.conditions import Test, Where, where_sql
from ringtrace.reports.metrics.expressions import (
    Atom,
    Count,
    Quantile,
    Spend,
    Sum,
    Unattributed,
    Unmatched,
    Visits,
    in_sql,
)
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import Scope
from ringtrace.reports.zones import date_of, day_number, day_sql, local_ms_sql, time_sql

_PARAMETER = re.compile(r"\$(\w+)")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_CONTACTS = "('call', 'form', 'chat', 'store_visit', 'other')"


class Table(Enum):
    """What is scanned: the fact, and how a person calls what it knows."""

    CREDITS = ("credits", "Responses are")
    VISITS = ("touchpoints", "Visits are")
    SPEND = ("spend", "Spend is")
    UNMATCHED = ("conversions", "What matched nothing is")

    @property
    def fact(self) -> str:
        return self.value[0]

    def knows(self, dimension: Dimension) -> bool:
        match self:
            case Table.CREDITS:
                return True
            case Table.VISITS:
                return dimension.known_of_visits
            case Table.SPEND:
                return dimension.known_of_spend
            case Table.UNMATCHED:
                return dimension.kind is DimensionKind.TIME


def table_of_atom(atom: Atom) -> Table:
    match atom:
        case Visits():
            return Table.VISITS
        case Spend():
            return Table.SPEND
        case Unmatched():
            return Table.UNMATCHED
        case _:
            return Table.CREDITS


def encoded(value: DimensionValue) -> str | int | None:
    """A dimension's value as the SQL has it."""
    return value if isinstance(value, str | int | None) else day_number(value)


def decoded(dimension: Dimension, raw: str | int | None) -> DimensionValue:
    """The value that the SQL's stands for."""
    is_day = dimension.value in (ValueKind.DAY, ValueKind.WEEK, ValueKind.MONTH)
    return date_of(raw) if is_day and isinstance(raw, int) else raw


class Asking:
    """One question about one span, on its way into SQL. Braces stand for what `LakeReader.ask` fills in."""

    def __init__(self, scope: Scope, question: Question) -> None:
        self.scope = scope
        self.question = question
        self.dimensions = [find_dimension(name) for name in question.by]
        self.metrics = [find_metric(name) for name in question.metrics]
        self.atoms: list[Atom] = list(dict.fromkeys(atom for metric in self.metrics for atom in metric.atoms))
        self.columns: dict[Atom, str] = {atom: f"a{place}" for place, atom in enumerate(self.atoms)}
        self.condition: Condition = question.definition.condition
        self.learns = question.model in LEARNERS
        self._values: dict[str, object] = {
            "since_ms": scope.since_ms,
            "until_ms": scope.until_ms,
            "since_on": scope.since_on,
            "until_on": scope.until_on,
        }
        self._filters = [self._bound(nth, one) for nth, one in enumerate(question.filters)]

    @cached_property
    def is_credited(self) -> bool:
        """Whether responses count by the credit of their touches; else each counts as one."""
        asked = [*self.dimensions, *(find_dimension(one.dimension) for one in self.question.filters)]
        return any(dimension.kind is DimensionKind.TOUCH for dimension in asked)

    @property
    def thin(self) -> str:
        """Whether a row is of a month that is too thin for the model."""
        return "{credit} IS NULL" if self.learns else "false"

    @property
    def credit(self) -> str:
        """A row's credit. Thin months have none: there the candidate's probability, in equal parts over its touches."""
        return "coalesce({credit}, p / coalesce(length, 1))" if self.learns else "{credit}"

    def values_of(self, sql: str) -> dict[str, object]:
        """The parameters that a SQL text has. A `$` in a text of somebody's definition is none."""
        return {name: self._values[name] for name in _PARAMETER.findall(_QUOTED.sub("", sql))}

    def unknown_of(self, table: Table) -> str:
        """Why the table cannot answer this question; "" where it can."""
        names = [*self.question.by, *(one.dimension for one in self.question.filters)]
        unknown = [one.title.lower() for one in map(find_dimension, names) if not table.knows(one)]
        return f"{table.value[1]} not known by {' and '.join(dict.fromkeys(unknown))}." if unknown else ""

    def dimension_sql(self, dimension: Dimension, table: Table) -> str:
        match dimension.kind, table:
            case DimensionKind.TIME, Table.SPEND:
                return day_sql(dimension.value, "(on_date - DATE '1970-01-01')")
            case DimensionKind.TIME, _:
                return time_sql(dimension.value, self._local_ms(table))
            case DimensionKind.TOUCH, Table.CREDITS:
                return self._touch_sql(dimension)
            case _ if dimension.name == "new_repeat":
                return "CASE WHEN is_first_call THEN 'new' WHEN NOT is_first_call THEN 'repeat' END"
            case _:
                return dimension.column

    def _touch_sql(self, dimension: Dimension) -> str:
        if not self.learns:
            return dimension.column
        if dimension.name == "reason":
            return "CASE WHEN {credit} IS NULL THEN 'thin' ELSE reason END"
        return f"CASE WHEN {{credit}} IS NOT NULL THEN {dimension.column} END"

    def _local_ms(self, table: Table) -> str:
        return local_ms_sql(at_of(table), self.scope.time_zone, self.scope.since_ms, self.scope.until_ms)

    def dimensions_sql(self, table: Table) -> list[str]:
        """`channel AS d0`, one a dimension."""
        return [f"{self._line_sql(one, table)} AS d{place}" for place, one in enumerate(self.dimensions)]

    def _line_sql(self, dimension: Dimension, table: Table) -> str:
        return "tag" if dimension.name == "tag" else self.dimension_sql(dimension, table)

    @property
    def keys(self) -> list[str]:
        return [f"d{place}" for place in range(len(self.dimensions))]

    def spanned(self, table: Table) -> list[str]:
        """What rows of the span meet the question's filters by."""
        if table is Table.SPEND:
            within = "on_date BETWEEN $since_on AND $until_on"
        else:
            within = f"{at_of(table)} >= $since_ms AND {at_of(table)} < $until_ms"
        return [within, *(bound(table) for bound in self._filters)]

    def _bound(self, nth: int, one: Filter) -> Callable[[Table], str]:
        """The filter as SQL of any table; its values become parameters."""
        known = [encoded(value) for value in one.values if value is not None]
        names = [f"f{nth}_{place}" for place in range(len(known))]
        self._values |= dict(zip(names, known, strict=True))
        return lambda table: self._filter_sql(one, table, [f"${name}" for name in names])

    def _filter_sql(self, one: Filter, table: Table, names: Sequence[str]) -> str:
        dimension = find_dimension(one.dimension)
        column = self.dimension_sql(dimension, table)
        test = _tag_test(one, names) if dimension.name == "tag" else _test(one, column, names)
        return f"NOT {test}" if one.operation is Operation.IS_NOT_IN else test

    def rows_of(self, table: Table, where: Sequence[str]) -> str:
        """`FROM … WHERE …` of a table, a row a tag where it is asked by tags."""
        said = " AND ".join([*self.spanned(table), *where])
        if any(dimension.name == "tag" for dimension in self.dimensions):
            tags = "unnest(CASE WHEN len(tags) > 0 THEN tags ELSE [NULL] END) AS tag"
            return f"FROM (SELECT *, {tags} FROM {{{table.fact}}} WHERE {said})"  # noqa: S608 - values are bound
        return f"FROM {{{table.fact}}} WHERE {said}"

    def where(self, where: Where) -> str:
        return where_sql(where, self.condition)


def at_of(table: Table) -> str:
    """The column with the moment of a row."""
    return "response_ms" if table is Table.UNMATCHED else "at_ms"


def _test(one: Filter, column: str, names: Sequence[str]) -> str:
    """Two-valued: what is unknown is in no list but one that names it."""
    if one.operation is Operation.CONTAINS:
        return f"coalesce(contains(lower({column}), lower({names[0]})), false)"
    known = [f"({column} IS NOT NULL AND {column} IN ({', '.join(names)}))"] if names else []
    unknown = [f"{column} IS NULL"] if None in one.values else []
    return f"({' OR '.join([*known, *unknown])})"


def _tag_test(one: Filter, names: Sequence[str]) -> str:
    if one.operation is Operation.CONTAINS:
        return f"coalesce(contains(lower(array_to_string(tags, chr(10))), lower({names[0]})), false)"
    known = [f"coalesce(list_has_any(tags, [{', '.join(names)}]), false)"] if names else []
    unknown = ["coalesce(len(tags), 0) = 0"] if None in one.values else []
    return f"({' OR '.join([*known, *unknown])})"


def common_tests(atoms: Sequence[Atom]) -> tuple[Test, ...]:
    """What all of them ask, so that it can be asked once."""
    wheres = [getattr(atom, "where", ()) for atom in atoms]
    return tuple(test for test in wheres[0] if all(test in where for where in wheres)) if wheres else ()


class Lines:
    """The SQL that adds up a question's atoms, a row a line: columns d0…, a0… (and b0…, c0…: bounds of quantiles)."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.unknown: dict[Atom, str] = {}
        by_table: dict[Table, list[Atom]] = {}
        for atom in asking.atoms:
            table = table_of_atom(atom)
            if why := asking.unknown_of(table):
                self.unknown[atom] = why
            else:
                by_table.setdefault(table, []).append(atom)
        of_credits = by_table.get(Table.CREDITS, [])
        self.apart = [one for one in of_credits if isinstance(one, Quantile) and self._is_apart()]
        self._by_table = by_table | {Table.CREDITS: [one for one in of_credits if one not in self.apart]}

    def _is_apart(self) -> bool:
        """Whether quantiles need weights or bounds; else they are taken in the same scan."""
        return self.asking.is_credited or self.asking.question.intervals

    @property
    def facts(self) -> list[str]:
        tables = {table for table, atoms in self._by_table.items() if atoms} | (
            {Table.CREDITS} if self.apart else set()
        )
        return [table.fact for table in Table if table in tables]

    @property
    def sql(self) -> str:
        """One SELECT; "" where nothing that is asked can be known."""
        members = list(self._members())
        if len(members) < 2:
            return members[0] if members else ""
        keys = self.asking.keys
        sums = ", ".join([*keys, *self._merged()])
        union = " UNION ALL BY NAME ".join(members)
        return f"SELECT {sums} FROM ({union}) {'GROUP BY ' + ', '.join(keys) if keys else ''}"  # noqa: S608

    def _merged(self) -> Iterator[str]:
        for atom, column in self.asking.columns.items():
            if atom in self.unknown:
                continue
            if isinstance(atom, Quantile):
                yield f"max({column}) AS {column}"
            else:
                yield f"{f'coalesce(sum({column}), 0)' if is_never_unknown(atom) else f'sum({column})'} AS {column}"
            if atom in self.apart and self.asking.question.intervals:
                yield from (f"max({bound}) AS {bound}" for bound in bounds_of(column))

    def _members(self) -> Iterator[str]:
        makers: Mapping[Table, Callable[[list[Atom]], str]] = {
            Table.CREDITS: self._of_credits,
            Table.VISITS: self._of_visits,
            Table.SPEND: self._of_spend,
            Table.UNMATCHED: self._of_unmatched,
        }
        for table, make in makers.items():
            if atoms := self._by_table.get(table):
                yield make(atoms)
        for atom in self.apart:
            yield self._of_quantile(atom)

    def _select(self, table: Table, sums: Sequence[str], where: Sequence[str]) -> str:
        asking = self.asking
        grouped = f" GROUP BY {', '.join(asking.keys)}" if asking.keys else ""
        said = ", ".join([*asking.dimensions_sql(table), *sums])
        return f"SELECT {said} {asking.rows_of(table, where)}{grouped}"

    def _of_credits(self, atoms: list[Atom]) -> str:
        asking = self.asking
        common = common_tests(atoms)
        adding = Adding(asking, all_rows=any(isinstance(atom, Unattributed) for atom in atoms), common=common)
        sums = [f"{adding.sql(atom)} AS {asking.columns[atom]}" for atom in atoms]
        return self._select(Table.CREDITS, sums, [*adding.where, *([asking.where(common)] if common else [])])

    def _of_visits(self, atoms: list[Atom]) -> str:
        sums = [f"count(*) AS {self.asking.columns[atom]}" for atom in atoms]
        return self._select(Table.VISITS, sums, ["kind = 'visit'"])

    def _of_spend(self, atoms: list[Atom]) -> str:
        sums = [
            f"sum({atom.column}){_filter([f'{atom.known} IS NOT NULL'] if atom.known else [])}"
            f" AS {self.asking.columns[atom]}"
            for atom in atoms
            if isinstance(atom, Spend)
        ]
        return self._select(Table.SPEND, sums, [])

    def _of_unmatched(self, atoms: list[Atom]) -> str:
        sums = [
            f"{'sum(value_cents)' if atom.is_value else 'count(*)'} FILTER (WHERE kind = '{atom.kind}')"
            f" AS {self.asking.columns[atom]}"
            for atom in atoms
            if isinstance(atom, Unmatched)
        ]
        return self._select(Table.UNMATCHED, sums, [UNMATCHED])

    def _of_quantile(self, atom: Quantile) -> str:
        asking, column = self.asking, self.asking.columns[atom]
        keys = asking.keys
        weight = asking.credit if asking.is_credited else "1::DOUBLE"
        where = [weights_above_none(asking), asking.where(atom.where), f"{atom.column} IS NOT NULL"]
        inner = self._select(Table.CREDITS, [f"{atom.column} AS v", f"sum({weight}) AS w"], where)
        inner = f"{inner}, v" if keys else f"{inner} GROUP BY v"
        line = f"PARTITION BY {', '.join(keys)}" if keys else ""
        running = f"sum(w) OVER ({line} ORDER BY v) AS upto, sum(w) OVER ({line}) AS n"
        picked = [f"min(v) FILTER (WHERE upto >= {atom.q} * n - 1e-9) AS {column}"]
        if asking.question.intervals:
            low, high = bounds_of(column)
            rank, spread = f"n * {atom.q}", f"1.959964 * sqrt(n * {atom.q * (1 - atom.q)})"
            first, last = f"round({rank} - {spread})", f"round({rank} + {spread} + 1)"
            picked.append(f"CASE WHEN max({first}) >= 1 THEN min(v) FILTER (WHERE upto >= {first} - 1e-9) END AS {low}")
            picked.append(f"min(v) FILTER (WHERE upto >= {last} - 1e-9) AS {high}")
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        return f"SELECT {', '.join([*keys, *picked])} FROM (SELECT *, {running} FROM ({inner})){grouped}"  # noqa: S608


UNMATCHED = f"response_id = conversion_id AND call_id IS NULL AND kind NOT IN {_CONTACTS}"


def weights_above_none(asking: Asking) -> str:
    """The rows that count: of touches those with credit, of responses one each."""
    return f"{asking.credit} > 0" if asking.is_credited else "head"


def bounds_of(column: str) -> tuple[str, str]:
    """The columns of a quantile's interval: b0 and c0 of a0."""
    return f"b{column[1:]}", f"c{column[1:]}"


def is_never_unknown(atom: Atom) -> bool:
    """Whether it is 0 where nothing was counted."""
    match atom:
        case Count() | Visits() | Unattributed():
            return True
        case Sum():
            return atom.is_count
        case Unmatched():
            return not atom.is_value
        case _:
            return False


class Adding:
    """How the atoms of `credits` are added up in one scan; `common` is asked of every row already."""

    def __init__(self, asking: Asking, *, all_rows: bool, common: Where) -> None:
        self._asking = asking
        self._common = common
        self._heads = all_rows and not asking.is_credited  # rows of the credit as well as one row a response
        self.where = [] if self._heads else [weights_above_none(asking)]

    def sql(self, atom: Atom) -> str:
        asking = self._asking
        where = tuple(test for test in getattr(atom, "where", ()) if test not in self._common)
        match atom:
            case Unattributed(reason):
                unattributed = unattributed_sql(asking, reason)
                return f"coalesce(sum({asking.credit}){_filter([unattributed, *self._said(where)])}, 0)"
            case Count() if asking.is_credited:
                return f"coalesce(sum({asking.credit}){_filter(self._said(where))}, 0)"
            case Count():
                return f"count(*){_filter([*self._head(), *self._said(where)])}"
            case Sum(column):
                added = f"{asking.credit} * {column}" if asking.is_credited else column
                said = f"sum({added}){_filter([*self._head(), *self._said(where)])}"
                return f"coalesce({said}, 0)" if atom.is_count else said
            case Quantile(column, q):
                return f"quantile_disc({column}, {q}){_filter([*self._head(), *self._said(where)])}"
            case _:
                raise TypeError(f"{atom} is not of credits")

    def _head(self) -> list[str]:
        return ["head"] if self._heads else []

    def _said(self, where: Where) -> list[str]:
        return [self._asking.where(where)] if where else []


def unattributed_sql(asking: Asking, reason: str | None) -> str:
    match reason:
        case None:
            return f"(reason IS NOT NULL OR {asking.thin})"
        case "thin":
            return f"({asking.thin})"
        case _:
            return f"(reason IS NOT NULL AND reason = '{reason}' AND NOT {asking.thin})"


def _filter(tests: Sequence[str]) -> str:
    return f" FILTER (WHERE {' AND '.join(tests)})" if tests else ""


def ordered(asking: Asking, lines: Lines, *, totals: bool, limit: int) -> str:
    """The lines in the question's order, with `line_count`, and with totals t0… where they are sums of the lines."""
    sums = [f"sum({column}) OVER () AS t{column[1:]}" for atom, column in asking.columns.items() if totals]
    said = ", ".join(["*", "count(*) OVER () AS line_count", *sums])
    order = ", ".join(_order(asking, lines))
    cut = f" LIMIT {limit}" if limit else ""
    return f"SELECT {said} FROM ({lines.sql}) ORDER BY {order}{cut}"  # noqa: S608 - values are bound


def _order(asking: Asking, lines: Lines) -> Iterator[str]:
    name = asking.question.order.removeprefix("-")
    ties = [f"{key} NULLS LAST" for key in asking.keys]
    columns = asking.columns | dict.fromkeys(lines.unknown, "NULL")
    if name in asking.question.by:
        yield f"d{asking.question.by.index(name)} {'DESC' if asking.question.order[0] == '-' else 'ASC'} NULLS LAST"
    elif name:
        direction = "DESC" if asking.question.order[0] == "-" else "ASC"
        yield f"{in_sql(find_metric(name).formula, columns)}::DOUBLE {direction} NULLS LAST"
    elif asking.dimensions[0].kind is not DimensionKind.TIME:
        yield " AND ".join(f"{key} IS NULL" for key in asking.keys)
        yield f"{in_sql(asking.metrics[0].formula, columns)}::DOUBLE DESC NULLS LAST"
    yield from ties
