"""Files given on the page: first the file, then how it is read and what would be taken, then how far it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.intake.port import What
from ringtrace.web import access, audit
from ringtrace.web.forms.reading import refuse, refuse_and_leave_out, words_of
from ringtrace.web.forms.uploads import ReadingForm, UploadForm
from ringtrace.web.gate import ADMINS, CompanyRequest, for_admin, for_row
from ringtrace.web.models import Upload, UploadState
from ringtrace.web.uploads import (
    Look,
    choices_of,
    do_confirm,
    do_discard,
    do_keep_upload,
    file_of,
    look,
    rejected_of,
)

_MOST_LISTED = 20
_for_upload = for_row(access.access_upload, "upload_id", ADMINS)
_LOOKED_AT = (UploadState.LOOKED_AT, UploadState.FAILED)


@for_admin
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    refused = request.__dict__.get("upload_refused")
    if refused:
        form.add_error("file", refused)
    elif form.is_bound and form.is_valid():
        what, given = What(form.cleaned_data["what"]), form.cleaned_data["file"]
        try:
            upload = do_keep_upload(request.company, request.user, what, given, wall_clock())
        except BadInput as error:
            refuse(form, error, "file")
        else:
            audit.say_about(request, upload.pk)
            audit.say(request, what=upload.what, bytes=upload.size)
            return redirect("upload", upload_id=upload.pk)
    uploads = access.access_uploads(request.user, request.company)[:_MOST_LISTED]
    context = {"form": form, "uploads": uploads}
    return render(request, "web/upload_add.html", context, status=422 if form.is_bound else 200)


@_for_upload
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest, row: Upload) -> HttpResponse:
    """Takes the file only where that was asked; anything else posted is looked at, and changes nothing."""
    if row.state not in _LOOKED_AT or (row.state == UploadState.FAILED and not file_of(row).exists()):
        audit.leave_out(request)
        return _progress(request, row, "web/upload_progress.html")
    now_ms = wall_clock()
    seen = look(row, choices_of(row), now_ms)
    if request.method != "POST":
        return _show(request, row, seen, _form(row, seen))
    form = _form(row, seen, request.POST)
    takes = request.POST.get("what") == "take"
    try:
        if form.is_valid():
            if takes:
                do_confirm(row, form.choices, now_ms)
                return redirect("upload", upload_id=row.pk)
            seen = look(row, form.choices, now_ms)
            form = _form(row, seen, request.POST)
            form.is_valid()
    except BadInput as error:
        form.add_error(None, words_of(error))
    audit.leave_out(request)
    return _show(request, row, seen, form, status=422 if takes else 200)


@_for_upload
@require_safe
def progress(request: CompanyRequest, row: Upload) -> HttpResponse:
    """How far it is, asked by the page again and again until it is done."""
    return _progress(request, row, "web/parts/upload_state.html")


@_for_upload
@require_POST
def discard(request: CompanyRequest, row: Upload) -> HttpResponse:
    try:
        do_discard(row)
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return redirect("upload", upload_id=row.pk)
    messages.success(request, gettext("The file is forgotten. Rows that were taken from it stay."))
    return redirect("upload_add")


@_for_upload
@require_safe
def rejected(request: CompanyRequest, row: Upload) -> HttpResponse:
    """The rows that could not be taken, to be mended and sent again; until a week after."""
    path = rejected_of(row)
    if row.run is None or not path.exists():
        raise NotFound("There are no rejected rows of this file.", hint="They are kept for a week.")
    audit.do_note_export(
        request.user, row.company, "upload_rejected", wall_clock(), rows=row.run.rejected, form="csv", about=row.pk
    )
    response = HttpResponse(path.read_bytes(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{row.file_name}.rejected.csv")
    return response


def _form(row: Upload, seen: Look, data: Any = None) -> ReadingForm:
    return ReadingForm(data, what=What(row.what), plan=seen.plan, samples=seen.samples)


def _show(request: CompanyRequest, row: Upload, seen: Look, form: ReadingForm, status: int = 200) -> HttpResponse:
    header = tuple(seen.plan.table.header) if seen.plan else ()
    context = {
        "upload": row,
        "look": seen,
        "form": form,
        "header": header,
        "rows": [[sample.get(column, "") for column in header] for sample in seen.samples],
        "notes": seen.plan.notes if seen.plan else (),
    }
    return render(request, "web/upload.html", context, status=status)


def _progress(request: CompanyRequest, row: Upload, template: str) -> HttpResponse:
    context = {
        "upload": row,
        "run": row.run,
        "percent": round(100 * float(row.choices.get("share", 0))),
        "is_over": row.state in (UploadState.DONE, UploadState.FAILED),
    }
    return render(request, template, context)
