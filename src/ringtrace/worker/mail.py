"""Sends what waits in the outbox, and writes the reports that are due into it. Runs in a thread of its own: a mail
server that hangs holds up no call."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from threading import Event, Thread

import duckdb
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db import DatabaseError, close_old_connections, connection

from ringtrace.core.clock import HOUR_MS, MINUTE_MS, Clock
from ringtrace.core.errors import RingtraceError
from ringtrace.web.mail_server import MailServer, mail_server
from ringtrace.web.models import MailRow
from ringtrace.web.schedules import queue_asked_reports, queue_due_reports
from ringtrace.worker.poison import POISON

log = logging.getLogger("ringtrace.worker")

_WAITS_MS = tuple(each * MINUTE_MS for each in (1, 5, 30, 120, 360, 720, 1440))
_CLAIM_MS = 10 * MINUTE_MS
_A_BATCH = 50
_TIMEOUT_SECS = 20
_LOOK_EVERY_SECS = 5.0
_PERMANENT = range(550, 560)
_WITH_LINKS = ("invitation", "account")
NO_SERVER, REFUSED, UNREACHABLE, NOT_SIGNED_IN, PUT_OFF = "no_server", "refused", "unreachable", "sign_in", "put_off"
EXPIRED = "expired"
Connect = Callable[[MailServer], BaseEmailBackend]


def start_mail(clock: Clock, stop: Event) -> Thread:
    thread = Thread(target=_run, args=(clock, stop), name="mail", daemon=True)
    thread.start()
    return thread


def _run(clock: Clock, stop: Event) -> None:
    try:
        while not stop.is_set():
            mail_step(clock)
            stop.wait(_LOOK_EVERY_SECS)
    finally:
        connection.close()


def mail_step(clock: Clock) -> int:
    """One look: reports that are due or asked for, then what waits. What fails is said in the log, tried again, and
    holds up nothing else."""
    parts = (lambda: queue_due_reports(clock()), lambda: queue_asked_reports(clock()), lambda: send_due(clock))
    return sum(_tried(part) for part in parts)


def _tried(part: Callable[[], int]) -> int:
    try:
        return part()
    except (DatabaseError, RingtraceError, OSError, duckdb.Error, *POISON):  # else the thread would end for good
        log.exception("e-mail cannot go on for now; it is tried again")
        close_old_connections()
        return 0


def connect(server: MailServer) -> BaseEmailBackend:
    return EmailBackend(
        host=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.security == "starttls",
        use_ssl=server.security == "tls",
        timeout=_TIMEOUT_SECS,
    )


def send_due(clock: Clock, connect: Connect = connect) -> int:
    """Sends up to a batch of what is due; how many went. Each is claimed by a conditional update, so that two workers
    send it once. What was claimed and never noted as sent (we were killed) is tried again: better twice than never."""
    now_ms = clock()
    due = MailRow.objects.filter(due_ms__lte=now_ms, sent_ms=None, given_up_ms=None).order_by("due_ms")
    waiting = list(due[:_A_BATCH])
    if not waiting:
        return 0
    server = mail_server()
    if server is None:
        due.exclude(last_error=NO_SERVER).update(last_error=NO_SERVER)
        return 0
    sent = 0
    for row in waiting:
        claim = MailRow.objects.filter(pk=row.pk, due_ms=row.due_ms, sent_ms=None, given_up_ms=None)
        if claim.update(due_ms=clock() + _CLAIM_MS, tries=row.tries + 1) == 1:
            sent += _send(row, server, connect, clock)
    return sent


def send_now(row: MailRow, server: MailServer, clock: Clock) -> bool:
    """This one, whatever waits before it."""
    claim = MailRow.objects.filter(pk=row.pk, due_ms=row.due_ms, sent_ms=None)
    return claim.update(due_ms=clock() + _CLAIM_MS, tries=row.tries + 1) == 1 and _send(row, server, connect, clock)


def _send(row: MailRow, server: MailServer, connect: Connect, clock: Clock) -> bool:
    message = EmailMultiAlternatives(row.subject, row.text, server.sender, [row.to], connection=connect(server))
    message.extra_headers["Message-ID"] = f"<{row.pk}@{server.sender.rpartition('@')[2]}>"  # the same when tried again
    if row.html:
        message.attach_alternative(row.html, "text/html")
    for each in row.attachments.all():
        message.attach(each.name, bytes(each.body), each.type)
    try:
        message.send()
    except (SMTPException, OSError, UnicodeError) as error:
        _put_off(row, error, clock())
        return False
    MailRow.objects.filter(pk=row.pk).update(sent_ms=clock(), last_error="", **_blanked(row))
    row.attachments.all().delete()
    return True


def _put_off(row: MailRow, error: Exception, now_ms: int) -> None:
    """Tried again later, or given up where trying again cannot help."""
    code = _code(error)
    log.warning("e-mail %s was not sent: %s", row.pk, code)
    tries = row.tries + 1
    if code == REFUSED or tries > len(_WAITS_MS):
        MailRow.objects.filter(pk=row.pk).update(given_up_ms=now_ms, last_error=code, **_blanked(row))
    else:
        MailRow.objects.filter(pk=row.pk).update(due_ms=now_ms + _WAITS_MS[tries - 1], last_error=code)


def _blanked(row: MailRow) -> dict[str, str]:
    """What an e-mail is left with that is done with: links that let people in rest nowhere in clear."""
    return {"text": "", "html": ""} if row.kind in _WITH_LINKS else {}


def _code(error: Exception) -> str:
    """A short code for people; the server's own words hold addresses."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return NOT_SIGNED_IN
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return REFUSED if codes and all(code in _PERMANENT for code in codes) else PUT_OFF
    if isinstance(error, SMTPResponseException):
        return REFUSED if error.smtp_code in _PERMANENT else PUT_OFF
    if isinstance(error, UnicodeError):
        return REFUSED
    return UNREACHABLE


KEPT_MS = 30 * 24 * HOUR_MS


LINKS_KEPT_MS = 7 * 24 * HOUR_MS
"""No invitation lives longer."""


def forget_old_mail(now_ms: int) -> int:
    """What was sent or given up a month ago goes; what waited until its link was too old is given up."""
    stale = MailRow.objects.filter(kind__in=_WITH_LINKS, made_ms__lt=now_ms - LINKS_KEPT_MS)
    stale.filter(sent_ms=None, given_up_ms=None).update(given_up_ms=now_ms, last_error=EXPIRED)
    stale.exclude(text="", html="").update(text="", html="")
    old = MailRow.objects.filter(made_ms__lt=now_ms - KEPT_MS).exclude(sent_ms=None, given_up_ms=None)
    return old.delete()[0]
