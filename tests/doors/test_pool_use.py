"""A pool's page and a number's: use by hour, how many numbers are enough, and numbers that were copied somewhere."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS, wall_clock
from ringtrace.core.ids import new_id
from ringtrace.core.refusals import Refusal
from ringtrace.flows.interpreter import ring_flow
from ringtrace.pools.occupancy import taken_by_hour
from ringtrace.pools.sizing import blocking, load_of, numbers_needed
from ringtrace.web import pool_use
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.models import CallRow, LeaseRow, RefusalRow, TrackingNumber, VisitRow
from ringtrace.web.pasted import pasted_numbers
from tests.doors.cast import PAID, Cast, make_call, make_lease, make_visit

_NUMBERS = [f"+131055501{n}" for n in range(10, 22)]


def _leases(cast: Cast, *, days: int, per_hour: int, hours: range, now_ms: int) -> None:
    """Visits that come at even steps in these hours (UTC), each seen for two minutes, whatever the pool had."""
    rows = []
    for day in range(1, days + 1):
        start_ms = (now_ms // DAY_MS - day) * DAY_MS
        for hour in hours:
            for nth in range(per_hour):
                from_ms = start_ms + hour * HOUR_MS + nth * HOUR_MS // per_hour
                rows.append(_lease(cast, from_ms, from_ms + 32 * MINUTE_MS, from_ms + 2 * MINUTE_MS))
    LeaseRow.objects.bulk_create(rows)


def _lease(cast: Cast, from_ms: int, until_ms: int, seen_ms: int, e164: str = "+13105550101") -> LeaseRow:
    return LeaseRow(
        lease_id=new_id("lease", from_ms),
        company=cast.company,
        visit=cast.visit,
        visitor_id=cast.visit.visitor_id,
        pool_id=cast.pool.pk,
        e164=e164,
        from_ms=from_ms,
        until_ms=until_ms,
        last_seen_ms=seen_ms,
    )


def _use(cast: Cast, now_ms: int, **asked: Any) -> pool_use.PoolUse:
    cast.pool.refresh_from_db()
    return pool_use.use_of(cast.pool, cast.company.zone, now_ms, **asked)


def test_an_hour_knows_its_average_and_its_most() -> None:
    spans = [(0, HOUR_MS), (HOUR_MS // 2, HOUR_MS + HOUR_MS // 4), (HOUR_MS, HOUR_MS + HOUR_MS // 2)]
    first, second, third = taken_by_hour(spans, 0, 3 * HOUR_MS)
    assert (first.mean, first.peak) == (1.5, 2)
    assert (second.mean, second.peak) == (0.75, 2)
    assert (third.mean, third.peak) == (0, 0)


def test_it_advises_from_the_visits_and_the_hold_it_saw(cast: Cast) -> None:
    now_ms = wall_clock()
    _leases(cast, days=10, per_hour=20, hours=range(17, 19), now_ms=now_ms)
    advice = _use(cast, now_ms).advice
    assert advice is not None
    assert (advice.visits, advice.days, advice.busy_arrivals) == (400, 10, 20)
    assert advice.taken_secs == (2 + 30 + 5) * 60
    assert advice.needed == numbers_needed(load_of(20, 37 * 60), 0.01)
    assert advice.now.numbers == 1
    assert advice.now.formula == pytest.approx(blocking(advice.load, 1))
    assert (advice.now.replayed, advice.then.replayed) == (0.9, 0)
    assert not advice.too_few


def test_a_shorter_hold_needs_fewer_numbers(cast: Cast) -> None:
    now_ms = wall_clock()
    _leases(cast, days=10, per_hour=20, hours=range(17, 19), now_ms=now_ms)
    usual, shorter = _use(cast, now_ms).advice, _use(cast, now_ms, hold_secs=300).advice
    laxer = _use(cast, now_ms, target=0.1).advice
    assert usual is not None
    assert shorter is not None
    assert laxer is not None
    assert shorter.taken_secs == (2 + 5 + 5) * 60
    assert shorter.needed < usual.needed
    assert laxer.needed < usual.needed


def test_a_called_number_stays_as_long_as_it_did_whatever_the_hold(cast: Cast) -> None:
    now_ms = wall_clock()
    from_ms = now_ms - DAY_MS
    _lease(cast, from_ms, from_ms + 4 * HOUR_MS, from_ms + MINUTE_MS).save()
    advice = _use(cast, now_ms, hold_secs=60).advice
    assert advice is not None
    assert advice.taken_secs == 4 * 3600 + 300


def test_it_says_when_there_is_too_little_to_go_by(cast: Cast) -> None:
    assert _use(cast, wall_clock()).advice is None
    page = cast.alice.get(f"/numbers/pools/{cast.pool.pk}/").content.decode()
    assert "No visit was shown a number of this pool" in page
    make_lease(cast, cast.number)
    page = cast.alice.get(f"/numbers/pools/{cast.pool.pk}/").content.decode()
    assert "few visits to go by yet: 1 in all" in page


def test_it_counts_visits_that_found_none_at_the_hours_they_came(cast: Cast) -> None:
    now_ms = wall_clock()
    hour_ms = (now_ms - DAY_MS) // HOUR_MS * HOUR_MS
    make_lease(cast, cast.number)
    for minute in (3, 9):
        visit = make_visit(cast.company, cast.site, PAID, ago_ms=now_ms - hour_ms - minute * MINUTE_MS)
        VisitRow.objects.filter(pk=visit.pk).update(refused="no_number")
    RefusalRow.objects.create(
        company_key=cast.company.pk, site_key=cast.site.pk, hour_ms=hour_ms, reason=Refusal.POOL_EMPTY.value, count=2
    )
    use = _use(cast, now_ms)
    assert use.lost == 2
    assert sum(cell.lost for _, cells in use.rows for cell in cells) == 2
    page = cast.alice.get(f"/numbers/pools/{cast.pool.pk}/").content.decode()
    assert "2 visits found none free" in re.sub(r"<[^>]+>", "", page)
    cast.pool.when = {"sources": ["bing"]}
    cast.pool.save()
    assert _use(cast, now_ms).lost == 0  # they were not this pool's


def test_it_works_out_what_it_is_asked_and_says_what_it_cannot(cast: Cast) -> None:
    _leases(cast, days=10, per_hour=20, hours=range(17, 19), now_ms=wall_clock())
    address = f"/numbers/pools/{cast.pool.pk}/"
    assert 'value="5"' in cast.bob.get(address, {"target": "5", "hold": "10"}).content.decode()
    for wrong in ({"target": "0"}, {"target": "x" * 500}, {"hold": "-3"}, {"target": "nan"}, {"hold": "1e9"}):
        answer = cast.alice.get(address, wrong)
        assert answer.status_code == 200
        assert "is not between" in answer.content.decode()


# Numbers that stand somewhere


def _town(cast: Cast, seed: int, now_ms: int, *, pasted: str = "", per_day: float = 0.4) -> list[TrackingNumber]:
    """Twelve pooled numbers for 84 days: held four hours a day, called by late callers and wrong ones, one a fortnight
    each; `pasted` also by strangers from a page."""
    numbers = do_add_numbers(cast.connection, _NUMBERS, cast.number.flow, pool=cast.pool)
    chance = random.Random(seed)
    calls, leases = [], []
    for number in numbers:
        for day in range(84):
            start_ms = now_ms - (84 - day) * DAY_MS
            held_ms = start_ms + chance.randrange(20) * HOUR_MS
            leases.append(_lease(cast, held_ms, held_ms + 4 * HOUR_MS, held_ms + HOUR_MS, number.e164))
            if chance.random() < 0.3:
                calls.append(_stranger(number, held_ms + HOUR_MS, chance))
            rate = 1 / 14 + (per_day if number.e164 == pasted else 0.0)
            at_ms: float = start_ms
            while (at_ms := at_ms + chance.expovariate(rate / DAY_MS)) < start_ms + DAY_MS:
                calls.append(_stranger(number, round(at_ms), chance))
    LeaseRow.objects.bulk_create(leases)
    CallRow.objects.bulk_create(calls)
    return numbers


def _stranger(number: TrackingNumber, at_ms: int, chance: random.Random) -> CallRow:
    return CallRow(
        call_id=new_id("call", at_ms),
        company_id=number.company_id,
        number=number,
        connection=number.connection,
        status="answered",
        started_ms=at_ms,
        caller_hash=f"{chance.getrandbits(64):x}" if chance.random() > 0.1 else None,
        is_first_call=True,
    )


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_the_number_that_was_planted_and_no_other(cast: Cast, seed: int) -> None:
    now_ms = wall_clock()
    _town(cast, seed, now_ms, pasted=_NUMBERS[3])
    assert [one.e164 for one in pasted_numbers(cast.company, now_ms)] == [_NUMBERS[3]]


@pytest.mark.parametrize("seed", range(3))
def test_it_gives_no_alarm_where_nothing_was_planted(cast: Cast, seed: int) -> None:
    now_ms = wall_clock()
    _town(cast, seed, now_ms)
    for days_ago in (0, 28):
        assert pasted_numbers(cast.company, now_ms - days_ago * DAY_MS) == []


def test_it_gives_no_alarm_for_one_caller_who_calls_on_and_on(cast: Cast) -> None:
    now_ms = wall_clock()
    for day in range(1, 25):
        call = make_call(cast.number, None, started_ms=now_ms - day * DAY_MS)
        CallRow.objects.filter(pk=call.pk).update(caller_hash="the same")
    assert pasted_numbers(cast.company, now_ms) == []


def test_it_gives_no_alarm_for_customers_who_saved_the_number(cast: Cast) -> None:
    now_ms = wall_clock()
    for day in range(1, 25):
        call = make_call(cast.number, None, started_ms=now_ms - day * DAY_MS)
        CallRow.objects.filter(pk=call.pk).update(caller_hash=str(day), is_first_call=False)
    assert pasted_numbers(cast.company, now_ms) == []


def test_it_counts_strangers_beside_the_visitor_who_holds_the_number(cast: Cast) -> None:
    """A number that is always held has no call without a holder; its second caller is as odd."""
    now_ms = wall_clock()
    LeaseRow.objects.bulk_create(
        _lease(cast, now_ms - (day + 1) * DAY_MS, now_ms - day * DAY_MS - 1, now_ms - day * DAY_MS) for day in range(28)
    )
    for nth in range(50):
        call = make_call(cast.number, None, started_ms=now_ms - 27 * DAY_MS + nth * 12 * HOUR_MS)
        CallRow.objects.filter(pk=call.pk).update(caller_hash=str(nth))
    assert [one.e164 for one in pasted_numbers(cast.company, now_ms)] == [cast.number.e164]


def test_it_shows_the_alarm_with_its_calls_and_what_to_do(cast: Cast) -> None:
    _town(cast, 1, wall_clock(), pasted=_NUMBERS[3], per_day=1)
    number = TrackingNumber.objects.get(e164=_NUMBERS[3])
    for address in ("/numbers/", f"/numbers/{number.pk}/"):
        page = cast.alice.get(address).content.decode()
        assert "stand somewhere" in page
        assert "310-555-0113" in page
        assert "Calls that no visit explains" in page
        assert f"/numbers/{number.pk}/remove/" in page
    assert "take it out of the pool" not in cast.bob.get("/numbers/").content.decode()
    sent = {"channel": "Referral", "source": "yellow-pages", "name": "Found in the yellow pages"}
    assert cast.alice.post(f"/numbers/{number.pk}/stand/", sent).status_code == 302
    number.refresh_from_db()
    assert number.pool is None
    assert number.static_source is not None
    assert number.static_source["source"] == "yellow-pages"
    assert "seems to stand somewhere" not in cast.alice.get("/numbers/").content.decode()


# A number's own page


def test_it_tells_a_number_of_its_calls_and_its_holders(cast: Cast) -> None:
    make_lease(cast, cast.number)
    page = cast.alice.get(f"/numbers/{cast.number.pk}/").content.decode()
    assert "google" in page
    assert f"/calls/{cast.call.pk}/" in page
    assert "(310) 555-7734" in page
    assert "(310) 555-7734" not in cast.bob.get(f"/numbers/{cast.number.pk}/").content.decode()
    assert cast.charlie.get(f"/numbers/{cast.number.pk}/").status_code == 404


def test_it_changes_where_a_number_rings_and_those_of_its_pool_that_do_the_same(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    do_add_numbers(cast.connection, ["+13105550150"], cast.number.flow, pool=cast.pool)
    do_add_numbers(cast.connection, ["+13105550151"], ring_flow("+13105550177", 9), pool=cast.pool)
    address = f"/numbers/{cast.number.pk}/"
    assert "that do the same (1)" in cast.alice.get(address).content.decode()
    sent = {"kind": "ring", "destination": "(310) 555-0188", "ring_secs": "33", "everywhere": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        assert cast.alice.post(address, sent).status_code == 302
    rings = dict(TrackingNumber.objects.values_list("e164", "flow"))
    assert rings["+13105550101"] == rings["+13105550150"] == ring_flow("+13105550188", 33)
    assert rings["+13105550151"] == ring_flow("+13105550177", 9)
    assert cast.alice.post(address, {"kind": "reject", "reason": "busy"}).status_code == 302
    cast.number.refresh_from_db()
    assert cast.number.flow == {"format": 1, "steps": [{"reject": "busy"}]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"destination": ""}, "Say where it rings"),
        ({"destination": "12"}, "too few or too many digits"),
        ({"ring_secs": ""}, "Say for how long it rings"),
        ({"ring_secs": "500"}, "less than or equal to 120"),
        ({"kind": "voicemail"}, "valid choice"),
        ({"kind": "reject", "reason": "rude"}, "valid choice"),
    ],
)
def test_it_says_what_is_wrong_with_a_flow(cast: Cast, wrong: dict[str, str], said: str) -> None:
    sent = {"kind": "ring", "destination": "+13105550188", "ring_secs": "20"} | wrong
    answer = cast.alice.post(f"/numbers/{cast.number.pk}/", sent)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    before = cast.number.flow
    cast.number.refresh_from_db()
    assert cast.number.flow == before


def test_two_people_lose_no_flow(cast: Cast) -> None:
    address = f"/numbers/{cast.number.pk}/"
    seen = re.search(r'name="seen" value="([^"]+)"', cast.alice.get(address).content.decode())
    assert seen is not None
    sent = {"kind": "ring", "destination": "+13105550188", "ring_secs": "20", "seen": seen[1]}
    assert cast.alice.post(address, sent).status_code == 302
    answer = cast.alice.post(address, sent | {"destination": "+13105550189"})
    assert answer.status_code == 409
    assert "(310) 555-0188" in answer.content.decode()


def test_it_warns_of_a_number_that_stays_silent_while_its_sisters_ring(cast: Cast) -> None:
    now_ms = wall_clock()
    silent = do_add_numbers(cast.connection, ["+13105550150"], cast.number.flow, pool=cast.pool)[0]
    for e164 in (cast.number.e164, silent.e164):
        LeaseRow.objects.bulk_create(
            _lease(cast, now_ms - nth * HOUR_MS, now_ms - nth * HOUR_MS + 1, now_ms, e164) for nth in range(1, 40)
        )
    for nth in range(20):
        make_call(cast.number, None, started_ms=now_ms - nth * HOUR_MS)
    assert "nobody called" in cast.alice.get(f"/numbers/{silent.pk}/").content.decode()
    assert "nobody called" not in cast.alice.get(f"/numbers/{cast.number.pk}/").content.decode()
