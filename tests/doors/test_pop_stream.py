"""Who waits for a change is woken by it, and by nothing else."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pytest

from ringtrace.web.pop_stream import LedgerLook, Life, Notifier, Stream


class Book:
    """Marks that stand where they are put."""

    def __init__(self) -> None:
        self.marks = {"a": "1", "b": "1"}
        self.asked: list[frozenset[str]] = []

    def __call__(self, company_ids: Collection[str]) -> dict[str, str]:
        self.asked.append(frozenset(company_ids))
        return {one: self.marks[one] for one in company_ids}


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.secs = 0.0

    def __call__(self) -> float:
        return self.secs


def test_it_wakes_who_waits_from_another_thread() -> None:
    book = Book()
    notifier = Notifier(book, starts=False)
    notifier.join("a")
    notifier.look_once()
    woken: list[str] = []
    waiting = threading.Thread(target=lambda: woken.append(notifier.wait("a", "1", 30)))
    waiting.start()
    book.marks["a"] = "2"
    notifier.look_once()
    waiting.join(30)
    assert woken == ["2"]


def test_it_asks_only_for_those_that_somebody_listens_for() -> None:
    book = Book()
    notifier = Notifier(book, starts=False)
    notifier.join("a")
    notifier.look_once()
    notifier.join("b")
    notifier.leave("a")
    notifier.look_once()
    assert book.asked == [frozenset("a"), frozenset("b")]


def test_its_thread_ends_with_the_last_listener_and_begins_with_the_next() -> None:
    book = Book()
    gone = threading.Event()
    notifier = Notifier(book, pause=lambda _secs: gone.wait(30))
    for _ in range(2):
        gone.clear()
        notifier.join("a")
        (thread,) = [one for one in threading.enumerate() if one.name == "calls"]
        notifier.leave("a")
        gone.set()
        thread.join(30)
        assert not thread.is_alive()


def test_a_stream_lives_for_its_time_and_says_that_it_is_there() -> None:
    clock, notifier = Hand(), Notifier(Book(), starts=False)
    notifier.join("a")
    stream = Stream(notifier, "a", "1", lambda: True, Life(secs=60, beat_secs=0, clock=clock))
    assert [next(stream), next(stream)] == [b"retry: 1000\n\n", b": still here\n\n"]
    clock.secs = 61
    assert list(stream) == []
    assert notifier.listeners == 0


def test_a_stream_that_was_never_read_leaves_when_it_is_closed() -> None:
    notifier = Notifier(Book(), starts=False)
    notifier.join("a")
    stream = Stream(notifier, "a", "", lambda: True)
    stream.close()
    stream.close()
    assert notifier.listeners == 0


@pytest.mark.django_db
def test_the_ledger_is_asked_again_for_a_company_that_is_new() -> None:
    look = LedgerLook()
    assert look(["a"]) == {"a": "0.0"}
    assert look(["a", "b"]) == {"a": "0.0", "b": "0.0"}
