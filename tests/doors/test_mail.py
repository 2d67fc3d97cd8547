"""The outbox and the reports that are mailed by themselves, through a mail server that listens on loopback."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from pytest_django import Settings

from ringtrace.core.clock import DAY_MS, MINUTE_MS, SetClock, wall_clock
from ringtrace.core.errors import BadInput, StoreUnavailable
from ringtrace.web.mail import Attached, do_queue_mail
from ringtrace.web.mail_server import MailServer, do_forget_mail_server, do_set_mail_server, mail_server
from ringtrace.web.models import AuditRow, Cadence, MailAttachment, MailRow, ReportSchedule
from ringtrace.web.schedules import (
    Wanted,
    do_ask_report,
    do_save_schedule,
    do_stop_for,
    make_report,
    queue_asked_reports,
    queue_due_reports,
    stop_token,
)
from ringtrace.worker import mail
from ringtrace.worker.mail import forget_old_mail, mail_step, send_due
from tests.doors.cast import Cast, make_match, mark, publish


class Postbox:
    """What the server took; `refuses` is what it answers instead."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.refuses = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        self.taken.append(message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("RINGTRACE_SMTP_URL", f"smtp+plain://127.0.0.1:{port}")
    monkeypatch.setenv("RINGTRACE_MAIL_FROM", "reports@ringtrace.example")
    yield box
    server.stop()


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    monkeypatch.delenv("RINGTRACE_SMTP_URL", raising=False)
    settings.DATA_DIR = tmp_path


NOW_MS = 1_795_000_000_000


def _wait(**more: Any) -> MailRow:
    return do_queue_mail("test", "ann@example.com", "Hello\nthere", "Text.", NOW_MS, **more)


# The outbox


def test_it_sends_what_waits_with_its_attachments_once(db: None, postbox: Postbox) -> None:
    row = _wait(html="<p>Text.</p>", attachments=(Attached(name="a.pdf", type="application/pdf", body=b"%PDF"),))
    clock = SetClock(NOW_MS)
    assert (send_due(clock), send_due(clock)) == (1, 0)
    [message] = postbox.taken
    assert (message["Subject"], message["To"], message["From"]) == (
        "Hello there",
        "ann@example.com",
        "reports@ringtrace.example",
    )
    assert message["Message-ID"] == f"<{row.pk}@ringtrace.example>"
    parts = {part.get_content_type(): part.get_payload(decode=True) for part in message.walk()}
    assert parts["text/plain"].strip() == b"Text."  # type: ignore[union-attr]
    assert parts["application/pdf"] == b"%PDF"
    assert not MailAttachment.objects.exists()


def test_it_waits_without_a_server_and_says_why(cast: Cast) -> None:
    _wait(company=cast.company)
    assert send_due(SetClock(NOW_MS)) == 0
    assert MailRow.objects.get().tries == 0
    page = cast.alice.get("/settings/reports/").content.decode()
    assert "no mail server is named yet" in page


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [("451 later", "waiting", "put_off"), ("550 nobody here", "given up", "refused")],
)
def test_it_tries_again_what_may_help_and_gives_up_what_cannot(
    db: None, postbox: Postbox, answer: str, state: str, code: str
) -> None:
    _wait()
    postbox.refuses = answer
    send_due(SetClock(NOW_MS))
    row = MailRow.objects.get()
    assert row.last_error == code
    assert (row.given_up_ms is not None) is (state == "given up")
    if state == "waiting":
        assert row.due_ms == NOW_MS + MINUTE_MS
        assert send_due(SetClock(NOW_MS + MINUTE_MS - 1)) == 0
        postbox.refuses = ""
        assert send_due(SetClock(NOW_MS + MINUTE_MS)) == 1
        assert MailRow.objects.get().last_error == ""


def test_it_gives_up_after_a_day_and_a_half_of_trying(db: None, postbox: Postbox) -> None:
    _wait()
    postbox.refuses = "451 later"
    clock = SetClock(NOW_MS)
    for _ in range(30):
        send_due(clock)
        clock.now_ms = MailRow.objects.get().due_ms
    row = MailRow.objects.get()
    assert (row.tries, row.last_error) == (8, "put_off")
    assert row.given_up_ms is not None
    assert DAY_MS < row.given_up_ms - NOW_MS < 3 * DAY_MS


def test_it_is_not_held_up_by_a_server_that_is_not_there(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGTRACE_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("RINGTRACE_MAIL_FROM", "reports@ringtrace.example")
    _wait()
    assert mail_step(SetClock(NOW_MS)) == 0
    assert MailRow.objects.get().last_error == "unreachable"


def test_it_sends_again_what_a_killed_worker_had_claimed(
    db: None, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _wait()

    def killed(*_args: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mail, "_send", killed)
        with pytest.raises(KeyboardInterrupt):
            send_due(SetClock(NOW_MS))
    assert send_due(SetClock(NOW_MS + MINUTE_MS)) == 0
    assert send_due(SetClock(NOW_MS + 10 * MINUTE_MS)) == 1


def test_it_says_a_code_and_never_what_the_server_said(
    db: None, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    _wait()
    postbox.refuses = "451 ann@example.com is away"
    send_due(SetClock(NOW_MS))
    assert "ann@example.com" not in caplog.text
    assert MailRow.objects.get().pk in caplog.text


def test_it_tells_a_wrong_password_from_other_troubles() -> None:
    assert mail._code(smtplib.SMTPAuthenticationError(535, b"no")) == "sign_in"
    assert mail._code(smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"")})) == "put_off"
    assert mail._code(smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"")})) == "refused"


def test_it_forgets_old_mail_that_is_done_with(db: None, postbox: Postbox) -> None:
    _wait()
    assert forget_old_mail(NOW_MS + 40 * DAY_MS) == 0
    send_due(SetClock(NOW_MS))
    assert forget_old_mail(NOW_MS + 40 * DAY_MS) == 1


# The mail server


def test_it_keeps_a_server_with_its_password_sealed(settings: Settings) -> None:
    do_set_mail_server("mail.example.com", "starttls", "a@example.com", user="me", password="s3cret-word")
    assert mail_server() == MailServer(
        host="mail.example.com",
        port=587,
        security="starttls",
        sender="a@example.com",
        user="me",
        password="s3cret-word",
    )
    path = Path(settings.DATA_DIR) / "mail.json"
    assert b"s3cret-word" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    do_forget_mail_server()
    assert mail_server() is None


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://h:99999", "mail.example.com"])
def test_it_says_what_is_wrong_with_a_servers_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("RINGTRACE_SMTP_URL", url)
    monkeypatch.setenv("RINGTRACE_MAIL_FROM", "a@example.com")
    with pytest.raises(BadInput):
        mail_server()


# Reports


@pytest.fixture
def told(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    """Alice's call of a moment ago and its sale are in the lake."""
    settings.LAKE_DIR = tmp_path / "lake"
    make_match(cast.call, cast.visit)
    mark(cast.alice, cast.call, value="1000")
    publish(cast.company, cast.call.started_ms, cast.visit.started_ms)
    return cast


def _weekly(cast: Cast, *to: str, **more: Any) -> ReportSchedule:
    wanted = Wanted(name="Monday", cadence=Cadence.DAILY, hour=7, recipients=to or ("ann@example.com",), **more)
    return do_save_schedule(cast.company, wanted, wall_clock())


def test_it_mails_the_figures_of_the_page_with_the_same_as_pdf(told: Cast, postbox: Postbox) -> None:
    row = _weekly(told, "ann@example.com", "bo@example.com")
    due_ms = row.next_ms
    assert queue_due_reports(due_ms - 1) == 0
    assert queue_due_reports(due_ms) == 2
    assert queue_due_reports(due_ms) == 0
    row.refresh_from_db()
    assert (row.last_ms, row.next_ms > due_ms) == (due_ms, True)
    assert send_due(SetClock(due_ms)) == 2
    message = postbox.taken[0]
    parts = {part.get_content_type(): part.get_payload(decode=True) for part in message.walk()}
    text, page, pdf = (parts[kind] for kind in ("text/plain", "text/html", "application/pdf"))
    assert isinstance(text, bytes)
    assert isinstance(page, bytes)
    assert isinstance(pdf, bytes)
    assert pdf.startswith(b"%PDF")
    assert str(make_header(decode_header(message["Subject"]))).startswith("Monday: Alice’s Plumbing, ")
    # the page that the e-mail leads to has the same figures
    found = re.search(r"/metrics/\?\S+", text.decode())
    assert found is not None
    shown = told.alice.get(found[0]).content.decode()
    for title, value, _change, _before in make_report(row, due_ms).figures:
        assert f"{title}: {value or 'unknown'}" in text.decode(), title
        assert (value or "—") in shown


def test_it_tells_a_saved_view_and_only_a_shared_one(told: Cast) -> None:
    form = {"name": "By device", "query": "metrics=calls&by=device&days=28", "shared": "1"}
    told.alice.post("/metrics/views/save/", form)
    view = told.company.views.get()
    row = _weekly(told, view_id=view.pk)
    assert make_report(row, row.next_ms).asked.question.by == ("device",)
    view.is_shared = False
    view.save()
    with pytest.raises(BadInput, match="shared view"):
        _weekly(told, view_id=view.pk)


def test_it_keeps_a_view_that_is_mailed(told: Cast) -> None:
    told.alice.post("/metrics/views/save/", {"name": "By device", "query": "metrics=calls&by=device", "shared": "1"})
    view = told.company.views.get()
    _weekly(told, view_id=view.pk)
    answer = told.alice.post(f"/metrics/views/{view.pk}/remove/", follow=True)
    assert "This view is mailed: Monday." in answer.content.decode()
    assert told.company.views.filter(pk=view.pk).exists()
    assert ReportSchedule.objects.exists()


def test_it_sends_what_waits_though_a_report_cannot_be_made(
    told: Cast, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = _weekly(told)

    def break_down(*_args: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("ringtrace.web.schedules.make_report", break_down)
    do_queue_mail("test", "ann@example.com", "Hello", "Text.", row.next_ms)
    assert mail_step(SetClock(row.next_ms)) == 1
    assert len(postbox.taken) == 1


def test_it_comes_once_after_a_week_without_a_worker(told: Cast) -> None:
    row = _weekly(told)
    assert queue_due_reports(row.next_ms + 8 * DAY_MS) == 1
    row.refresh_from_db()
    assert queue_due_reports(row.next_ms - 1) == 0


def test_it_says_nothing_of_a_removed_company_or_a_report_that_is_off(told: Cast) -> None:
    row = _weekly(told)
    told.company.removed_ms = 1
    told.company.save()
    assert queue_due_reports(row.next_ms) == 0
    told.company.removed_ms = None
    told.company.save()
    ReportSchedule.objects.update(is_on=False)
    assert queue_due_reports(row.next_ms) == 0


_FORM = {
    "name": "Monday",
    "view": "",
    "cadence": "weekly",
    "weekday": "0",
    "month_day": "1",
    "hour": "7",
    "recipients": "ann@example.com, bo@example.com",
    "is_on": "on",
}


def test_it_is_set_up_changed_tried_and_removed_on_its_pages(told: Cast) -> None:
    assert told.alice.post("/settings/reports/add/", _FORM)["Location"] == "/settings/reports/"
    row = ReportSchedule.objects.get()
    assert row.recipients == ["ann@example.com", "bo@example.com"]
    assert "Monday" in told.alice.get("/settings/reports/").content.decode()
    told.alice.post(f"/settings/reports/{row.pk}/", _FORM | {"hour": "9"})
    row.refresh_from_db()
    assert row.hour == 9
    pdf = told.alice.get(f"/settings/reports/{row.pk}/pdf/")
    assert (pdf["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    told.alice.post(f"/settings/reports/{row.pk}/send/")
    row.refresh_from_db()
    assert row.asked_by == ["alice@example.com"]
    told.alice.post(f"/settings/reports/{row.pk}/remove/")
    assert not ReportSchedule.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"recipients": "nobody"}, "is no e-mail address"),
        ({"recipients": " , "}, "required|Nobody would get"),
        ({"hour": "25"}, "valid choice"),
        ({"view": "view_of_somebody_else"}, "valid choice"),
        ({"month_day": "31"}, "less than or equal"),
    ],
)
def test_it_says_what_is_wrong_with_a_report(cast: Cast, wrong: dict[str, str], said: str) -> None:
    answer = cast.alice.post("/settings/reports/add/", _FORM | wrong)
    assert answer.status_code == 422
    assert re.search(said, answer.content.decode())
    assert not ReportSchedule.objects.exists()


def test_it_is_stopped_by_whoever_gets_it_and_by_nobody_else(cast: Cast) -> None:
    row = _weekly(cast, "ann@example.com", "bo@example.com")
    token = stop_token(row, "ann@example.com")
    stranger = Client()
    assert "ann@example.com" in stranger.get("/reports/stop/", {"token": token}).content.decode()
    row.refresh_from_db()
    assert len(row.recipients) == 2  # a look stops nothing
    assert "Stopped" in stranger.post("/reports/stop/", {"token": token}).content.decode()
    row.refresh_from_db()
    assert row.recipients == ["bo@example.com"]
    for wrong in (token, token[:-2], "x", ""):
        assert stranger.post("/reports/stop/", {"token": wrong}).status_code == 410
    stranger.post("/reports/stop/", {"token": stop_token(row, "bo@example.com")})
    row.refresh_from_db()
    assert (row.recipients, row.is_on) == ([], False)


def test_it_writes_down_that_somebody_stopped_a_report_but_not_who(cast: Cast) -> None:
    row = _weekly(cast, "ann@example.com")
    Client().post("/reports/stop/", {"token": stop_token(row, "ann@example.com")})
    line = AuditRow.objects.get(what="report_stop")
    assert (line.company, line.about, line.actor) == (cast.company, row.pk, "a reader of the report")
    assert line.said == {"recipients": 0, "is_on": False}
    assert "ann@" not in f"{line.said} {line.actor} {line.about}"


def test_of_two_who_stop_it_at_once_neither_gets_it(cast: Cast) -> None:
    read_before = _weekly(cast, "ann@example.com", "bo@example.com", "cy@example.com")
    do_stop_for(ReportSchedule.objects.get(), "ann@example.com", NOW_MS)
    do_stop_for(read_before, "bo@example.com", NOW_MS)
    assert ReportSchedule.objects.get().recipients == ["cy@example.com"]


# Mailed now


def test_it_is_made_by_the_worker_for_each_who_asked_once(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = _weekly(told)

    def slow(*_args: object) -> None:
        raise AssertionError("the page asks the lake")

    with monkeypatch.context() as patched:
        patched.setattr("ringtrace.web.schedules.make_report", slow)
        for _ in range(2):  # twice is once
            assert told.alice.post(f"/settings/reports/{row.pk}/send/").status_code == 302
    do_ask_report(row, "bo@example.com")
    do_save_schedule(
        told.company, Wanted(name="New", cadence=Cadence.DAILY, hour=8, recipients=("x@y.zz",)), 1, row=row
    )
    assert not MailRow.objects.exists()
    assert (queue_asked_reports(wall_clock()), queue_asked_reports(wall_clock())) == (2, 0)
    assert set(MailRow.objects.values_list("to", flat=True)) == {"alice@example.com", "bo@example.com"}
    assert MailAttachment.objects.count() == 2


def test_it_says_why_it_cannot_be_made(told: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = _weekly(told)
    do_ask_report(row, "ann@example.com")

    def fail(*_args: object) -> None:
        raise BadInput("There is no such metric.", hint="Save the view anew.")

    monkeypatch.setattr("ringtrace.web.schedules.make_report", fail)
    assert (queue_asked_reports(NOW_MS), queue_asked_reports(NOW_MS)) == (1, 0)
    assert MailRow.objects.get().text == "There is no such metric. Save the view anew."


def test_it_sends_other_mail_while_the_lake_cannot_be_asked(
    told: Cast, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = _weekly(told)
    do_ask_report(row, "ann@example.com")

    def fail(*_args: object) -> None:
        raise StoreUnavailable("The lake is away.")

    monkeypatch.setattr("ringtrace.web.schedules.make_report", fail)
    _wait()
    assert mail_step(SetClock(NOW_MS)) == 1
    row.refresh_from_db()
    assert row.asked_by == ["ann@example.com"]


# Links that let people in


def _link(kind: str, made_ms: int = NOW_MS) -> MailRow:
    return do_queue_mail(kind, "dora@example.com", "Come in", "https://x/join?token=s3cret", made_ms, html="<a s3cret>")


@pytest.mark.parametrize("kind", ["invitation", "account"])
@pytest.mark.parametrize("refuses", ["", "550 nobody here"])
def test_it_keeps_no_link_of_what_was_sent_or_given_up(db: None, postbox: Postbox, kind: str, refuses: str) -> None:
    _link(kind)
    postbox.refuses = "451 later"
    send_due(SetClock(NOW_MS))
    assert "s3cret" in MailRow.objects.get().text  # it is tried again
    postbox.refuses = refuses
    send_due(SetClock(NOW_MS + MINUTE_MS))
    row = MailRow.objects.get()
    assert (row.text, row.html, row.subject) == ("", "", "Come in")
    assert all("s3cret" in message.as_string() for message in postbox.taken)
    assert len(postbox.taken) == (0 if refuses else 1)


def test_it_gives_up_a_link_that_nobody_could_be_sent_for_a_week(cast: Cast) -> None:
    _link("invitation")
    _wait()
    forget_old_mail(NOW_MS + 7 * DAY_MS)
    assert MailRow.objects.filter(given_up_ms=None).count() == 2
    forget_old_mail(NOW_MS + 7 * DAY_MS + 1)
    row = MailRow.objects.get(given_up_ms__isnull=False)
    assert (row.kind, row.text, row.html, row.last_error) == ("invitation", "", "", "expired")
    assert MailRow.objects.get(given_up_ms=None).text == "Text."
