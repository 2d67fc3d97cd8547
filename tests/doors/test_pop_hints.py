"""Settings: what people who answer are told to do."""

from __future__ import annotations

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.qualification import All
from ringtrace.web.models import PopHint, User
from ringtrace.web.pop_hints import MOST_HINTS, do_save_hint
from tests.doors.cast import Cast

FIRST = {"by": "rows", "top_mode": "all", "top_0_of": "is_first_call", "top_0_value": "yes", "what": "save"}


def save(cast: Cast, text: str, address: str = "/settings/pop/add/", **fields: str) -> int:
    return cast.alice.post(address, FIRST | {"text": text} | fields).status_code


def texts() -> list[str]:
    return list(PopHint.objects.order_by("place").values_list("text", flat=True))


def test_an_empty_list_teaches(cast: Cast) -> None:
    assert "Say what to do with which calls" in cast.alice.get("/settings/pop/").content.decode()


def test_it_is_added_changed_and_removed(cast: Cast) -> None:
    assert save(cast, "Welcome <b>them</b>") == 302
    hint = PopHint.objects.get()
    page = cast.alice.get("/settings/pop/").content.decode()
    assert "Welcome &lt;b&gt;them&lt;/b&gt;" in page
    assert "By a first-time caller" in page
    assert 'value="is_first_call"' in cast.alice.get(f"/settings/pop/{hint.pk}/").content.decode()
    assert save(cast, "Ask for the number", f"/settings/pop/{hint.pk}/", top_0_value="no") == 302
    hint.refresh_from_db()
    assert (hint.text, hint.condition) == ("Ask for the number", {"field": "is_first_call", "is": False})
    assert cast.alice.post(f"/settings/pop/{hint.pk}/remove/").status_code == 302
    assert texts() == []


def test_without_a_row_it_is_for_every_call(cast: Cast) -> None:
    assert save(cast, "Smile", top_0_of="", top_0_value="") == 302
    assert PopHint.objects.get().condition == {"all": []}


def test_they_are_put_in_order(cast: Cast) -> None:
    for text in ("one", "two", "three"):
        save(cast, text)
    last = PopHint.objects.get(text="three")
    cast.alice.post(f"/settings/pop/{last.pk}/move/", {"what": "up"})
    assert texts() == ["one", "three", "two"]
    cast.alice.post(f"/settings/pop/{PopHint.objects.get(text='one').pk}/move/", {"what": "up"})
    assert texts() == ["one", "three", "two"]
    cast.alice.post(f"/settings/pop/{PopHint.objects.get(text='one').pk}/move/", {"what": "down"})
    assert texts() == ["three", "one", "two"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 501, "a\x00b"])
def test_it_refuses_what_is_no_hint(cast: Cast, text: str) -> None:
    assert save(cast, text) == 422
    assert texts() == []


def test_a_condition_that_cannot_be_read_is_shown_again(cast: Cast) -> None:
    answer = cast.alice.post("/settings/pop/add/", FIRST | {"text": "Hi", "top_0_value": "perhaps"})
    assert answer.status_code == 422
    assert "perhaps" in answer.content.decode()
    assert texts() == []


def test_more_rows_change_nothing(cast: Cast) -> None:
    assert save(cast, "Hi", what="more") == 200
    assert save(cast, "Hi", what="as_json") == 200
    assert texts() == []


def test_there_is_an_end_to_them(cast: Cast) -> None:
    alice = User.objects.get(email="alice@example.com")
    PopHint.objects.bulk_create(
        PopHint(hint_id=f"h{n}", company=cast.company, text="x", condition={"all": []}, made_ms=1)
        for n in range(MOST_HINTS)
    )
    with pytest.raises(BadInput, match="already"):
        do_save_hint(cast.company, "one more", All(), alice, 1)


def test_bob_reads_and_changes_nothing(cast: Cast) -> None:
    save(cast, "Welcome them")
    hint = PopHint.objects.get()
    assert "Welcome them" in cast.bob.get("/settings/pop/").content.decode()
    for address in ("add/", f"{hint.pk}/", f"{hint.pk}/move/", f"{hint.pk}/remove/"):
        assert cast.bob.post(f"/settings/pop/{address}", FIRST | {"text": "Mine"}).status_code == 403
        assert cast.charlie.post(f"/settings/pop/{address}", FIRST).status_code in (404, 422)
    assert texts() == ["Welcome them"]
