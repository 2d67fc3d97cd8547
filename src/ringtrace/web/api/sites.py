"""Sites: where the snippet runs, with the tag that goes into their pages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.web.access import access_site, access_sites
from ringtrace.web.actions import do_change_site, do_create_site, do_make_server_key, do_remove_server_key
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.reading import Name, Title, one, or_else
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.models import Company, Site
from ringtrace.web.snippet_tag import pinned_tag, script_tag

router = Router(tags=["sites"])
Consent = Literal["not_needed", "needed"]
Addresses = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=50, description="https://www.example.com")]
Hosts = Annotated[tuple[Name, ...], Meta(max_length=500)]


class NewSiteBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`origins`: the addresses whose pages get numbers."""

    name: Title
    origins: Addresses
    consent: Consent = "not_needed"
    ignored_referrers: Hosts = ()


class SiteBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `ignored_referrers`: hosts that send nobody."""

    name: Title | UnsetType = UNSET
    origins: Addresses | UnsetType = UNSET
    consent: Consent | UnsetType = UNSET
    ignored_referrers: Hosts | UnsetType = UNSET


class SiteOut(Struct, frozen=True, kw_only=True):
    """`tag` goes into the site's pages; `pinned_tag` allows this very snippet alone. `checked`: what the last look at
    the site's page found, null: nobody looked yet."""

    site_id: str
    key: str
    name: str
    origins: list[str]
    consent: str
    ignored_referrers: list[str]
    has_server_key: bool
    tag: str
    pinned_tag: str
    checked: Any
    checked_at: str | None


class SitePage(Struct, frozen=True, kw_only=True):
    sites: list[SiteOut]
    next: str | None


class FreshKey(Struct, frozen=True):
    """Shown here and kept nowhere; the key before is refused from now on."""

    server_key: str


class Gone(Struct, frozen=True):
    """`removed`: the id of what is gone."""

    removed: str


@operation(router, "GET /sites", "list_sites", "Sites, the newest first", READS, answers=SitePage, rows="sites")
def listed(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> SitePage:
    company = company_of(request)
    found, following = page_of(access_sites(user_of(request), company), "", cursor, limit)
    return SitePage(sites=[_out(row, company) for row in found], next=following)


@operation(router, "GET /sites/{site_id}", "look_at_site", "One site", READS, answers=SiteOut)
def look(request: ApiRequest, site_id: Id) -> SiteOut:
    return _out(_site(request, site_id), company_of(request))


@operation(router, "POST /sites", "make_site", "Make a site", SETS, body=NewSiteBody, answers=SiteOut)
def make(request: ApiRequest) -> SiteOut:
    company, body = company_of(request), one(request, NewSiteBody)
    made = do_create_site(company, body.name.strip(), body.origins)
    say_about(request, made.pk)
    if body.consent != made.consent or body.ignored_referrers:
        do_change_site(made, made.name, made.origins, consent=body.consent, ignored_referrers=body.ignored_referrers)
    return _out(made, company)


@operation(router, "PATCH /sites/{site_id}", "change_site", "Change a site", SETS, body=SiteBody, answers=SiteOut)
def change(request: ApiRequest, site_id: Id) -> SiteOut:
    row, body = _site(request, site_id), one(request, SiteBody)
    refresh(row)
    changed = do_change_site(
        row,
        or_else(body.name, row.name).strip(),
        or_else(body.origins, tuple(row.origins)),
        consent=or_else(body.consent, None),
        ignored_referrers=or_else(body.ignored_referrers, None),
    )
    return _out(changed, company_of(request))


@operation(
    router,
    "POST /sites/{site_id}/server-key",
    "make_server_key",
    "Make a key for the site's own server, in place of the one before",
    SETS,
    answers=FreshKey,
)
def make_key(request: ApiRequest, site_id: Id) -> FreshKey:
    return FreshKey(do_make_server_key(_site(request, site_id)))


@operation(
    router, "DELETE /sites/{site_id}/server-key", "remove_server_key", "Take a site's key back", SETS, answers=Gone
)
def remove_key(request: ApiRequest, site_id: Id) -> Gone:
    do_remove_server_key(_site(request, site_id))
    return Gone(site_id)


def _site(request: ApiRequest, site_id: str) -> Site:
    return own(request, access_site(user_of(request), site_id), "site")


def _out(row: Site, company: Company) -> SiteOut:
    return SiteOut(
        site_id=row.pk,
        key=row.key,
        name=row.name,
        origins=row.origins,
        consent=row.consent,
        ignored_referrers=row.ignored_referrers,
        has_server_key=bool(row.server_key_hash),
        tag=script_tag(row),
        pinned_tag=pinned_tag(row),
        checked=row.checked,
        checked_at=at(row.checked_ms, company.zone),
    )
