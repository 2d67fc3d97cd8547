"""Any metrics by any dimensions: one question, one answer."""

from __future__ import annotations

from ringtrace.reports.asked import Answer, Compare, Figure, Line, MadeOf, Question, Span, ThinMonth
from ringtrace.reports.questions import Scope

__all__ = ["Answer", "Compare", "Figure", "Line", "MadeOf", "Question", "Span", "ThinMonth", "explore"]


def explore(scope: Scope, question: Question) -> Answer:
    """The answer for a span, in the company's own days. Raises BadInput for what cannot be asked, with a hint."""
    raise NotImplementedError
