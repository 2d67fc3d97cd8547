"""Every company of a person in one table: each asked of the lake by itself, in its own days and its own currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from ringtrace.reports.explore import Answer, Question, explore
from ringtrace.reports.questions import Scope
from ringtrace.web.alerts import open_alerts
from ringtrace.web.counting import main_definition
from ringtrace.web.models import Company
from ringtrace.web.spans import Span

_METRICS = ("calls", "answered_calls", "qualified_calls", "answer_rate", "sales", "revenue", "spend", "roas")
COLUMNS = (  # metric, title, how it is written, why it may be unknown
    ("calls", "Calls", "count", "no call came"),
    ("qualified_calls", "Qualified", "count", "no call came"),
    ("answer_rate", "Answered", "percent", "no call came"),
    ("sales", "Sales", "count", "no sale is known"),
    ("revenue", "Revenue", "money_whole", "no sale has a known value"),
    ("spend", "Cost", "money_whole", "no spend is known"),
    ("roas", "ROAS", "ratio", "no spend is known, or no sale has a known value"),
)
_LESS_IS_BETTER = frozenset({"spend"})
_ADDED = ("calls", "answered_calls", "qualified_calls", "sales", "revenue", "spend")


class Cell(Struct, frozen=True, kw_only=True):
    """A figure and what it was before; None: unknown, and `why` says why. `of`: how many companies it could be added
    over, where not over all."""

    how: str
    now: float | None
    before: float | None
    why: str
    less_is_better: bool = False
    of: int | None = None

    @property
    def change(self) -> float | None:
        """As a share of what it was; of shares, the difference."""
        if self.now is None or self.before is None:
            return None
        if self.how == "percent":
            return self.now - self.before
        return (self.now - self.before) / self.before if self.before else None

    @property
    def mood(self) -> str:
        if self.change is None or abs(self.change) < 0.005 or self.less_is_better:
            return "even"
        return "good" if self.change > 0 else "bad"


class CompanyLine(Struct, frozen=True, kw_only=True):
    """`curve`: calls by day, as points of a line in a box of 100 by 24; "" where there were none."""

    company_id: str
    name: str
    currency: str
    cells: tuple[Cell, ...]
    curve: str
    may_own: bool
    alerts: int


class Total(Struct, frozen=True, kw_only=True):
    """All companies of one currency."""

    currency: str
    companies: int
    cells: tuple[Cell, ...]


class Glanced(Struct, frozen=True, kw_only=True):
    lines: tuple[CompanyLine, ...]
    totals: tuple[Total, ...]


def glance(asked: Iterable[tuple[Company, Scope, Span, bool]], now_ms: int) -> Glanced:
    """Each company with its scope, its span and whether the person owns it."""
    answers = [(company, _ask(company, scope), span, may_own) for company, scope, span, may_own in asked]
    lines = tuple(
        CompanyLine(
            company_id=company.pk,
            name=company.name,
            currency=company.currency,
            cells=_cells(answer),
            curve=_curve(answer, span.dates),
            may_own=may_own,
            alerts=len(open_alerts(company, now_ms)),
        )
        for company, answer, span, may_own in answers
    )
    by_currency: defaultdict[str, list[Answer]] = defaultdict(list)
    for company, answer, _, _ in answers:
        by_currency[company.currency].append(answer)
    totals = (_total(currency, some) for currency, some in sorted(by_currency.items()) if len(some) > 1)
    return Glanced(lines=lines, totals=tuple(totals))


def _ask(company: Company, scope: Scope) -> Answer:
    question = Question(metrics=_METRICS, by=("day",), definition=main_definition(company.pk), compare="before")
    return explore(scope, question)


def _cells(answer: Answer) -> tuple[Cell, ...]:
    figures = answer.totals
    return tuple(
        Cell(
            how=how,
            now=figures[name].value,
            before=figures[name].before,
            why=figures[name].why or why,
            less_is_better=name in _LESS_IS_BETTER,
        )
        for name, _, how, why in COLUMNS
    )


def _total(currency: str, answers: Sequence[Answer]) -> Total:
    now = {name: _sum([answer.totals[name].value for answer in answers]) for name in _ADDED}
    before = {name: _sum([answer.totals[name].before for answer in answers]) for name in _ADDED}
    cells = []
    for name, _, how, why in COLUMNS:
        if name == "answer_rate":
            cell = Cell(how=how, now=_rate(now, "answered_calls", "calls"), before=None, why=why)
        elif name == "roas":
            whole = all(_is_known(now, known, len(answers)) for known in ("revenue", "spend"))
            words = why if whole else "not every company’s revenue and spend are known"
            cell = Cell(how=how, now=_rate(now, "revenue", "spend") if whole else None, before=None, why=words)
        else:
            value, of = now[name]
            same = before[name][1] == of  # a change of companies is no change of theirs
            cell = Cell(
                how=how,
                now=value,
                before=before[name][0] if same else None,
                why=why,
                less_is_better=name in _LESS_IS_BETTER,
                of=of if value is not None and of < len(answers) else None,
            )
        cells.append(cell)
    return Total(currency=currency, companies=len(answers), cells=tuple(cells))


def _sum(values: Sequence[float | None]) -> tuple[float | None, int]:
    """What is known, added up, and of how many."""
    known = [value for value in values if value is not None]
    return (sum(known) if known else None), len(known)


def _is_known(sums: dict[str, tuple[float | None, int]], name: str, companies: int) -> bool:
    return sums[name][1] == companies


def _rate(sums: dict[str, tuple[float | None, int]], part: str, whole: str) -> float | None:
    above, below = sums[part][0], sums[whole][0]
    return above / below if above is not None and below else None


def _curve(answer: Answer, dates: Sequence[date]) -> str:
    calls = {line.values[0]: line.figures["calls"].value or 0 for line in answer.lines}
    values = [float(calls.get(on, 0)) for on in dates]
    most = max(values, default=0.0)
    if not most or len(values) < 2:
        return ""
    step = 100 / (len(values) - 1)
    return " ".join(f"{nth * step:.1f},{22 - 20 * value / most:.1f}" for nth, value in enumerate(values))
