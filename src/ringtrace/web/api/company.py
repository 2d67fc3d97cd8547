"""The company that the token opens, and its rates."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.lake.months import LONGEST_LOOKBACK_DAYS
from ringtrace.web.access import role_of
from ringtrace.web.actions import do_change_company
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.operations import READS_CALLS, SETS, operation
from ringtrace.web.api.params import Code
from ringtrace.web.api.reading import Title, Word, one, or_else
from ringtrace.web.edits import refresh
from ringtrace.web.forms.places import CURRENCIES, REGIONS
from ringtrace.web.models import Company
from ringtrace.web.rates import do_set_rates

router = Router(tags=["company"])


class CompanyBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `lookback_days`: how long before a call a visit counts."""

    name: Title | UnsetType = UNSET
    time_zone: Word | UnsetType = UNSET
    currency: Word | UnsetType = UNSET
    region: Word | UnsetType = UNSET
    lookback_days: Annotated[int, Meta(ge=1, le=LONGEST_LOOKBACK_DAYS)] | UnsetType = UNSET


class RateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What one unit of that currency is worth in the company's."""

    rate: Annotated[float, Meta(gt=0, lt=1e9)]


class CompanyOut(Struct, frozen=True, kw_only=True):
    """`role`: what the token's person is in it. `rates`: one unit of another currency in the company's own."""

    company_id: str
    name: str
    time_zone: str
    currency: str
    region: str
    lookback_days: int
    rates: dict[str, float]
    role: str


class RateSet(Struct, frozen=True):
    """`revalued`: how many outcomes are worth something else by it."""

    currency: str
    rate: float
    revalued: int


@operation(router, "GET /company", "look_at_company", "The company of the token", READS_CALLS, answers=CompanyOut)
def look(request: ApiRequest) -> CompanyOut:
    return _out(request, company_of(request))


@operation(router, "PATCH /company", "change_company", "Change the company", SETS, body=CompanyBody, answers=CompanyOut)
def change(request: ApiRequest) -> CompanyOut:
    company, body = company_of(request), one(request, CompanyBody)
    refresh(company)
    changed = do_change_company(
        company,
        or_else(body.name, company.name).strip(),
        or_else(body.time_zone, company.time_zone),
        _among(dict(CURRENCIES), or_else(body.currency, company.currency), company.currency, "currency"),
        _among(dict(REGIONS), or_else(body.region, company.region), company.region, "country"),
        lookback_days=None if body.lookback_days is UNSET else body.lookback_days,
    )
    return _out(request, changed)


@operation(
    router, "PUT /company/rates/{currency}", "set_rate", "Set a currency's rate", SETS, body=RateBody, answers=RateSet
)
def rate(request: ApiRequest, currency: Code) -> RateSet:
    company, body = company_of(request), one(request, RateBody)
    revalued = do_set_rates(company, {currency: body.rate}, wall_clock())
    return RateSet(currency.upper(), body.rate, revalued)


def _among(known: dict[str, str], said: str, there: str, what: str) -> str:
    code = said.strip().upper()
    if code != there and code not in known:
        raise BadInput(f"{said[:20]!r} is no {what} that we know.", hint=f"One of {', '.join(known)}.")
    return code


def _out(request: ApiRequest, company: Company) -> CompanyOut:
    return CompanyOut(
        company_id=company.pk,
        name=company.name,
        time_zone=company.time_zone,
        currency=company.currency,
        region=company.region,
        lookback_days=company.lookback_days,
        rates={code: float(each) for code, each in company.rates.items()},
        role=str(role_of(user_of(request), company) or ""),
    )
