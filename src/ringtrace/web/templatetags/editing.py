"""What forms carry so that no edit is lost."""

from __future__ import annotations

from django import template
from django.forms import BaseForm
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ringtrace.web.edits import SEEN, seen_by

register = template.Library()


@register.simple_tag
def seen(form: BaseForm) -> SafeString:
    """What the form shows, in a field that is not seen."""
    return format_html('<input type="hidden" name="{}" value="{}">', form.add_prefix(SEEN), seen_by(form))
