"""Every metric by its name, in the order in which they are shown."""

from __future__ import annotations

from types import MappingProxyType

from ringtrace.core.errors import BadInput
from ringtrace.reports.metrics.conditions import CALL, QUALIFIED, Is, Known, Some, Yes
from ringtrace.reports.metrics.expressions import (
    Count,
    Expression,
    Minus,
    Net,
    Quantile,
    Ratio,
    Spend,
    Sum,
    Unattributed,
    Unmatched,
    Visits,
    mean,
    share,
)
from ringtrace.reports.metrics.metric import Direction, Group, Metric, Need, Unit

SPEND = Need("spend", "No spend is known here.")
CLICKS = Need("clicks", "The spend does not say how many clicks or impressions it bought.")
VALUES = Need("outcomes with values", "No sale or refund here has a value.")
PIPELINE = Need("opportunities with values", "No open opportunity here has a value.")
OUTCOMES = Need("outcomes", "Outcomes come from imports, the API, webhooks or by hand; none told means none counted.")
MATCHES = Need("matches", "No call here has been matched or judged.", is_of_each=True)
RING = Need("ring times", "No answered call here has a ring time.")
TALK = Need("talk times", "No answered call here has a talk time.", is_of_each=True)
TRANSFERS = Need("transfers", "It is known of no answered call here whether it was transferred.", is_of_each=True)
CALLERS = Need("callers", "No call here has a caller who is known.", is_of_each=True)
DEFINITION = Need("a definition", "What qualifies is a definition of yours.")

ANSWERED = Is("status", ("answered",), "answered")
MISSED = Is("status", ("missed",), "missed")
ABANDONED = Is("status", ("abandoned",), "abandoned")
LEAD = Some(("leads",), "that became a lead")
SOLD = Some(("sales",), "that became a sale")
MET = Some(("shows", "no_shows"), "whose appointment was kept or missed")
CAME = Some(("shows",), "who came")
NEW = Yes("is_first_call", "by first-time callers")
REPEAT = Yes("is_first_call", "by repeat callers", truth=False)
TRANSFERRED = Yes("transferred", "transferred")
ATTRIBUTED = Is("attributed_by", ("visit", "static_number", "imported"), "attributed to a visit or a number's source")

_CALLS = Count((CALL,))
_QUALIFIED = Count((CALL, QUALIFIED))
_COST = Spend("cost_cents")


_REVENUE = Net(Sum("sale_cents"), Sum("refund_cents"))
_CALL_REVENUE = Net(Sum("sale_cents", (CALL,)), Sum("refund_cents", (CALL,)))
_QUALIFIED_REVENUE = Net(Sum("sale_cents", (CALL, QUALIFIED)), Sum("refund_cents", (CALL, QUALIFIED)))


def _metric(
    name: str,
    title: str,
    group: Group,
    formula: Expression,
    plain: str,
    unit: Unit = Unit.COUNT,
    direction: Direction = Direction.MORE,
    needs: tuple[Need, ...] = (),
) -> Metric:
    return Metric(
        name=name, title=title, group=group, formula=formula, plain=plain, unit=unit, direction=direction, needs=needs
    )


_LESS, _NEITHER = Direction.LESS, Direction.NEITHER

_CALL_METRICS = (
    _metric("calls", "Calls", Group.CALLS, _CALLS, "Every call to a tracking number, however it ended."),
    _metric(
        "answered_calls",
        "Answered calls",
        Group.CALLS,
        Count((CALL, ANSWERED)),
        "Calls in which somebody at the business spoke.",
    ),
    _metric(
        "missed_calls",
        "Missed calls",
        Group.CALLS,
        Count((CALL, MISSED)),
        "Calls that rang until the flow gave up.",
        direction=_LESS,
    ),
    _metric(
        "abandoned_calls",
        "Abandoned calls",
        Group.CALLS,
        Count((CALL, ABANDONED)),
        "Calls in which the caller hung up before anybody answered.",
        direction=_LESS,
    ),
    _metric(
        "answer_rate",
        "Answer rate",
        Group.CALLS,
        share((ANSWERED,), (CALL,)),
        "Of all calls, the share in which somebody at the business spoke.",
        Unit.SHARE,
    ),
    _metric(
        "missed_rate",
        "Missed rate",
        Group.CALLS,
        share((MISSED,), (CALL,)),
        "Of all calls, the share that rang until the flow gave up.",
        Unit.SHARE,
        _LESS,
    ),
    _metric(
        "abandon_rate",
        "Abandon rate",
        Group.CALLS,
        share((ABANDONED,), (CALL,)),
        "Of all calls, the share in which the caller hung up first.",
        Unit.SHARE,
        _LESS,
    ),
)
_PEOPLE_METRICS = (
    _metric(
        "first_time_callers",
        "First-time callers",
        Group.PEOPLE,
        Count((CALL, NEW)),
        "Calls by people who had never called the company before: one for each new caller.",
        needs=(CALLERS,),
    ),
    _metric(
        "repeat_caller_rate",
        "Repeat-caller rate",
        Group.PEOPLE,
        share((REPEAT,), (CALL, Known("is_first_call", "of known callers"))),
        "Of the calls whose caller is known, the share by people who had called before.",
        Unit.SHARE,
        _NEITHER,
        (CALLERS,),
    ),
)
_RESPONSE_METRICS = (
    _metric(
        "responses",
        "Responses of all kinds",
        Group.RESPONSES,
        Count(),
        "Calls, forms, chats, store visits and other contacts together: every lead that marketing brought in.",
    ),
    _metric(
        "forms",
        "Forms",
        Group.RESPONSES,
        Count((Is("kind", ("form",), "forms"),)),
        "Forms that were sent from the website.",
    ),
    _metric("chats", "Chats", Group.RESPONSES, Count((Is("kind", ("chat",), "chats"),)), "Chats that were begun."),
    _metric(
        "store_visits",
        "Store visits",
        Group.RESPONSES,
        Count((Is("kind", ("store_visit",), "store visits"),)),
        "Visits to the store that were taken down or imported.",
    ),
    _metric(
        "other_contacts",
        "Other contacts",
        Group.RESPONSES,
        Count((Is("kind", ("other",), "other contacts"),)),
        "Contacts of any other kind.",
    ),
    _metric(
        "leads",
        "Leads",
        Group.RESPONSES,
        Count((LEAD,)),
        "Responses of any kind that somebody marked as a lead; one with two such marks is one lead.",
        needs=(OUTCOMES,),
    ),
)
_QUALITY_METRICS = (
    _metric(
        "call_to_lead_rate",
        "Call-to-lead rate",
        Group.QUALITY,
        share((LEAD,), (CALL,)),
        "Of all calls, the share that became a lead.",
        Unit.SHARE,
        needs=(OUTCOMES,),
    ),
    _metric(
        "qualified_calls",
        "Qualified calls",
        Group.QUALITY,
        _QUALIFIED,
        "Calls that your definition of a good call lets count.",
        needs=(DEFINITION,),
    ),
    _metric(
        "qualified_rate",
        "Qualified rate",
        Group.QUALITY,
        share((QUALIFIED,), (CALL,)),
        "Of all calls, the share that your definition of a good call lets count.",
        Unit.SHARE,
        needs=(DEFINITION,),
    ),
)
_OUTCOME_METRICS = (
    _metric(
        "appointments",
        "Booked appointments",
        Group.OUTCOMES,
        Sum("appointments"),
        "Appointments booked by callers and other contacts.",
        needs=(OUTCOMES,),
    ),
    _metric(
        "show_rate",
        "Show rate",
        Group.OUTCOMES,
        share((CAME,), (MET,)),
        "Of those with an appointment that is known to have been kept or missed, the share who came.",
        Unit.SHARE,
        needs=(OUTCOMES,),
    ),
    _metric(
        "opportunities",
        "Opportunities",
        Group.OUTCOMES,
        Sum("opportunities"),
        "Opportunities that came of calls and other contacts.",
        needs=(OUTCOMES,),
    ),
    _metric(
        "sales",
        "Sales",
        Group.OUTCOMES,
        Sum("sales"),
        "Sales that came of calls and other contacts.",
        needs=(OUTCOMES,),
    ),
    _metric(
        "close_rate",
        "Close rate",
        Group.OUTCOMES,
        share((SOLD,), (CALL, QUALIFIED)),
        "Of the qualified calls, the share that became a sale.",
        Unit.SHARE,
        needs=(DEFINITION, OUTCOMES),
    ),
)
_MONEY_METRICS = (
    _metric(
        "revenue",
        "Revenue",
        Group.MONEY,
        _REVENUE,
        "What was sold to callers and other contacts, less refunds. Sales without a value add nothing.",
        Unit.CENTS,
        needs=(VALUES,),
    ),
    _metric(
        "revenue_per_call",
        "Revenue per call",
        Group.MONEY,
        Ratio(_CALL_REVENUE, _CALLS),
        "Revenue that came of calls, shared over all calls.",
        Unit.CENTS,
        needs=(VALUES,),
    ),
    _metric(
        "revenue_per_qualified_call",
        "Revenue per qualified call",
        Group.MONEY,
        Ratio(_QUALIFIED_REVENUE, _QUALIFIED),
        "Revenue that came of qualified calls, shared over them.",
        Unit.CENTS,
        needs=(VALUES, DEFINITION),
    ),
    _metric(
        "pipeline",
        "Pipeline",
        Group.MONEY,
        Sum("pipeline_cents"),
        "What opportunities that are neither won nor lost are worth.",
        Unit.CENTS,
        needs=(PIPELINE,),
    ),
    _metric(
        "roas",
        "Return on ad spend",
        Group.MONEY,
        Ratio(_REVENUE, _COST),
        "Revenue for each unit of money spent on advertising (ROAS).",
        Unit.RATIO,
        needs=(VALUES, SPEND),
    ),
    _metric(
        "roi",
        "Return on investment",
        Group.MONEY,
        Ratio(Minus(_REVENUE, _COST), _COST),
        "Revenue less spend, for each unit of money spent (ROI). Below zero: more was spent than came back.",
        Unit.SHARE,
        needs=(VALUES, SPEND),
    ),
    _metric(
        "unmatched_revenue",
        "Revenue that matched nothing",
        Group.MONEY,
        Net(Unmatched("sale", is_value=True), Unmatched("refund", is_value=True)),
        "Sales less refunds for which no call or contact was found. It is in no other figure.",
        Unit.CENTS,
        _LESS,
        (VALUES,),
    ),
    _metric(
        "unmatched_sales",
        "Sales that matched nothing",
        Group.MONEY,
        Unmatched("sale"),
        "Sales for which no call or contact was found. They are in no other figure.",
        direction=_LESS,
        needs=(OUTCOMES,),
    ),
)
_COSTS = (
    ("call", "Cost per call", _CALLS, "call"),
    ("qualified_call", "Cost per qualified call", _QUALIFIED, "qualified call"),
    ("appointment", "Cost per appointment", Sum("appointments"), "booked appointment"),
    ("opportunity", "Cost per opportunity", Sum("opportunities"), "opportunity"),
    ("sale", "Cost per sale", Sum("sales"), "sale"),
)
_SPEND_METRICS = (
    _metric("visits", "Visits", Group.SPEND, Visits(), "Visits to the website by people who let it be counted."),
    _metric(
        "spend",
        "Spend",
        Group.SPEND,
        _COST,
        "What advertising cost, as imported or entered.",
        Unit.CENTS,
        _NEITHER,
        (SPEND,),
    ),
    *(
        _metric(
            f"cost_per_{name}",
            title,
            Group.SPEND,
            Ratio(_COST, under),
            f"What was spent on advertising for each {words}.",
            Unit.CENTS,
            _LESS,
            (SPEND,),
        )
        for name, title, under, words in _COSTS
    ),
    _metric(
        "impressions",
        "Impressions",
        Group.SPEND,
        Spend("impressions"),
        "How often the ads were shown.",
        direction=_NEITHER,
        needs=(CLICKS,),
    ),
    _metric(
        "clicks", "Clicks", Group.SPEND, Spend("clicks"), "How often the ads were clicked.", Unit.COUNT, needs=(CLICKS,)
    ),
    _metric(
        "cost_per_click",
        "Cost per click",
        Group.SPEND,
        Ratio(Spend("cost_cents", "clicks"), Spend("clicks")),
        "What was spent on advertising for each click (CPC); of spend whose clicks are known.",
        Unit.CENTS,
        _LESS,
        (SPEND, CLICKS),
    ),
)
_HANDLING_METRICS = (
    *(
        _metric(
            f"time_to_answer_p{percent}",
            f"Time to answer, {words}",
            Group.HANDLING,
            Quantile("ring_secs", percent / 100, (CALL, ANSWERED)),
            f"{part} of the answered calls were answered within this time.",
            Unit.SECONDS,
            _LESS,
            (RING,),
        )
        for percent, words, part in ((50, "median", "Half"), (90, "90th percentile", "Nine in ten"))
    ),
    _metric(
        "talk_time_mean",
        "Talk time, mean",
        Group.HANDLING,
        mean("talk_secs", (CALL, ANSWERED)),
        "How long an answered call lasts on average.",
        Unit.SECONDS,
        _NEITHER,
        (TALK,),
    ),
    _metric(
        "talk_time_total",
        "Talk time, total",
        Group.HANDLING,
        Sum("talk_secs", (CALL, ANSWERED)),
        "How long was spoken in all answered calls together.",
        Unit.SECONDS,
        _NEITHER,
        (TALK,),
    ),
    _metric(
        "transfer_rate",
        "Transfer rate",
        Group.HANDLING,
        share((TRANSFERRED,), (CALL, ANSWERED, Known("transferred", "followed to their end"))),
        "Of the answered calls of which it is known, the share that was passed on to somebody else.",
        Unit.SHARE,
        _LESS,
        (TRANSFERS,),
    ),
)
_REASONS = (
    (None, "unattributed_share", "Share unattributed", "that no touch has, for whatever reason"),
    ("unknown", "unattributed_unknown", "Unattributed: unknown", "for calls that perhaps nobody we know made"),
    ("no_touches", "unattributed_no_touches", "Unattributed: no touches", "for callers of whom no visit is held"),
    ("thin", "unattributed_thin", "Unattributed: too thin", "of months in which the model could learn nothing"),
)
_MATCHING_METRICS = (
    _metric(
        "match_coverage",
        "Match coverage",
        Group.MATCHING,
        share((ATTRIBUTED,), (CALL,)),
        "Of all calls, the share that is attributed to a visit or to the source of the number that was called.",
        Unit.SHARE,
    ),
    _metric(
        "match_mean_p",
        "Mean match probability",
        Group.MATCHING,
        mean("p_known", (CALL,)),
        "How likely it is, on average, that a call was made by a visit we saw or for the number's own source.",
        Unit.SHARE,
        needs=(MATCHES,),
    ),
    *(
        _metric(
            name,
            title,
            Group.MATCHING,
            Ratio(Unattributed(reason, (CALL,)), _CALLS),
            f"Of the credit for all calls, the share {words}.",
            Unit.SHARE,
            _LESS,
        )
        for reason, name, title, words in _REASONS
    ),
)

METRICS: MappingProxyType[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            *_CALL_METRICS,
            *_PEOPLE_METRICS,
            *_RESPONSE_METRICS,
            *_QUALITY_METRICS,
            *_OUTCOME_METRICS,
            *_MONEY_METRICS,
            *_SPEND_METRICS,
            *_HANDLING_METRICS,
            *_MATCHING_METRICS,
        )
    }
)


def find_metric(name: str) -> Metric:
    """The metric of this name. Raises BadInput."""
    if name not in METRICS:
        raise BadInput(f"There is no metric {name[:60]!r}.", hint=f"Choose of: {', '.join(METRICS)}.")
    return METRICS[name]
