"""Sealing, hashing, and the one key that all of it hangs on."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ringtrace.core.errors import BadInput
from ringtrace.privacy.keys import Keys, caller_purpose, connection_purpose, load_keys

KEYS = Keys(bytes(range(32)))
CALLER = "+14155550123"


@given(text=st.text(), purpose=st.text(max_size=40))
def test_it_opens_what_it_sealed(text: str, purpose: str) -> None:
    try:
        sealed = KEYS.seal(text, purpose)
    except UnicodeEncodeError:
        return
    assert KEYS.unseal(sealed, purpose) == text


def test_it_seals_the_same_text_differently_each_time_and_hashes_it_alike() -> None:
    assert KEYS.seal(CALLER, "a") != KEYS.seal(CALLER, "a")
    assert KEYS.hash(CALLER, "a") == KEYS.hash(CALLER, "a")


def test_it_shows_nothing_of_what_was_sealed_or_hashed() -> None:
    sealed = KEYS.seal(CALLER, "a")
    for shown in (sealed, KEYS.hash(CALLER, "a"), base64.urlsafe_b64decode(sealed).decode("latin-1"), repr(KEYS)):
        assert CALLER[1:] not in shown


def test_it_keeps_purposes_and_keys_apart() -> None:
    other = Keys(bytes(32))
    one, two = caller_purpose("company_1"), caller_purpose("company_2")
    assert len({KEYS.hash(CALLER, one), KEYS.hash(CALLER, two), other.hash(CALLER, one)}) == 3
    assert len({KEYS.text(one), KEYS.text(two), KEYS.text(connection_purpose("company_1")), other.text(one)}) == 4
    sealed = KEYS.seal(CALLER, one)
    for keys, purpose in ((KEYS, two), (other, one)):
        with pytest.raises(BadInput, match="E100"):
            keys.unseal(sealed, purpose)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_it_opens_nothing_that_was_altered(place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(KEYS.seal(CALLER, "a")))
    raw[place % len(raw)] ^= change
    with pytest.raises(BadInput):
        KEYS.unseal(base64.urlsafe_b64encode(raw).decode(), "a")


@given(st.text(max_size=100) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_it_refuses_what_was_never_sealed(text: str) -> None:
    with pytest.raises(BadInput, match=r"master\.key"):
        KEYS.unseal(text, "a")


def test_it_makes_the_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    path = tmp_path / "keys" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_keys(tmp_path).hash("x", "a") == first.hash("x", "a")
    assert list(path.parent.iterdir()) == [path]


def test_it_makes_another_key_for_another_directory(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "a").hash("x", "a") != load_keys(tmp_path / "b").hash("x", "a")


def test_it_gives_every_process_the_same_key_when_all_start_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ringtrace.privacy.keys import load_keys;"
        "sys.stdin.read(); print(load_keys(Path(sys.argv[1])).hash('x', 'a'))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for one in started:
        assert one.stdin is not None
        one.stdin.close()
    hashes = set()
    for one in started:
        assert one.stdout is not None
        hashes.add(one.stdout.read())
        one.stdout.close()
        assert one.wait() == 0
    assert len(hashes) == 1


@pytest.mark.parametrize("size", [0, 31, 33])
def test_it_refuses_a_key_that_is_cut_short(tmp_path: Path, size: int) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "master.key").write_bytes(bytes(size))
    with pytest.raises(BadInput, match="backup"):
        load_keys(tmp_path)
