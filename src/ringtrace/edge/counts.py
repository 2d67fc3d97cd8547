"""What the edge counts: answers and refusals, for `/metrics` and, by site, for the journal."""

from __future__ import annotations

from collections import Counter, defaultdict

from ringtrace.core.ids import new_id
from ringtrace.core.refusals import Refusal
from ringtrace.wire.journal import RefusalsCounted

_SiteKey = tuple[str, str]  # company id, site id; "" where not known


class Counts:
    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str]] = Counter()
        self._unsaid: defaultdict[_SiteKey, Counter[str]] = defaultdict(Counter)

    def answered(self, door: str, refusal: Refusal | None) -> None:
        self._answers[door, refusal.value if refusal else "ok"] += 1

    def refused(self, refusal: Refusal, company_id: str = "", site_id: str = "") -> None:
        self._unsaid[company_id, site_id][refusal.value] += 1

    def take_events(self, now_ms: int) -> list[RefusalsCounted]:
        """The refusals since the last time, one event a site, to be journalled."""
        unsaid, self._unsaid = self._unsaid, defaultdict(Counter)
        return [
            RefusalsCounted(
                event_id=new_id("ev", now_ms),
                at_ms=now_ms,
                company_id=company_id,
                site_id=site_id,
                counts=dict(counts),
            )
            for (company_id, site_id), counts in unsaid.items()
        ]

    def put_back(self, event: RefusalsCounted) -> None:
        """Counts again what the journal did not take."""
        self._unsaid[event.company_id, event.site_id].update(event.counts)

    def exposition(self, more: dict[str, int]) -> bytes:
        """Prometheus text format 0.0.4; `more` are single values by name."""
        lines = ["# TYPE ringtrace_edge_answers_total counter"]
        for (door, result), count in sorted(self._answers.items()):
            lines.append(f'ringtrace_edge_answers_total{{door="{door}",result="{result}"}} {count}')
        for name, value in more.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# TYPE ringtrace_edge_{name} {kind}", f"ringtrace_edge_{name} {value}"]
        return ("\n".join(lines) + "\n").encode()
