"""`ringtrace import`, `misses` and `names`, as somebody types them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from ringtrace.cli import build_parser, imports, misses, names, outcome
from ringtrace.core.errors import BadInput, RingtraceError
from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.web import actions
from ringtrace.web.models import Company, NameRuleRow, OutcomeRow, SpendRow, VisitRow
from ringtrace.web.naming import do_align
from tests.rooms.taken import ANN, NOW_MS, called, new_company

pytestmark = pytest.mark.django_db

REAL = Path(__file__).parents[3] / "shared/data"
SALES = (
    "Deal ID,Phone,Deal Stage,Close Date,Amount\n"
    f"1,{ANN},Closed Won,2026-09-15,250\n"
    "2,+13105550100,Closed Won,2026-09-15,100\n"
    "3,nonsense,Closed Won,2026-09-15,100\n"
    f"4,{ANN},Ocean View,2026-09-15,100\n"
)


@pytest.fixture(autouse=True)
def _ledger_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "220")
    for module in (imports, misses, names, outcome):
        monkeypatch.setattr(module, "open_ledger", lambda _data: None)


@pytest.fixture
def company() -> Company:
    return new_company()


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(SALES)
    return path


def ringtrace(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """The exit code, and what is said, with its line breaks as blanks."""
    options = build_parser().parse_args([str(argument) for argument in arguments])
    code: int = options.run(options)
    return code, " ".join(capsys.readouterr().out.split())


@pytest.mark.usefixtures("company")
class TestImport:
    def test_it_shows_how_it_reads_takes_and_sums_up(
        self, capsys: pytest.CaptureFixture[str], company: Company, sales: Path
    ) -> None:
        called(company, "c1", NOW_MS)
        code, said = ringtrace(capsys, "import", sales, "--what", "outcomes", "--yes", "--kind", "Ocean View=lead")
        assert code == 0
        for text in ("Deal Stage", "utf-8, with commas", "Taken: 3; as before: 0; rejected: 1.", "line 4, Phone"):
            assert text in said
        assert "Nobody called from this number." in said
        assert "sales.csv.rejected.csv" in said
        assert OutcomeRow.objects.get(external_id="1").call_id == "c1"
        assert OutcomeRow.objects.get(external_id="4").kind == "lead"

    def test_a_preview_takes_nothing(self, capsys: pytest.CaptureFixture[str], sales: Path) -> None:
        code, said = ringtrace(capsys, "import", sales, "--what", "outcomes", "--preview")
        assert (code, OutcomeRow.objects.count()) == (0, 0)
        assert ANN in said
        assert "line 4, Phone" in said

    def test_a_dry_run_keeps_nothing(self, capsys: pytest.CaptureFixture[str], sales: Path) -> None:
        code, said = ringtrace(capsys, "import", sales, "--what", "outcomes", "--dry-run")
        assert (code, OutcomeRow.objects.count()) == (0, 0)
        assert "Would be taken: 3" in said
        assert list(sales.parent.iterdir()) == [sales]

    def test_it_says_what_stands_in_the_way(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text("Wer,Was\nx,y\n")
        code, said = ringtrace(capsys, "import", path, "--what", "outcomes")
        assert code == 1
        assert "It cannot be taken yet: Say which column tells the kind" in said

    def test_columns_and_values_are_as_told(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        path = tmp_path / "odd.csv"
        path.write_text(f"Wer;Wann;Wieviel\n{ANN};5.9.2026 10:00;1.250,50\n")
        told = ("--map", "phone=Wer", "--map", "at=Wann", "--map", "value=Wieviel", "--fixed", "kind=sale")
        more = ("--currency", "eur", "--rate", "EUR=2", "--zone", "Europe/Berlin", "--numbers", "comma", "--day-first")
        code, _ = ringtrace(capsys, "import", path, "--what", "outcomes", *told, *more)
        assert code == 0
        row = OutcomeRow.objects.get()
        assert (row.value_cents, row.said_cents, row.at_ms) == (250_100, 125_050, 1_788_595_200_000)

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--map", "phone"),
            ("--rate", "EUR=much"),
            ("--rate", "EUR=-1"),
            ("--since", "2026-09-01"),
            ("--company", "nobody's"),
        ],
    )
    def test_what_is_asked_wrongly_is_refused(
        self, capsys: pytest.CaptureFixture[str], sales: Path, wrong: tuple[str, ...]
    ) -> None:
        with pytest.raises(RingtraceError) as refused:
            ringtrace(capsys, "import", sales, "--what", "outcomes", *wrong)
        assert refused.value.hint

    def test_a_file_that_is_not_there_is_refused(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        with pytest.raises(BadInput):
            ringtrace(capsys, "import", tmp_path / "nowhere.csv")

    def test_a_real_export_comes_in(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        path = REAL / "google_ads_search_keywords_towing.csv"
        if not path.exists():
            if os.environ.get("CI") == "true":
                pytest.fail("The real exports are not in shared/data.")
            pytest.skip("The real exports are not here: shared/data.")
        rejected = ("--rejected", tmp_path / "rejected.csv")
        code, said = ringtrace(capsys, "import", path, *rejected)
        assert (code, "8 days" in said) == (1, True)
        code, said = ringtrace(capsys, "import", path, "--spread", *rejected)
        assert "This is in CAD" in said
        assert not SpendRow.objects.exists()
        code, said = ringtrace(capsys, "import", path, "--spread", "--rate", "CAD=0.73", *rejected)
        assert code == 0
        for text in ("utf-16", "with tabs", "2026-05-01 to 2026-05-08, spread over 8 days", "Sum of the rows: "):
            assert text in said
        assert "Total: Account" in said
        assert SpendRow.objects.values("on_date").distinct().count() == 8


class TestMisses:
    def test_they_are_listed_with_why(
        self, capsys: pytest.CaptureFixture[str], company: Company, sales: Path, tmp_path: Path
    ) -> None:
        ringtrace(capsys, "import", sales, "--what", "outcomes", "--yes")
        assert "Nobody called from this number." in ringtrace(capsys, "misses")[1]
        called(company, "c1", NOW_MS)
        path = tmp_path / "misses.csv"
        OutcomeRow.objects.filter(external_id="2").update(external_id="=2+2", at_ms=NOW_MS)
        OutcomeRow.objects.exclude(external_id="=2+2").delete()
        assert "1 outcomes matched no call" in ringtrace(capsys, "misses", "--csv", path)[1]
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["kind"], row["external_id"], row["value"]) == ("sale", "'=2+2", "100.00")

    def test_they_are_tried_again(
        self, capsys: pytest.CaptureFixture[str], company: Company, sales: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(misses, "wall_clock", lambda: NOW_MS)
        ringtrace(capsys, "import", sales, "--what", "outcomes", "--yes")
        called(company, "c1", NOW_MS)
        assert "found their call" in ringtrace(capsys, "misses", "--again")[1]
        assert OutcomeRow.objects.get(external_id="1").call_id == "c1"


class TestNames:
    @pytest.fixture(autouse=True)
    def _campaigns(self, company: Company) -> None:
        site = actions.do_create_site(company, "Site", ["https://alice.example"])
        seen = {"visitor_id": "x", "started_ms": NOW_MS, "last_seen_ms": NOW_MS}
        VisitRow.objects.create(
            visit_id="v1", company=company, site=site, source={"campaign": "emergency-plumbing"}, **seen
        )
        SpendRow.objects.create(
            company=company, on_date="2026-09-01", source="google", medium="cpc", campaign="Emergency Plumbing 24h",
            cost_cents=12_345,
        )  # fmt: skip

    def test_what_matches_nothing_is_listed_with_what_it_may_be(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, said = ringtrace(capsys, "names")
        for text in ("no visit", "123.45", "no spend", "emergency-plumbing", "These may be one"):
            assert text in said

    def test_two_names_become_one_and_two_again(self, capsys: pytest.CaptureFixture[str], company: Company) -> None:
        ringtrace(capsys, "names", "align", "campaign", "Emergency Plumbing 24h", "emergency-plumbing")
        assert "the other way round" in ringtrace(capsys, "names")[1]
        ringtrace(capsys, "names", "forget", "campaign", "emergency plumbing 24H")
        assert not NameRuleRow.objects.exists()
        with pytest.raises(BadInput):
            ringtrace(capsys, "names", "forget", "campaign", "Emergency Plumbing 24h")

    def test_a_rule_needs_two_names(self, company: Company) -> None:
        with pytest.raises(BadInput):
            do_align(company, NameRule(field=NameField.CAMPAIGN, said=" ", means="x"))


def test_an_own_kind_is_marked(capsys: pytest.CaptureFixture[str], company: Company) -> None:
    called(company, "c1", NOW_MS)
    assert ringtrace(capsys, "outcome", "c1", "site_survey")[1] == "Marked site_survey for c1."
    with pytest.raises(BadInput):
        ringtrace(capsys, "outcome", "c1", "Site Survey!")
