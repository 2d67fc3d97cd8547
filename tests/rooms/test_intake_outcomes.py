"""Files of outcomes and contacts, and the mapping of their columns."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel
from ringtrace.intake.files.contacts import read_contacts
from ringtrace.intake.files.mapping import ColumnMap, check_map, fields_of, guess_map, map_from_json, map_to_json
from ringtrace.intake.files.moments import DateStyle
from ringtrace.intake.files.outcomes import read_outcomes
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.files.values import NumberStyle
from ringtrace.intake.port import ContactIn, ContactKind, OutcomeIn, Problem, What

EXPORTS = Path(__file__).parent / "exports"
ZONE = "America/New_York"


def table_of(text: str) -> Table:
    return open_table(io.BytesIO(text.encode()))


def ms(*at: int) -> int:
    return round(datetime(*at, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)  # type: ignore[arg-type,misc]


def outcomes(table: Table, mapping: ColumnMap, start_row: int = 0) -> list[tuple[int, OutcomeIn | Problem]]:
    return list(read_outcomes(table, mapping, region="US", zone=ZONE, start_row=start_row))


def one(text: str, **settings: object) -> OutcomeIn | Problem:
    table = table_of(text)
    mapping = ColumnMap(what=What.OUTCOMES, **{"columns": {name: name for name in table.header}, **settings})  # type: ignore[arg-type]
    ((_, found),) = outcomes(table, mapping)
    return found


def test_it_reads_deals_of_hubspot_as_they_are_exported() -> None:
    table = open_table(EXPORTS / "hubspot_deals.csv")
    mapping = guess_map(What.OUTCOMES, table.header, table.samples())
    assert check_map(mapping, table.header) == []
    assert (mapping.system, mapping.numbers, mapping.fixed) == ("hubspot", NumberStyle.POINT, {"kind": "opportunity"})
    sale, opportunity, lost, nobody = (found for _, found in outcomes(table, mapping))
    assert isinstance(sale, OutcomeIn)
    assert (sale.kind, sale.external_id, sale.value_cents, sale.currency) == ("sale", "1", 125_000, "USD")
    assert (sale.person.phone_e164, sale.person.email) == ("+13105550123", "ann@example.com")
    assert (sale.at_ms, sale.stage) == (ms(2026, 6, 1) - 1, "Closed Won")
    assert isinstance(opportunity, OutcomeIn)
    assert (opportunity.kind, opportunity.at_ms) == ("opportunity", ms(2026, 5, 1, 10))  # not its close date ahead
    assert isinstance(lost, OutcomeIn)
    assert (lost.kind, lost.is_lost) == ("opportunity", True)
    assert isinstance(nobody, Problem)
    assert (nobody.line, nobody.column, nobody.raw["Deal Name"]) == (5, "Phone Number", "Porch")


def test_it_reads_deals_of_pipedrive_with_commas_for_decimals() -> None:
    table = open_table(EXPORTS / "pipedrive_deals.csv")
    mapping = guess_map(What.OUTCOMES, table.header, table.samples())
    assert (mapping.system, mapping.numbers, check_map(mapping, table.header)) == ("pipedrive", NumberStyle.COMMA, [])
    (_, won), (_, still_open) = outcomes(table, mapping)
    assert isinstance(won, OutcomeIn)
    assert (won.kind, won.value_cents, won.currency, won.stage) == ("sale", 150_050, "EUR", "Visit")
    assert isinstance(still_open, OutcomeIn)
    assert (still_open.kind, still_open.value_cents) == ("opportunity", None)


@pytest.mark.parametrize(
    ("header", "field", "column"),
    [
        ("Opportunity ID,Opportunity Name,Stage,Amount,Close Date,Created Date,Phone", "external_id", "Opportunity ID"),
        ("Opportunity ID,Opportunity Name,Stage,Amount,Close Date,Created Date,Phone", "kind", "Stage"),
        ("Job #,Invoice Date,Jobs Total Revenue,Customer Name,Customer Phone,Status", "value", "Jobs Total Revenue"),
        ("Job #,Invoice Date,Jobs Total Revenue,Customer Name,Customer Phone,Status", "external_id", "Job #"),
        ("Caller,Outcome,Value (EUR),Date", "phone", "Caller"),
    ],
)
def test_it_knows_the_columns_of_many_systems(header: str, field: str, column: str) -> None:
    assert guess_map(What.OUTCOMES, header.split(",")).columns[field] == column


def test_it_uses_a_column_once_and_takes_the_currency_of_a_header() -> None:
    mapping = guess_map(What.OUTCOMES, ["Caller", "Outcome", "Value (EUR)", "Date"])
    assert mapping.fixed == {"currency": "EUR"}
    assert len(set(mapping.columns.values())) == len(mapping.columns)


def test_it_saves_a_mapping_and_reads_it_back() -> None:
    mapping = ColumnMap(
        what=What.OUTCOMES,
        columns={"at": "Datum"},
        fixed={"kind": "sale"},
        kinds={"Ja": "sale"},
        dates=DateStyle.DAY_FIRST,
    )
    assert map_from_json(map_to_json(mapping)) == mapping
    for junk in (b"", b"[]", b'{"what":"weather"}', b'{"what":"spend","colums":{}}', b"\xff"):
        with pytest.raises(BadInput):
            map_from_json(junk)


def test_it_says_all_that_is_wrong_with_a_mapping() -> None:
    mapping = ColumnMap(
        what=What.OUTCOMES,
        columns={"colour": "Paint", "crm_id": "Id"},
        fixed={"value": "5", "currency": "euros"},
        kinds={"Done": "No Kind!"},
        zone="Mars/Base",
    )
    said = " ".join(check_map(mapping, ["Id"]))
    for word in ("colour", "Paint", "value cannot", "kind", "when it happened", "system", "euros", "No Kind!", "Mars"):
        assert word in said
    with pytest.raises(BadInput, match="colour"):
        outcomes(table_of("Id\n1\n"), mapping)


def test_every_what_lists_its_fields() -> None:
    assert {"kind", "at", "called_at", "crm_id"} <= set(fields_of(What.OUTCOMES))
    assert fields_of(What.CALLS) == ()


def test_it_says_what_a_company_means_by_its_own_words() -> None:
    text = "kind,at,phone\n{},2026-05-01 10:00,3105550123\n"
    kinds = {"Site surveyed": "site_survey", "Ignore": ""}
    survey = one(text.format("SITE-SURVEYED"), kinds=kinds)
    assert isinstance(survey, OutcomeIn)
    assert survey.kind == "site_survey"
    left_out = one(text.format("ignore"), kinds=kinds)
    assert isinstance(left_out, Problem)
    assert "Left out" in left_out.message
    unknown = one(text.format("sael"), kinds=kinds)
    assert isinstance(unknown, Problem)
    assert (unknown.column, "lead" in unknown.hint) == ("kind", True)


def test_it_takes_a_time_of_the_call_and_needs_its_hour() -> None:
    text = "kind,at,phone,called_at\nsale,2026-05-02,3105550123,{}\n"
    told = one(text.format("2026-05-01 10:00"))
    assert isinstance(told, OutcomeIn)
    assert told.called_ms == ms(2026, 5, 1, 10)
    day = one(text.format("2026-05-01"))
    assert isinstance(day, Problem)
    assert day.column == "called_at"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("sale,2026-05-01,,,", "nobody"),
        ("sale,,3105550123,,", "when it happened"),
        ("sale,5/6/2026,3105550123,,", "two ways"),
        ("sale,2026-05-01,3105550123,,-5", "less than nothing"),
        ('sale,2026-05-01,3105550123,,"1,234"', "two ways"),
        ("sale,2026-05-01,,ann,", "e-mail"),
        ("sale,2026-05-01,12,,", "digits"),
        (",2026-05-01,3105550123,,", "no kind"),
    ],
)
def test_it_refuses_a_row_with_what_is_wrong_and_where(row: str, said: str) -> None:
    found = one(f"kind,at,phone,email,value\n{row}\n")
    assert isinstance(found, Problem)
    assert said in found.message
    assert found.line == 2
    assert found.raw


def test_a_refund_is_worth_what_was_given_back_whatever_its_sign() -> None:
    for value in ("50", "-50", "(50.00)"):
        found = one(f"kind,at,phone,value\nrefunded,2026-05-01,3105550123,{value}\n")
        assert isinstance(found, OutcomeIn)
        assert (found.kind, found.value_cents) == ("refund", 5_000)


def test_it_decides_marks_by_the_whole_column() -> None:
    table = table_of('kind,at,phone,value\nsale,5/6/2026,3105550123,"1,234"\nsale,5/31/2026,3105550123,"5.50"\n')
    mapping = ColumnMap(what=What.OUTCOMES, columns={name: name for name in table.header})
    (_, first), _ = outcomes(table, mapping)
    assert isinstance(first, OutcomeIn)
    assert (first.value_cents, first.at_ms) == (123_400, ms(2026, 5, 7) - 1)


def test_it_unwraps_ids_written_for_spreadsheets_and_marks_crm_ids_with_their_system() -> None:
    found = one('external_id,kind,at,crm_id\n"=""12""",sale,2026-05-01,51\n', system="hubspot")
    assert isinstance(found, OutcomeIn)
    assert (found.external_id, found.person.crm_id) == ("12", "hubspot:51")


def test_it_goes_on_at_any_row() -> None:
    table = open_table(EXPORTS / "hubspot_deals.csv")
    mapping = guess_map(What.OUTCOMES, table.header, table.samples())
    whole = outcomes(table, mapping)
    for start in range(5):
        assert outcomes(table, mapping, start) == whole[start:]


def test_it_reads_contacts_with_what_brought_them() -> None:
    table = table_of(
        "Submission ID,Type,Submitted at,Form name,Page URL,Email,utm_source,utm_medium,utm_campaign\n"
        "f1,Web form,2026-05-01 10:00,Quote,https://a.example/x,ann@example.com,Google,CPC,Emergency\n"
        "f2,walk-in,2026-05-01 11:00,,,bob@example.com,,,\n"
        ",chat,2026-05-01 11:00,,,bob@example.com,,,\n"
        "f4,fax,2026-05-01 11:00,,,bob@example.com,,,\n"
    )
    mapping = guess_map(What.CONTACTS, table.header, table.samples())
    assert check_map(mapping, table.header) == []
    form, visit, no_id, fax = (found for _, found in read_contacts(table, mapping, region="US", zone=ZONE))
    assert isinstance(form, ContactIn)
    assert (form.kind, form.external_id, form.name, form.at_ms) == (ContactKind.FORM, "f1", "Quote", ms(2026, 5, 1, 10))
    assert form.source is not None
    assert (form.source.channel, form.source.source, form.source.campaign) == (
        Channel.PAID_SEARCH,
        "google",
        "Emergency",
    )
    assert isinstance(visit, ContactIn)
    assert (visit.kind, visit.source) == (ContactKind.STORE_VISIT, None)
    assert isinstance(no_id, Problem)
    assert "twice" in no_id.message
    assert isinstance(fax, Problem)
    assert fax.column == "Type"
