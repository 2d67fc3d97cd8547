"""Whole files: how one will be read, what is rejected, and a run that was stopped in its middle."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from ringtrace.core.errors import BadInput
from ringtrace.intake.files.spend.port import SpendChoices
from ringtrace.intake.port import What
from ringtrace.web.import_runs import Taking, begin_run
from ringtrace.web.imports import Choices, plan_import, preview
from ringtrace.web.models import CallRow, ColumnMapping, Company, ImportRun, OutcomeRow, SpendRow
from tests.rooms.taken import ANN, BEN, DAY_MS, NOW_MS, called, marks, new_company, state, take_file

pytestmark = pytest.mark.django_db

EXPORTS = Path(__file__).parent / "exports"
REAL = Path(__file__).parents[3] / "shared/data"
KEYWORDS, TERMS = REAL / "google_ads_search_keywords_towing.csv", REAL / "google_ads_search_terms_towing_utf16.csv"
OUTCOMES = "id,phone,outcome,date,amount\n" + "".join(
    f"o{n},{'nonsense' if n % 10 == 7 else '+1310555' + str(n).zfill(4)},sale,2026-09-1{n % 5},{n}.50\n"
    for n in range(60)
)


@pytest.fixture
def company() -> Company:
    return new_company()


def written(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def rejected_of(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.rejected.csv").open(newline="") as file:
        return list(csv.DictReader(file))


class TestOutcomes:
    def test_a_file_is_taken(self, company: Company, tmp_path: Path) -> None:
        called(company, "c1", NOW_MS - 4 * DAY_MS, "+13105550001")
        done = take_file(company, written(tmp_path, OUTCOMES), what=What.OUTCOMES)
        assert (done.taken, done.rejected, done.missed) == (54, 6, 53)
        assert done.misses == {"no_such_caller": 53}
        assert OutcomeRow.objects.get(external_id="o1").call_id == "c1"

    def test_what_is_rejected_can_be_mended_and_given_again(self, company: Company, tmp_path: Path) -> None:
        path = written(tmp_path, OUTCOMES)
        assert take_file(company, path, what=What.OUTCOMES).rejected_path == path.with_name("file.csv.rejected.csv")
        rejected = rejected_of(path)
        assert [(row["id"], row["line"]) for row in rejected[:2]] == [("o7", "9"), ("o17", "19")]
        assert "phone" in rejected[0]["problem"]
        mended = written(
            tmp_path, path.with_name("file.csv.rejected.csv").read_text().replace("nonsense", ANN), "again"
        )
        done = take_file(company, mended, what=What.OUTCOMES)
        assert (done.taken, done.rejected, OutcomeRow.objects.count()) == (6, 0, 60)

    def test_what_the_ledger_refuses_stands_with_its_row(self, company: Company, tmp_path: Path) -> None:
        path = written(
            tmp_path, f"id,phone,outcome,date,amount\n1,{ANN},sale,2026-09-01,9e99\n2,{ANN},sale,2026-09-01,5\n"
        )
        path.write_text(path.read_text().replace("9e99", "99999999999999"))
        done = take_file(company, path, what=What.OUTCOMES)
        assert (done.taken, done.rejected) == (1, 1)
        (row,) = rejected_of(path)
        assert (row["id"], row["phone"], row["amount"], row["line"]) == ("1", ANN, "99999999999999", "2")

    def test_the_same_file_again_changes_nothing(self, company: Company, tmp_path: Path) -> None:
        path = written(tmp_path, OUTCOMES)
        take_file(company, path, what=What.OUTCOMES)
        before = marks()
        assert take_file(company, path, what=What.OUTCOMES).unchanged == 54
        assert (OutcomeRow.objects.count(), ImportRun.objects.count(), marks()) == (54, 2, before)

    def test_a_dry_run_keeps_nothing(self, company: Company, tmp_path: Path) -> None:
        path = written(tmp_path, OUTCOMES)
        done = take_file(company, path, what=What.OUTCOMES, dry=True)
        assert (done.taken, done.rejected, done.missed, done.dry) == (54, 6, 54, True)
        assert {name: len(rows) for name, rows in state().items() if rows} == {}
        assert not ColumnMapping.objects.exists()
        assert [each.name for each in tmp_path.iterdir()] == ["file.csv"]

    def test_columns_are_mapped_once(self, company: Company, tmp_path: Path) -> None:
        odd = "Nr,Wer,Was,Wann\n1,+13105550177,Gewonnen!,2026-09-01\n"
        choices = Choices(
            columns={"external_id": "Nr", "phone": "Wer", "kind": "Was", "at": "Wann"}, kinds={"Gewonnen!": "sale"}
        )
        assert plan_import(company, written(tmp_path, odd), What.OUTCOMES).complaints
        take_file(company, written(tmp_path, odd), choices, What.OUTCOMES)
        again = plan_import(company, written(tmp_path, odd.replace("1,", "2,"), "next.csv"), What.OUTCOMES)
        assert again.complaints == ()
        assert [(line, getattr(value, "kind", value)) for line, value in preview(company, again)] == [(2, "sale")]

    def test_it_asks_what_a_file_is_that_says_nothing(self, company: Company, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="What is in this file"):
            plan_import(company, written(tmp_path, OUTCOMES))


def test_contacts_are_taken(company: Company, tmp_path: Path) -> None:
    path = written(tmp_path, "id,kind,date,email\n1,form,2026-09-01,ann@example.com\n2,fax,2026-09-01,b@example.com\n")
    done = take_file(company, path, what=What.CONTACTS)
    assert (done.taken, done.rejected) == (1, 1)


CALLS = (
    "Call Status,Number Name,Tracking Number,Start Time,Duration (seconds),Phone Number,Source,Tags,Value,Qualified\n"
    f"Answered,Web,+13105550140,2026-09-01 10:00:00,60,{ANN},Google Ads,Hot,$25.00,Qualified Lead\n"
    "Answered,Web,+13105550140,never,60,,Google Ads,,,\n"
    f"Missed,Web,+13105550140,2026-09-01 11:00:00,0,{BEN},Google Organic,,,\n"
)


def test_calls_are_taken_with_what_they_were_worth(company: Company, tmp_path: Path) -> None:
    path = written(tmp_path, CALLS)
    done = take_file(company, path)
    assert (done.what, done.taken, done.rejected) == ("calls", 2, 1)
    assert CallRow.objects.filter(system="callrail").count() == 2
    assert OutcomeRow.objects.get(kind="sale").value_cents == 2500
    assert rejected_of(path)[0]["line"] == "3"
    assert take_file(company, path).unchanged == 2


class Stopped(Exception):
    """As a kill would."""


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Stops every run in its batch of this number, before or after its rejected rows are written."""

    def stop_in(batch: int) -> None:
        batches = iter(range(10_000))
        count = Taking._count

        def counted(self: Taking, *args: Any) -> None:
            count(self, *args)
            if next(batches) == batch:
                args_problems = args[2]
                self._reject(args_problems)
                raise Stopped

        monkeypatch.setattr(Taking, "_count", counted)

    return stop_in


def by_day() -> Iterator[str]:
    yield "Day,Campaign,Ad group,Keyword,Cost,Currency\n"
    for n in range(40):
        yield f"2026-09-{n % 4 + 1:02},C{n % 3},G,k{n % 5},{'-1' if n % 13 == 5 else n}.25,USD\n"


FILES = {
    What.OUTCOMES: OUTCOMES,
    What.SPEND: "".join(by_day()),
    What.CALLS: CALLS
    + "".join(f"Answered,Web,+13105550140,2026-09-02 10:{n}:00,60,{BEN},Google Ads,,,\n" for n in range(10, 40)),
}
SAID = {What.SPEND: Choices(spend=SpendChoices(source="google", medium="cpc"))}


@pytest.mark.parametrize("what", list(FILES))
@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_run_that_was_stopped_goes_on_as_if_nothing_had_been(
    company: Company,
    tmp_path: Path,
    stops: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    what: What,
    at: int,
) -> None:
    path = written(tmp_path, FILES[what])
    with transaction.atomic():
        whole = take_file(company, path, SAID.get(what), what, batch=7)
        undisturbed, rejected = state(), path.with_name("file.csv.rejected.csv").read_bytes()
        transaction.set_rollback(True)
    stops(at)
    with pytest.raises(Stopped):
        take_file(company, path, SAID.get(what), what, batch=7)
    assert ImportRun.objects.get().place == at * 7
    monkeypatch.undo()
    done = take_file(company, path, SAID.get(what), what, batch=7)
    assert done.resumed_at == at * 7
    assert path.with_name("file.csv.rejected.csv").read_bytes() == rejected
    assert state() == undisturbed
    assert (done.read_micros, done.taken, done.rejected) == (whole.read_micros, whole.taken, whole.rejected)


def test_a_run_read_another_way_starts_anew(company: Company, tmp_path: Path, stops: Callable[[int], None]) -> None:
    path = written(tmp_path, OUTCOMES)
    stops(2)
    with pytest.raises(Stopped):
        take_file(company, path, what=What.OUTCOMES, batch=7)
    done = take_file(company, path, Choices(fixed={"currency": "USD"}), What.OUTCOMES, batch=7)
    assert (done.resumed_at, OutcomeRow.objects.count()) == (0, 54)


def test_two_that_take_one_file_do_not_book_it_twice(company: Company, tmp_path: Path) -> None:
    path = written(tmp_path, FILES[What.SPEND])

    def opened() -> Taking:
        plan = plan_import(company, path, What.SPEND, SAID[What.SPEND])
        run = begin_run(company, path, plan, NOW_MS, None)
        return Taking(company, plan, run, tmp_path / "rejected.csv", batch=7)

    with opened() as one, opened() as other:
        one.step(NOW_MS)
        with pytest.raises(BadInput, match="Somebody else"):
            other.step(NOW_MS)
        while one.step(NOW_MS):
            pass
    assert ImportRun.objects.get().state == "done"


def test_a_rejected_file_that_was_lost_starts_anew(
    company: Company, tmp_path: Path, stops: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, OUTCOMES)
    stops(3)
    with pytest.raises(Stopped):
        take_file(company, path, what=What.OUTCOMES, batch=7)
    path.with_name("file.csv.rejected.csv").unlink()
    monkeypatch.undo()
    take_file(company, path, what=What.OUTCOMES, batch=7)
    assert {row["id"] for row in rejected_of(path)} == {"o27", "o37", "o47", "o57"}


class TestSpend:
    def test_a_days_export_is_booked_and_its_total_shown(self, company: Company) -> None:
        path = EXPORTS / "google_keywords.csv"
        plan = plan_import(company, path)
        assert plan.what is What.SPEND

    def test_a_period_is_spread_where_asked(self, company: Company, tmp_path: Path) -> None:
        path = written(tmp_path, "Campaign,Cost\nA,100.01\n")
        period = SpendChoices(source="google", medium="cpc", since_on=date(2026, 9, 1), until_on=date(2026, 9, 8))
        (complaint,) = plan_import(company, path, What.SPEND, Choices(spend=period)).complaints
        assert "8 days" in complaint
        take_file(company, path, Choices(spend=period, spread=True), What.SPEND)
        assert sorted(SpendRow.objects.values_list("cost_cents", flat=True)) == [1250] * 7 + [1251]


@pytest.fixture
def real() -> tuple[Path, Path]:
    if not KEYWORDS.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"The real exports are not in {REAL.name}.")
        pytest.skip("The real exports are not here: shared/data.")
    return KEYWORDS, TERMS


class TestRealExports:
    CHOICES = Choices(spread=True, rates={"CAD": 0.73})

    def test_eight_days_in_one_figure_are_not_taken_as_they_are(
        self, company: Company, real: tuple[Path, Path]
    ) -> None:
        for path in real:
            (complaint,) = plan_import(company, path).complaints
            assert "8 days" in complaint

    def test_canadian_dollars_are_refused_without_a_rate(
        self, company: Company, real: tuple[Path, Path], tmp_path: Path
    ) -> None:
        done = take_file(company, real[0], Choices(spread=True), rejected_path=tmp_path / "rejected.csv")
        assert (done.taken, SpendRow.objects.count()) == (0, 0)
        assert "CAD" in done.first_problems[0].message
        with (tmp_path / "rejected.csv").open(newline="") as file:
            assert all(row["Campaign"] for row in csv.DictReader(file))

    def test_both_tell_one_bill(self, company: Company, real: tuple[Path, Path], tmp_path: Path) -> None:
        sums = []
        for path in real:
            done = take_file(company, path, self.CHOICES, rejected_path=tmp_path / "rejected.csv")
            assert done.rejected == 0
            rows = SpendRow.objects.all()
            assert abs(sum(row.said_micros or 0 for row in rows) - done.read_micros) < len(rows) * 8
            sums.append((done.read_micros, [(total.label, total.cost_micros) for total in done.totals]))
            assert len({row.on_date for row in rows}) == 8
            assert {row.currency for row in rows} == {"CAD"}
        assert sums[0][1]
        again = take_file(company, real[1], self.CHOICES, rejected_path=tmp_path / "rejected.csv")
        assert (again.taken, again.replaced) == (0, 0)
