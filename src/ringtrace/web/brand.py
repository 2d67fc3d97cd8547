"""White label: an account's own name, logo and colour on its pages and e-mails, in place of Ringtrace's."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from msgspec import Struct

import ringtrace
from ringtrace.core.errors import BadInput
from ringtrace.web.colours import check_colour
from ringtrace.web.models import Account, Company

OWN_NAME = "Ringtrace"
LONGEST_NAME = 60
LARGEST_LOGO = 200_000
"""Bytes."""

_COOKIE = "ringtrace_brand"
_YEAR_SECS = 365 * 24 * 3600
_SHOWN_DIGITS = 20
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class Brand(Struct, frozen=True, kw_only=True):
    """`colour`: `#rrggbb` or ""; `css` and `logo`: addresses on this server, or ""."""

    name: str = OWN_NAME
    colour: str = ""
    css: str = ""
    logo: str = ""
    logo_type: str = ""

    @property
    def is_own(self) -> bool:
        """Nothing of an account's own: Ringtrace's name and mark."""
        return self == Brand()


def brand_of(account_id: str) -> Brand:
    columns = ("brand_name", "brand_colour", "brand_logo_hash", "brand_logo_type")
    row = Account.objects.filter(pk=account_id).values_list(*columns).first()
    if row is None:
        return Brand()
    name, colour, logo_hash, logo_type = row
    return Brand(
        name=name or OWN_NAME,
        colour=colour,
        css=f"{reverse('brand_css', args=[colour[1:]])}?v={ringtrace.__version__}" if colour else "",
        logo=reverse("brand_logo", args=[account_id, logo_hash[:_SHOWN_DIGITS]]) if logo_hash else "",
        logo_type=logo_type,
    )


def brand_for(request: HttpRequest) -> Brand:
    """For somebody who is not signed in: of the account whose pages this browser saw last, or of the only one here."""
    seen = request.get_signed_cookie(_COOKIE, default="", max_age=_YEAR_SECS)
    if seen:
        return brand_of(str(seen))
    only = list(Account.objects.values_list("pk", flat=True)[:2])
    return brand_of(only[0]) if len(only) == 1 else Brand()


def remember(request: HttpRequest, response: HttpResponse, company: Company) -> None:
    """So that the sign-in page knows whose people sit at this browser."""
    if request.get_signed_cookie(_COOKIE, default="", max_age=_YEAR_SECS) != company.account_id:
        response.set_signed_cookie(
            _COOKIE,
            company.account_id,
            max_age=_YEAR_SECS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def check_brand_name(text: str) -> str:
    said = " ".join(text.split())
    if len(said) > LONGEST_NAME or not said.isprintable():
        raise BadInput("That name cannot be shown.", hint=f"At most {LONGEST_NAME} characters, none of them invisible.")
    return said


def check_logo(body: bytes) -> str:
    """Its type by its first bytes, whatever its name says; never SVG, which can carry scripts. Raises BadInput."""
    if len(body) > LARGEST_LOGO:
        raise BadInput("The logo is too large.", hint="At most 200 kB. It is shown 28 pixels high.")
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    raise BadInput("The logo is no picture that is taken.", hint="Give a PNG, JPEG or WebP file.")


@transaction.atomic
def do_set_brand(account: Account, name: str, colour: str, logo: bytes | None = None) -> None:
    """`name` and `colour` "": Ringtrace's own. `logo` None: as it is; empty: Ringtrace's own again. Raises BadInput."""
    account.brand_name, account.brand_colour = check_brand_name(name), check_colour(colour)
    changed = ["brand_name", "brand_colour"]
    if logo is not None:
        account.brand_logo_type = check_logo(logo) if logo else ""
        account.brand_logo = logo or None
        account.brand_logo_hash = hashlib.sha256(logo).hexdigest() if logo else ""
        changed += ["brand_logo", "brand_logo_type", "brand_logo_hash"]
    account.save(update_fields=changed)


def logo_of(account_id: str, digest: str) -> tuple[bytes, str] | None:
    """The logo of this account and its type, if its hash begins so."""
    if len(digest) != _SHOWN_DIGITS:
        return None
    found = Account.objects.filter(pk=account_id, brand_logo_hash__startswith=digest)
    row = found.values_list("brand_logo", "brand_logo_type").first()
    return None if row is None or row[0] is None else (bytes(row[0]), row[1])
