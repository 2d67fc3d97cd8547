"""Which of a target's pools and static numbers is shown, and how the choice travels with the visit."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given

from ringtrace.core.ids import is_token
from ringtrace.core.sources import Channel, Source
from ringtrace.pools.choice import (
    Target,
    Visited,
    choose,
    fits,
    is_printed,
    note_of,
    split_token,
    targets_of,
    with_note,
)
from ringtrace.wire.directory import PoolEntry, StaticEntry, When

TARGETS = tuple(f"+131055501{n:02d}" for n in range(12))
PATHS = ("/", "/drains", "/emergency/now")
ANYWHERE = Visited(Source(channel=Channel.DIRECT), None, "desktop")


def _pool(pool_id: str, target: str, when: When, place: int) -> PoolEntry:
    return PoolEntry(
        pool_id=pool_id, site_id="s", company_id="c", target_e164=target, numbers=(), when=when, place=place
    )


def _static(static_id: str, target: str, when: When, place: int) -> StaticEntry:
    return StaticEntry(
        static_id=static_id,
        site_id="s",
        company_id="c",
        target_e164=target,
        e164="+13105550999",
        when=when,
        place=place,
    )


def _visited(*, landing_page: str | None = None, campaign: str | None = None) -> Visited:
    source = Source(channel=Channel.DIRECT, landing_page=landing_page, campaign=campaign)
    return Visited(source, None, "desktop")


_whens = st.builds(When, landings=st.sampled_from([(), ("/drains",), ("/emergency/*",), ("/nowhere",)]))
_named = st.tuples(st.integers(0, 99), st.sampled_from(TARGETS), _whens, st.integers(0, 3))
_offers = st.lists(_named, max_size=14, unique_by=lambda one: one[0])
_visiteds = st.sampled_from(PATHS).map(lambda path: _visited(landing_page=path))


def _targets(offers: list[tuple[int, str, When, int]]) -> tuple[Target, ...]:
    pools = [_pool(f"pool_{name:02d}", target, when, place) for name, target, when, place in offers if name % 3]
    statics = [_static(f"num_{name:02d}", target, when, place) for name, target, when, place in offers if not name % 3]
    return targets_of(pools, statics)


def _entry_id(name: int) -> str:
    return f"pool_{name:02d}" if name % 3 else f"num_{name:02d}"


@given(_offers)
def test_it_keeps_a_targets_options_by_place_and_then_by_id(offers: list[tuple[int, str, When, int]]) -> None:
    targets = _targets(offers)
    assert [target.e164 for target in targets] == sorted({offer[1] for offer in offers})
    for target in targets:
        mine = sorted((place, _entry_id(name), when) for name, e164, when, place in offers if e164 == target.e164)
        assert [option.when or When() for option in target.options] == [when for _, _, when in mine]
        assert [option.pool_id for option in target.options] == [
            entry_id if entry_id.startswith("pool") else None for _, entry_id, _ in mine
        ]


def test_it_tells_names_apart_whose_short_forms_would_be_the_same() -> None:
    """`pool_46` and `num_72` have the same first bytes of their hashes."""
    when = When(landings=("/drains",))
    offers = [(46, TARGETS[0], when, 0), (72, TARGETS[0], When(landings=("/",)), 1)]
    targets = _targets(offers)
    for path in ("/", "/drains"):
        chosen = choose(targets, _visited(landing_page=path))
        assert choose(targets, ANYWHERE, note_of(targets, chosen)) == chosen
    many = [(n, target, when, 0) for n, target in enumerate(TARGETS * 100)]
    shorts = [option.short for target in _targets(many) for option in target.options]
    assert len(set(shorts)) == len(shorts) == len(many)


@given(_offers, _visiteds)
def test_it_chooses_the_first_that_fits(offers: list[tuple[int, str, When, int]], visited: Visited) -> None:
    targets = _targets(offers)
    for target, chosen in zip(targets, choose(targets, visited), strict=True):
        fitting = [option for option in target.options if option.when is None or fits(option.when, visited)]
        assert chosen == (fitting[0] if fitting else None)


@given(_offers, _visiteds, _visiteds)
def test_it_chooses_on_a_later_page_what_it_chose_first(
    offers: list[tuple[int, str, When, int]], first: Visited, later: Visited
) -> None:
    targets = _targets(offers)[:9]
    chosen = choose(targets, first)
    note = note_of(targets, chosen)
    again = choose(targets, later, note)
    assert again == chosen
    assert note_of(targets, again) == note
    assert bool(note) is any(target.has_conditions for target in targets)


@given(_offers, _visiteds, st.text(max_size=40))
def test_it_chooses_something_on_offer_whatever_the_note(
    offers: list[tuple[int, str, When, int]], visited: Visited, note: str
) -> None:
    for target, chosen in zip(targets := _targets(offers), choose(targets, visited, note), strict=True):
        assert chosen is None or chosen in target.options


_tokens = st.from_regex(r"[A-Za-z0-9_-]{16,64}", fullmatch=True) | st.text("a-", min_size=16, max_size=64)
_notes = st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), max_size=9).map("".join)


@given(_tokens, _notes)
def test_it_finds_a_token_and_its_note_again(token: str, note: str) -> None:
    own, _ = split_token(token)
    assume(split_token(own) == (own, ""))
    noted = with_note(own, note)
    assert is_token(noted)
    assert split_token(noted) == (own, note if noted != own else "")


@given(_tokens)
def test_it_never_makes_a_token_too_short_to_be_one(token: str) -> None:
    assert is_token(split_token(token)[0])


@pytest.mark.parametrize(("length", "is_noted"), [(26, True), (27, True), (58, True), (59, False), (64, False)])
def test_it_leaves_a_note_off_that_does_not_fit(length: int, is_noted: bool) -> None:
    assert (with_note("t" * length, "abcd") != "t" * length) is is_noted


def test_it_has_room_for_nine_choices_behind_a_browsers_token() -> None:
    offers = [(n, target, When(landings=("/x",)), 0) for n, target in enumerate(TARGETS)]
    targets = _targets(offers)
    note = note_of(targets, choose(targets, ANYWHERE))
    assert len(with_note("0" * 26, note)) == 64


@pytest.mark.parametrize(
    ("pattern", "text", "is_like"),
    [
        ("google", "google", True),
        ("google", "GOOGLE", True),
        ("google", "google2", False),
        ("google", "agoogle", False),
        ("goo*", "google", True),
        ("*gle", "google", True),
        ("*", "", True),
        ("*", None, False),
        ("g*e", "google", True),
        ("a.b", "a.b", True),
        ("a.b", "axb", False),
        ("a|b", "a", False),
        ("(a", "(a", True),
        ("a*b*c", "a\nb\nc", True),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_it_reads_a_star_as_anything_and_all_else_as_itself(pattern: str, text: str | None, is_like: bool) -> None:
    assert fits(When(campaigns=(pattern,)), _visited(campaign=text)) is is_like


@pytest.mark.parametrize(
    ("regions", "region", "is_within"),
    [
        (("US",), "US", True),
        (("US",), "US-CA", True),
        (("US-CA",), "US-CA", True),
        (("US-CA",), "US", False),
        (("US-CA",), "US-CO", False),
        (("U",), "US", False),
        (("US", "DE"), "DE", True),
        (("US",), None, False),
    ],
)
def test_it_knows_a_state_as_part_of_its_country(regions: tuple[str, ...], region: str | None, is_within: bool) -> None:
    assert fits(When(regions=regions), Visited(Source(channel=Channel.DIRECT), region, "desktop")) is is_within


@pytest.mark.parametrize("field", [field for field in When.__struct_fields__ if field != "channels"])
def test_it_fits_no_rule_on_what_a_visit_does_not_say(field: str) -> None:
    assert fits(When(), ANYWHERE)
    assert not fits(When(**{field: ("x",)}), ANYWHERE)


@given(st.sampled_from(["+13105550123", "+442079460000", "+493012345678"]), st.integers(7, 12))
def test_it_knows_a_number_by_its_last_digits(target: str, digits: int) -> None:
    assert is_printed(target, [target[1:][-digits:]])
    assert is_printed(target, ["0" + target[1:][-digits:]])


@given(st.lists(st.text(max_size=20), max_size=5))
def test_it_never_raises_at_the_numbers_of_a_page(numbers: list[str]) -> None:
    assert is_printed("+13105550123", numbers) in (True, False)


@pytest.mark.parametrize("printed", ["550123", "13105550124", "05550123x", "", "9" * 400])
def test_it_takes_no_other_number_for_the_target(printed: str) -> None:
    assert not is_printed("+13105550123", [printed])


def _is_like(pattern: str, text: str) -> bool:
    """`*` is anything: said by trying every way to cut the text."""
    piece, star, rest = pattern.partition("*")
    if not star:
        return text == pattern
    return text.startswith(piece) and any(_is_like(rest, text[at:]) for at in range(len(piece), len(text) + 1))


@given(st.text("ab*", max_size=7), st.text("ab", max_size=8))
def test_a_star_stands_for_anything(pattern: str, campaign: str) -> None:
    assert fits(When(campaigns=(pattern,)), _visited(campaign=campaign)) == _is_like(pattern, campaign)


def test_no_pattern_takes_long_to_say_no() -> None:
    """The run's time limit is the judge: with looking back this takes hours."""
    assert not fits(When(campaigns=("*a" * 90 + "b",)), _visited(campaign="a" * 200))
