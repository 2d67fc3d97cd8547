"""The lease book's promises, each by name. `test_leases_model.py` drives it against a plain model."""

from __future__ import annotations

import random
from array import array

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.pools.book import PoolState
from ringtrace.pools.index import KeyIndex
from ringtrace.pools.leases import LeaseBook
from ringtrace.pools.likeness import likeness, likenesses
from ringtrace.wire.directory import PoolEntry

HOLD_SECS, COOLDOWN_SECS = 60, 20
HOLD_MS, COOLDOWN_MS = HOLD_SECS * 1000, COOLDOWN_SECS * 1000
CALLED_MS = 3_600_000


def pool(count: int = 3) -> PoolEntry:
    return PoolEntry(
        pool_id="pool",
        site_id="site",
        company_id="company",
        target_e164="+13105550123",
        numbers=tuple(f"+1310555{1000 + n}" for n in range(count)),
        hold_secs=HOLD_SECS,
        cooldown_secs=COOLDOWN_SECS,
        called_hold_secs=CALLED_MS // 1000,
    )


def book(count: int = 3) -> LeaseBook:
    made = LeaseBook()
    made.set_pools([pool(count)])
    return made


def grant(book: LeaseBook, visit: str, visitor: str, now_ms: int) -> Lease | None:
    return book.grant("pool", derived_id("visit", visit), derived_id("visitor", visitor), now_ms)


def granted(book: LeaseBook, visit: str, visitor: str, now_ms: int) -> Lease:
    lease = grant(book, visit, visitor, now_ms)
    assert lease is not None
    return lease


def renew(book: LeaseBook, visit: str, now_ms: int) -> Lease | None:
    return book.renew("pool", derived_id("visit", visit), now_ms)


def written(book: LeaseBook, pool_id: str = "pool") -> PoolState:
    """A pool's state as it comes back from disk."""
    state = book.state(pool_id)
    assert state is not None
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=PoolState)


def test_it_gives_two_live_visits_two_numbers() -> None:
    leases = book()
    assert granted(leases, "a", "A", 0).e164 != granted(leases, "b", "B", 0).e164


def test_it_refuses_when_every_number_is_held() -> None:
    leases = book(1)
    granted(leases, "a", "A", 0)
    assert grant(leases, "b", "B", 1) is None


def test_it_keeps_a_number_cooling_after_its_lease() -> None:
    leases = book(1)
    granted(leases, "a", "A", 0)
    assert grant(leases, "b", "B", HOLD_MS + COOLDOWN_MS - 1) is None
    assert grant(leases, "b", "B", HOLD_MS + COOLDOWN_MS) is not None


def test_it_gives_a_returning_visitor_the_same_number() -> None:
    leases = book(3)
    first = granted(leases, "a", "A", 0)
    for n in range(2):
        granted(leases, f"other{n}", f"O{n}", 1)
    assert granted(leases, "a2", "A", HOLD_MS + 1).e164 == first.e164


def test_it_gives_a_visitor_of_two_visits_the_number_they_had_last() -> None:
    for visitor in "ABCDEFGH":  # whichever way their keys fall
        leases = book(4)
        for n in range(2):
            granted(leases, f"a{n}", visitor, n)
        last = leases.holder_of("+13105551001", 2)
        assert last is not None
        assert granted(leases, "again", visitor, HOLD_MS + 2).e164 == last.e164


def test_it_shows_the_number_that_was_free_for_longest() -> None:
    leases = book(3)
    first, second, third = (granted(leases, name, name.upper(), at) for at, name in enumerate("abc"))
    renew(leases, "a", 50)  # a stays longest
    after = HOLD_MS + 100 + COOLDOWN_MS
    assert [granted(leases, name, name.upper(), after).e164 for name in "xyz"] == [second.e164, third.e164, first.e164]


def test_it_renews_a_lease_and_says_when_it_is_lost() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    renewed = renew(leases, "a", 1_000)
    assert renewed is not None
    assert (renewed.lease_id, renewed.until_ms) == (lease.lease_id, 1_000 + HOLD_MS)
    assert renew(leases, "a", 1_000 + HOLD_MS) is None


def test_it_never_shortens_a_promise_when_the_clock_steps_back() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 1_000_000)
    renewed = renew(leases, "a", 400_000)
    assert renewed is not None
    assert renewed.until_ms == lease.until_ms


def test_it_takes_back_a_grant_that_was_not_durable() -> None:
    leases = book(1)
    leases.undo(granted(leases, "a", "A", 0))
    assert grant(leases, "b", "B", 1) is not None


def test_a_grant_taken_back_makes_nobody_forget_their_number() -> None:
    leases = book(3)
    first = granted(leases, "a", "A", 0)
    leases.undo(granted(leases, "a2", "A", 1))
    assert granted(leases, "a3", "A", HOLD_MS).e164 == first.e164


def test_grants_of_one_visitor_taken_back_together_leave_nothing_behind() -> None:
    leases = book(4)
    granted(leases, "before", "A", 0)
    for n in range(50):
        pair = [granted(leases, f"{n}{part}", "A", n) for part in "xy"]
        for lease in pair:
            leases.undo(lease)
        state = written(leases)
        assert sum(1 for slot in array("i", state.visitor_table) if slot) == 1
        assert sum(1 for slot in array("i", state.visit_table) if slot) == 1


def test_it_keeps_a_lease_that_was_renewed_since_the_grant() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    renew(leases, "a", 5)
    leases.undo(lease)
    assert grant(leases, "b", "B", 6) is None


def test_it_keeps_leases_when_a_number_moves_between_pools() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    moved = PoolEntry(
        pool_id="other", site_id="site", company_id="company", target_e164="+13105550123", numbers=(lease.e164,)
    )
    leases.set_pools([moved])
    assert leases.grant("other", derived_id("visit", "b"), derived_id("visitor", "B"), 1) is None
    held = leases.holder_of(lease.e164, 1)
    assert held is not None
    assert (held.lease_id, held.until_ms) == (lease.lease_id, lease.until_ms)


def test_it_restores_the_latest_lease_of_a_number() -> None:
    leases, restored = book(1), book(1)
    first = granted(leases, "a", "A", 0)
    renewed = renew(leases, "a", 10)
    assert renewed is not None
    restored.restore((renewed, first))
    assert restored.holder_of(first.e164, HOLD_MS + 5) == renewed
    assert grant(restored, "b", "B", 20) is None


def test_it_keeps_leases_of_a_number_that_leaves_and_comes_back() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    leases.set_pools([])
    assert leases.holder_of(lease.e164, 1) is None
    assert leases.apart() == (lease,)
    leases.set_pools([pool(2)])
    assert leases.holder_of(lease.e164, 1) == lease
    assert granted(leases, "b", "B", 1).e164 != lease.e164
    assert renew(leases, "a", 2) is not None


def test_it_keeps_its_leases_when_only_the_settings_of_a_pool_change() -> None:
    leases = book(1)
    granted(leases, "a", "A", 0)
    leases.set_pools([msgspec.structs.replace(pool(1), hold_secs=2 * HOLD_SECS)])
    renewed = renew(leases, "a", 10)
    assert renewed is not None
    assert renewed.until_ms == 10 + 2 * HOLD_MS


def test_it_keeps_a_called_number_with_its_caller_for_longer() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    called = leases.extend(lease.e164, 1_000)
    assert called is not None
    assert called.until_ms == 1_000 + CALLED_MS
    assert called.lease_id == lease.lease_id
    kept = renew(leases, "a", 2_000)  # a beat does not take back what the call promised
    assert kept is not None
    assert kept.until_ms == called.until_ms
    assert grant(leases, "b", "B", called.until_ms + COOLDOWN_MS - 1) is None
    assert grant(leases, "b", "B", called.until_ms + COOLDOWN_MS) is not None


def test_it_extends_nothing_that_nobody_holds() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    assert leases.extend(lease.e164, HOLD_MS) is None
    assert leases.extend("+13105559999", 1) is None
    for odd in ("anonymous", "", "+", "\0" + lease.e164[1:], "13105551000", "+١٣١٠٥٥٥١٠٠٠"):
        assert leases.extend(odd, 1) is None
        assert leases.holder_of(odd, 1) is None


def test_a_called_number_holds_up_no_other() -> None:
    leases = book(2)
    first, second = granted(leases, "a", "A", 0), granted(leases, "b", "B", 1)
    leases.extend(first.e164, 2)
    after = 1 + HOLD_MS + COOLDOWN_MS
    assert granted(leases, "c", "C", after).e164 == second.e164
    assert grant(leases, "d", "D", after) is None


def test_a_clock_that_was_ahead_holds_up_only_what_was_promised_then() -> None:
    leases = book(2)
    ahead = granted(leases, "a", "A", 1_000_000_000)
    now_ms = 1_000
    assert granted(leases, "b", "B", now_ms).e164 != ahead.e164
    assert grant(leases, "c", "C", now_ms + HOLD_MS) is None
    assert grant(leases, "c", "C", now_ms + HOLD_MS + COOLDOWN_MS) is not None


def test_it_shows_like_for_like_while_there_is_some() -> None:
    numbers = ("+12135550100", "+13105550100", "+18005550100", "+442071234567")
    leases = LeaseBook()
    leases.set_pools([msgspec.structs.replace(pool(), numbers=numbers)])
    shown = [granted(leases, name, name, 0).e164 for name in "abcd"]
    assert shown == ["+13105550100", "+12135550100", "+18005550100", "+442071234567"]


@pytest.mark.parametrize(
    ("target", "number", "how_like"),
    [
        ("+13105550123", "+13105550199", 0),
        ("+13105550123", "+12135550199", 1),
        ("+13105550123", "+18885550199", 2),
        ("+18005550123", "+18885550199", 0),
        ("+18005550123", "+13105550199", 2),
        ("+442071838750", "+442079460000", 0),
        ("+442071838750", "+441134960000", 1),
        ("+442071838750", "+448001111111", 2),
        ("+448001111111", "+448081570000", 0),
        ("+4930901820", "+4930227110", 0),
        ("+4930901820", "+49891234567", 1),
        ("+13105550123", "+442071838750", 2),
    ],
)
def test_it_knows_how_like_two_numbers_are(target: str, number: str, how_like: int) -> None:
    assert likeness(target, number) == how_like


@given(
    st.sampled_from(["+13105550123", "+18005550123", "+442071838750", "+4930901820", "+390612345678"]),
    st.sets(
        st.one_of(
            st.integers(13105550000, 13105560000),
            st.integers(18005550000, 18885550000),
            st.integers(441000000000, 449999999999),
            st.integers(4930000000, 4930999999999).filter(lambda number: str(number).startswith("49")),
            st.integers(390600000000, 390699999999),
        ),
        max_size=30,
    ),
)
def test_it_knows_how_like_many_numbers_are(target: str, numbers: set[int]) -> None:
    ordered = sorted(numbers)
    assert list(likenesses(target, ordered)) == [likeness(target, f"+{number}") for number in ordered]


def test_it_takes_back_a_state_from_disk() -> None:
    leases, restarted = book(3), book(3)
    first, second = granted(leases, "a", "A", 0), granted(leases, "b", "B", 5)
    leases.extend(first.e164, 6)
    restarted.load(written(leases))
    assert list(restarted.live(7)) == list(leases.live(7))
    assert renew(restarted, "b", 10) is not None
    assert granted(restarted, "c", "C", 10).e164 not in (first.e164, second.e164)
    assert grant(restarted, "d", "D", 11) is None
    assert granted(restarted, "d", "D", 10 + HOLD_MS + COOLDOWN_MS).e164 == second.e164


def test_it_takes_from_a_state_what_still_fits_its_numbers() -> None:
    leases, restarted = book(3), book(2)
    shown = [granted(leases, name, name, 0) for name in "abc"]
    restarted.load(written(leases))
    assert list(restarted.live(1)) == shown[:2]
    assert restarted.apart() == (shown[2],)


def test_a_state_does_not_undo_what_the_journal_said_later() -> None:
    leases, restarted = book(1), book(1)
    granted(leases, "a", "A", 0)
    state = written(leases)
    later = granted(leases, "b", "B", HOLD_MS + COOLDOWN_MS)
    restarted.restore([later])
    restarted.load(state)
    assert restarted.holder_of(later.e164, HOLD_MS + COOLDOWN_MS) == later


def test_it_takes_no_id_that_it_could_not_give_back() -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        book().grant("pool", "visit_of_mine", derived_id("visitor", "A"), 0)
    with pytest.raises(ValueError, match="derived"):
        book().grant("pool", "visit_abcd", derived_id("visitor", "A"), 0)


def test_it_finds_every_key_of_an_index_after_any_removals() -> None:
    """Keys that fall on few places collide: every removal must close its gap."""
    chance = random.Random(7)
    keys = [bytes([n % 3, 0, 0, 0]) + chance.randbytes(12) for n in range(40)]
    index = KeyIndex(bytearray(b"".join(keys)))
    for slot, key in enumerate(keys):
        index.add(key, slot)
    gone = set[int]()
    for slot in chance.sample(range(40), 40):
        index.remove(keys[slot], slot)
        gone.add(slot)
        assert [index.find(key) for key in keys] == [-1 if n in gone else n for n in range(40)]
    index.remove(keys[0], 0)
    assert not any(index.table)
