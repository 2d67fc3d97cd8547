"""What other systems call our fields, in their exports' headers, folded as `fold_column` does.

Order counts: the first name that the header has is taken. Confirmed in public code that reads or writes these exports:
HubSpot deals (`Record ID`, `Deal Name`, `Deal Stage`, `Amount`, `Close Date`, `Create Date`) and contacts (`Email`,
`Phone Number`, `First Name`, `Last Name`), Pipedrive (`Deal - ID`, `Deal - Status`, `Deal - Stage`, `Deal - Value`,
`Deal - Currency of value`, `Deal - Won time`, `Deal - Add time`, `Deal - Deal closed on`, `Person - Phone`,
`Person - Email (Work)`), Salesforce (`Opportunity ID`, `Opportunity Name`, `Stage`, `Amount`, `Close Date`),
ServiceTitan (`Job #`, `Invoice #`, `Invoice Date`, `Jobs Total Revenue`, `Customer Name`), Housecall Pro (that it wraps
ids as `="2"`). From memory, not confirmed: all of Jobber's, Housecall Pro's other columns, ServiceTitan's `Completed
On` and `Customer Phone`, Salesforce's `Created Date` and `Amount Currency`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringtrace.intake.port import What

_PERSON = {
    "phone": (
        *("caller phone", "caller", "caller number", "customer phone", "phone number", "phone", "person phone"),
        *("person phone work", "person phone mobile", "mobile phone number", "mobile phone", "mobile number", "mobile"),
        *(
            "client phone",
            "main phone",
            "primary phone",
            "contact phone",
            "home phone",
            "cell",
            "cell phone",
            "telephone",
        ),
        *("callers number", "phone 1", "telefon", "telefonnummer", "rufnummer", "telephone mobile", "tel"),
    ),
    "email": (
        *("email", "e mail", "email address", "person email", "person email work", "customer email", "client email"),
        *("contact email", "primary email", "work email", "e mail adresse", "adresse e mail"),
    ),
    "crm_id": (
        *("associated contact ids", "associated contact id", "contact record id", "contact id", "person id"),
        *("customer id", "client id", "crm id", "account id"),
    ),
    "person_name": (
        *("contact", "contact name", "customer name", "customer", "client name", "person name", "full name"),
        *("associated contact", "deal contact person", "display name", "caller name", "name"),
    ),
}
_SOURCE = {
    "source": ("utm source", "source"),
    "medium": ("utm medium", "medium"),
    "campaign": ("utm campaign", "campaign name", "campaign", "kampagne", "campagne"),
    "ad_group": ("ad group name", "ad group", "adgroup", "anzeigengruppe", "groupe d annonces", "ad set name"),
    "keyword": ("utm term", "search keyword", "keyword", "mot cle"),
}
SYNONYMS: Mapping[What, Mapping[str, tuple[str, ...]]] = {
    What.OUTCOMES: {
        "kind": (
            *("kind", "outcome", "outcome kind", "outcome type", "result", "deal status", "opportunity status"),
            *("deal stage", "stage", "job status", "opportunity stage", "status", "phase"),
        ),
        "stage": ("deal stage", "stage", "opportunity stage", "pipeline stage", "job status"),
        "at": (
            *(
                "outcome date",
                "outcome time",
                "occurred at",
                "won time",
                "deal won time",
                "closed on",
                "deal closed on",
            ),
            *("deal deal closed on", "close date", "closed date", "deal close date", "sold on", "sold date"),
            *("invoice date", "completed on", "completed date", "completion date", "job completed date", "issued date"),
            *("date", "time", "timestamp", "datum"),
        ),
        "created_at": (
            *("create date", "created date", "created at", "deal add time", "add time", "deal deal created"),
            *("deal created", "created on", "created", "job created date", "scheduled date"),
        ),
        "external_id": (
            *("external id", "outcome id", "deal id", "opportunity id", "record id", "invoice id", "invoice"),
            *("invoice number", "job id", "job", "job number", "order id", "order number", "id"),
        ),
        "value": (
            *("value", "deal value", "amount", "deal amount", "revenue", "jobs total revenue", "total revenue"),
            *("job amount", "invoice total", "sale amount", "sales amount", "total", "job total", "price"),
            *("amount in company currency", "opportunity amount", "betrag", "umsatz", "montant"),
        ),
        "currency": (
            *("currency", "currency code", "deal currency", "deal currency of value", "amount currency"),
            *("opportunity currency", "wahrung", "devise"),
        ),
        "call_id": ("call id", "ringtrace call", "ringtrace call id", "call reference"),
        "contact_id": ("form id", "contact external id", "submission id"),
        "called_at": ("call time", "called at", "call date", "time of call", "call start", "call start time"),
        "note": ("note", "notes", "comment", "comments", "description", "deal name", "deal title", "summary"),
        **_PERSON,
    },
    What.CONTACTS: {
        "kind": ("kind", "contact kind", "contact type", "type", "conversion type"),
        "at": (
            *("submitted at", "submitted on", "submission date", "submission time", "conversion date", "visited at"),
            *("started at", "start time", "created at", "create date", "created date", "created", "date", "time"),
            *("timestamp", "datum"),
        ),
        "external_id": (
            *("external id", "submission id", "conversion id", "entry id", "chat id", "conversation id", "lead id"),
            *("record id", "response id", "visit number", "id"),
        ),
        "name": ("form name", "form", "form title", "chat name", "conversion name", "store", "location"),
        "url": ("page url", "landing page", "landing page url", "conversion page", "source url", "url", "page"),
        "visit_id": ("visit id", "ringtrace visit"),
        **_PERSON,
        **_SOURCE,
    },
    What.SPEND: {
        "day": ("day", "date", "tag", "datum", "jour", "on date", "gregorian date", "time period", "timeperiod"),
        "until_day": ("until", "end date", "reporting ends", "to"),
        "cost": ("cost", "spend", "amount spent", "spent", "amount", "kosten", "cout", "ausgaben", "depenses"),
        "cost_micros": ("metrics cost micros", "cost micros"),
        "currency": ("currency code", "currency", "wahrungscode", "wahrung", "code de devise", "devise"),
        "clicks": ("clicks", "link clicks", "klicks", "clics"),
        "impressions": ("impr", "impressions", "impressionen", "views"),
        **_SOURCE,
    },
    What.CALLS: {},
}

# A status or a stage, folded -> what it is of an outcome. "lost": an opportunity that came to nothing.
LOST = "lost"
KIND_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("lead", "new lead", "new", "inquiry", "enquiry", "prospect", "anfrage"), "lead"),
    **dict.fromkeys(
        (
            "won",
            "closed won",
            "closedwon",
            "sale",
            "sold",
            "paid",
            "invoiced",
            "gewonnen",
            "deal won",
            "job won",
            "gagne",
        ),
        "sale",
    ),
    **dict.fromkeys(
        ("lost", "closed lost", "closedlost", "dead", "disqualified", "verloren", "deal lost", "perdu", "declined"),
        LOST,
    ),
    **dict.fromkeys(
        ("opportunity", "open", "estimate", "estimate sent", "quote", "quote sent", "proposal", "negotiation"),
        "opportunity",
    ),
    **dict.fromkeys(
        ("qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent", "qualified to buy"),
        "opportunity",
    ),
    **dict.fromkeys(
        ("appointment", "booked", "appointment scheduled", "appointmentscheduled", "scheduled", "termin"), "appointment"
    ),
    **dict.fromkeys(("show", "showed", "attended", "arrived"), "show"),
    **dict.fromkeys(("no show", "noshow", "did not show", "missed appointment"), "no_show"),
    **dict.fromkeys(("refund", "refunded", "chargeback", "credited"), "refund"),
}
CONTACT_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("form", "web form", "form submission", "form fill", "formular", "formulaire", "web"), "form"),
    **dict.fromkeys(("chat", "live chat", "webchat", "conversation"), "chat"),
    **dict.fromkeys(("store visit", "visit", "walk in", "in store", "in store visit"), "store_visit"),
    **dict.fromkeys(("other", "email", "e mail", "text", "sms"), "other"),
}
