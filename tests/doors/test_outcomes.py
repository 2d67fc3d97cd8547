"""Marking what came of a call, and taking it back."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from ringtrace.cli import outcome as command
from ringtrace.core.errors import BadInput
from ringtrace.web.models import CallRow, OutcomeRow, StaleMonth
from tests.doors.cast import Cast, make_call, make_match, mark, publish


def _text(cast: Cast, address: str) -> str:
    return cast.alice.get(address).content.decode()


def _nonce(page: str) -> str:
    found = re.search(r'name="sealed_nonce" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_it_marks_a_sale(cast: Cast) -> None:
    mark(cast.alice, cast.call, value="1,250.00", note="New boiler")
    page = _text(cast, f"/calls/{cast.call.pk}/")
    assert "$1,250" in page
    assert "New boiler" in page
    assert OutcomeRow.objects.get().value_cents == 125_000
    assert StaleMonth.objects.filter(company=cast.company).exists()


def test_it_keeps_a_value_that_is_not_known_unknown(cast: Cast) -> None:
    mark(cast.alice, cast.call, value="")
    assert OutcomeRow.objects.get().value_cents is None
    assert "Unknown: no value was given" in _text(cast, f"/calls/{cast.call.pk}/")


@pytest.mark.parametrize(
    "value", ["lots", "-1", "NaN", "Infinity", "1e40", "1e999999", "1.234", "1,50", "99999999999999999"]
)
def test_it_refuses_a_value_that_is_no_amount(cast: Cast, value: str) -> None:
    answer = mark(cast.alice, cast.call, value=value)
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == 422
    assert "is not an amount" in answer.content.decode()
    assert not OutcomeRow.objects.exists()


@pytest.mark.parametrize("value", ["1,50", "1e999999", "NaN", "-3"])
def test_it_refuses_the_same_on_the_command_line(value: str, tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    options = parser.parse_args(["call_1", "sale", f"--value={value}"])
    with pytest.raises(BadInput, match="is not an amount"):
        command.run(options)


def test_it_counts_a_form_sent_twice_once(cast: Cast) -> None:
    form = {"kind": "sale", "value": "100", "sealed_nonce": _nonce(_text(cast, f"/calls/{cast.call.pk}/"))}
    for value in ("100", "120"):
        assert cast.alice.post(f"/calls/{cast.call.pk}/outcome/", form | {"value": value}).status_code == 302
    assert OutcomeRow.objects.get().value_cents == 12_000


def test_it_counts_two_forms_twice(cast: Cast) -> None:
    mark(cast.alice, cast.call, kind="lead")
    mark(cast.alice, cast.call, kind="sale", value="80")
    assert sorted(OutcomeRow.objects.values_list("kind", flat=True)) == ["lead", "sale"]


def test_it_takes_no_form_of_another_call_and_offers_a_fresh_one(cast: Cast) -> None:
    other = make_call(cast.number, None)
    foreign = _nonce(_text(cast, f"/calls/{other.pk}/"))
    for wrong in (foreign, "made-up", ""):
        answer = cast.alice.post(f"/calls/{cast.call.pk}/outcome/", {"kind": "sale", "sealed_nonce": wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "out of date" in page
        assert not OutcomeRow.objects.exists()
    again = cast.alice.post(f"/calls/{cast.call.pk}/outcome/", {"kind": "sale", "sealed_nonce": _nonce(page)})
    assert again.status_code == 302


def test_it_takes_an_outcome_back_everywhere(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    mark(cast.alice, cast.call, value="1000")
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    assert "$830" in _text(cast, "/sources/")
    changed_ms = CallRow.objects.get(pk=cast.call.pk).changed_ms
    found = re.search(r'action="(/calls/[^"]+/remove/)"', _text(cast, f"/calls/{cast.call.pk}/"))
    assert found is not None
    assert cast.alice.post(found[1])["Location"] == f"/calls/{cast.call.pk}/"
    assert not OutcomeRow.objects.exists()
    assert CallRow.objects.get(pk=cast.call.pk).changed_ms > changed_ms  # open logs take it again
    assert StaleMonth.objects.filter(company=cast.company).exists()
    publish(cast.company)
    assert "$830" not in _text(cast, "/sources/")
    assert cast.alice.post(found[1]).status_code == 404


def test_it_removes_only_an_outcome_of_the_call_in_the_address(cast: Cast) -> None:
    mark(cast.alice, cast.call)
    other = make_call(cast.number, None)
    answer = cast.alice.post(f"/calls/{other.pk}/outcome/{OutcomeRow.objects.get().pk}/remove/")
    assert answer.status_code == 404
    assert OutcomeRow.objects.exists()


def test_it_offers_no_removal_to_a_viewer(cast: Cast) -> None:
    mark(cast.alice, cast.call)
    assert "/remove/" not in cast.bob.get(f"/calls/{cast.call.pk}/").content.decode()
