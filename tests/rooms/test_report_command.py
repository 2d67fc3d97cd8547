"""`ringtrace report`: the same question gives what the metrics page gives."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from ringtrace.cli.report import filter_text
from ringtrace.reports.dimensions import DIMENSIONS
from ringtrace.reports.metrics.registry import METRICS

_PREPARE = """
import sys, pathlib
from ringtrace.cli.ledger import open_ledger
open_ledger(pathlib.Path(sys.argv[1]), web_url="http://127.0.0.1:8000", edge_url="http://127.0.0.1:8100")
from django.core.management import call_command
call_command("migrate", verbosity=0)
import msgspec
from django.conf import settings
from ringtrace.lake.writer import LakeWriter
from ringtrace.web import actions
from tests.rooms.metric_lakes import day_facts
company = actions.do_create_owner("alice@example.com", None, "Alice's Plumbing", "America/Los_Angeles", "USD")
mine = {fact: [msgspec.structs.replace(row, company_id=company.pk) for row in rows]
        for fact, rows in day_facts().items()}
LakeWriter(settings.LAKE_DIR).publish({(company.pk, "2026-10"): mine}, 1, definitions="as it was")
"""
_PAGE = """
import sys, pathlib
from ringtrace.cli.ledger import open_ledger
open_ledger(pathlib.Path(sys.argv[1]))
from django.test import Client
from ringtrace.web.models import User
client = Client(HTTP_HOST="127.0.0.1")
client.force_login(User.objects.get())
sys.stdout.write(client.get("/metrics/?" + sys.argv[2]).content.decode("utf-8-sig"))
"""
_TREE = Path(__file__).parents[2]
_DAY = ("--since", "2026-10-05", "--until", "2026-10-05", "--model", "linear")
_IN_ADDRESS = "since=2026-10-05&until=2026-10-05&model=linear"


def _python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120, cwd=_TREE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    _python("-c", _PREPARE, str(folder))
    return folder


def report(data_dir: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ringtrace", "report", "--data", str(data_dir), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={"COLUMNS": "200"})
    return done.returncode, done.stdout + done.stderr


def test_its_csv_is_the_pages_csv(data_dir: Path) -> None:
    question = "metrics=calls,answer_rate,cost_per_call&by=channel,device&filter=-campaign:brand"
    page = _python("-c", _PAGE, str(data_dir), f"{_IN_ADDRESS}&{question}&compare=before&intervals=1&format=csv")
    asked = ("--metrics", "calls,answer_rate,cost_per_call", "--by", "channel,device", "--where", "campaign!=brand")
    code, said = report(data_dir, *_DAY, *asked, "--compare", "before", "--intervals", "--format", "csv")
    assert code == 0
    assert list(csv.reader(StringIO(said))) == list(csv.reader(StringIO(page)))


def test_its_table_and_json_have_the_same_total(data_dir: Path) -> None:
    code, table = report(data_dir, *_DAY, "--metrics", "calls,revenue", "--by", "channel")
    assert code == 0
    assert "Paid Search" in table
    assert "data version" in table
    said = json.loads(report(data_dir, *_DAY, "--metrics", "calls,revenue", "--by", "channel", "--format", "json")[1])
    assert said["totals"]["calls"]["value"] == 5
    assert f"${said['totals']['revenue']['value'] / 100:,.0f}" in table


def test_it_says_why(data_dir: Path) -> None:
    code, said = report(data_dir, *_DAY, "--metrics", "answer_rate,cost_per_call", "--where", "agent=Nobody", "--why")
    assert code == 0
    assert "calls answered ÷ calls" in said
    assert "Agent is Nobody" in said
    assert "SELECT" in said
    assert "unknown" in said


def test_it_lists_the_registry(tmp_path: Path) -> None:
    code, said = report(tmp_path, "--list")
    assert code == 0
    assert all(name in said for name in (*METRICS, *DIMENSIONS))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--metrics", "nonsense"), "no metric"),
        (("--where", "nonsense"), "not a filter"),
        (("--days", "0"), "days"),
        (("--company", "Nobody’s"), "not exactly one company"),
        (("--definition", "nonsense"), "no definition"),
        (("--since", "yesterday"), "dates"),
    ],
)
def test_it_refuses_what_it_cannot_ask(data_dir: Path, arguments: tuple[str, ...], words: str) -> None:
    code, said = report(data_dir, *arguments)
    assert code == 1
    assert words in said


def test_it_needs_a_data_directory(tmp_path: Path) -> None:
    code, said = report(tmp_path / "none")
    assert code == 1
    assert "There is no data directory" in said


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("channel=Email", "channel:Email"),
        ("device!=mobile,tablet", "-device:mobile,tablet"),
        ("keyword~a=b", "keyword~a=b"),
        ("-channel:Email", "-channel:Email"),
        ("landing_page=/x?y=z", "landing_page:/x?y=z"),
        ("nonsense", "nonsense"),
    ],
)
def test_it_reads_filters_as_people_write_them(said: str, meant: str) -> None:
    assert filter_text(said) == meant
