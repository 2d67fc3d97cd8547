"""Files that people gave on the page."""

from __future__ import annotations

from django.db.models import QuerySet

from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies
from ringtrace.web.models import Company, Upload


def access_uploads(user: AnyUser, company: Company) -> QuerySet[Upload]:
    """For those who may change the company, newest first."""
    uploads = Upload.objects.filter(company=company, company__in=access_companies(user, Right.CHANGE))
    return uploads.select_related("user", "run").order_by("-made_ms", "-upload_id")


def access_upload(user: AnyUser, upload_id: str, right: Right = Right.SEE) -> Upload:
    uploads = Upload.objects.filter(pk=upload_id, company__in=access_companies(user, right))
    return one(uploads.select_related("company", "user", "run"), "upload")
