"""From the house's errors to a form's."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest

from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web import audit

_P = ParamSpec("_P")
_T = TypeVar("_T")


def words_of(error: BadInput | NotFound) -> str:
    """The message and the hint, without the code."""
    return f"{error.args[0]} {error.hint}".strip()


def checked(check: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs a `check_*`; its BadInput becomes the field's own error."""
    try:
        return check(*args, **kwargs)
    except BadInput as error:
        raise ValidationError(words_of(error)) from error


def refuse(form: BaseForm, error: BadInput, field: str | None = None) -> None:
    """Shows what an action refused, beside `field` or above the form."""
    form.add_error(field, words_of(error))


def refuse_and_leave_out(request: HttpRequest, error: BadInput | NotFound) -> None:
    """Says what an action refused on the page that is opened next: nothing was done, so the audit log has no line."""
    messages.error(request, words_of(error))
    audit.leave_out(request)
