"""What somebody should look at now."""

from __future__ import annotations

from msgspec import Struct
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.web.alerts import Alert, open_alerts
from ringtrace.web.api.bearing import ApiRequest, company_of
from ringtrace.web.api.operations import READS, operation

router = Router(tags=["alerts"])


class AlertList(Struct, frozen=True):
    """The worst first; `url`: of the page where it is mended."""

    alerts: tuple[Alert, ...]


@operation(
    router, "GET /alerts", "list_alerts", "What is wrong now, the worst first", READS, answers=AlertList, rows="alerts"
)
def listed(request: ApiRequest) -> AlertList:
    return AlertList(open_alerts(company_of(request), wall_clock()))
