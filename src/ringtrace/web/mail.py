"""E-mail that Ringtrace sends: rows of an outbox, written with what causes them. The worker sends them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from msgspec import Struct

from ringtrace.web.models import Company, MailAttachment, MailRow

_LONGEST_SUBJECT = 200


class Attached(Struct, frozen=True, kw_only=True):
    """A file that goes with an e-mail. `type`: its MIME type."""

    name: str
    type: str
    body: bytes


@transaction.atomic
def do_queue_mail(
    kind: str,
    to: str,
    subject: str,
    text: str,
    now_ms: int,
    *,
    html: str = "",
    company: Company | None = None,
    attachments: Iterable[Attached] = (),
) -> MailRow:
    """An e-mail to one person, sent once the transaction that it belongs to has been committed."""
    row = MailRow.objects.create(
        kind=kind,
        to=to,
        subject=" ".join(subject.split())[:_LONGEST_SUBJECT],
        text=text,
        html=html,
        company=company,
        made_ms=now_ms,
        due_ms=now_ms,
    )
    MailAttachment.objects.bulk_create(
        MailAttachment(mail=row, name=each.name, type=each.type, body=each.body) for each in attachments
    )
    return row
