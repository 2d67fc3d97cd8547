"""Forms, chats and visits to the store that another system tells."""

from __future__ import annotations

import pytest

from ringtrace.core.sources import Channel, Source
from ringtrace.web import actions
from ringtrace.web.contacts import do_take_contacts
from ringtrace.web.models import Company, ContactRow, Customer, CustomerKey, StaleMonth, VisitRow
from ringtrace.worker.response_facts import conversions
from ringtrace.worker.spans import span_of
from tests.rooms.taken import ANN, DAY_MS, NOW_MS, contact, marked, new_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return new_company()


def test_the_same_id_again_replaces(company: Company) -> None:
    assert do_take_contacts(company, [contact("f1", name="Quote")], NOW_MS, system="crm").taken == 1
    with marked():
        assert do_take_contacts(company, [contact("f1", name="Quote")], NOW_MS, system="crm").unchanged == 1
    with marked("2026-09", "2026-08"):
        do_take_contacts(company, [contact("f1", NOW_MS - 30 * DAY_MS, name="Visit")], NOW_MS, system="crm")
    assert ContactRow.objects.get().name == "Visit"


def test_twice_in_one_batch_is_one(company: Company) -> None:
    do_take_contacts(company, [contact("f1", name="a"), contact("f1", name="b")], NOW_MS, system="crm")
    assert ContactRow.objects.get().name == "b"


def test_it_keeps_keyed_hashes_alone(company: Company) -> None:
    told = contact("f1", phone_e164=ANN, email="ann@example.com", crm_id="hubspot:51")
    do_take_contacts(company, [told], NOW_MS, system="crm")
    row = ContactRow.objects.get()
    assert row.customer == Customer.objects.get()
    said = str(ContactRow.objects.values().get()) + str(Customer.objects.values().get())
    assert not [secret for secret in (ANN, "ann@", "hubspot:51") if secret in said]


def test_a_visit_of_ours_is_named_and_no_other(company: Company) -> None:
    for owner, visit_id in ((company, "v1"), (new_company("Bob's Heating"), "v2")):
        site = actions.do_create_site(owner, "Site", ["https://alice.example"])
        seen = {"visitor_id": "x", "started_ms": NOW_MS, "last_seen_ms": NOW_MS, "source": {}}
        VisitRow.objects.create(visit_id=visit_id, company=owner, site=site, **seen)
    told = [contact("f1", visit_id="v1"), contact("f2", visit_id="v2"), contact("f3", visit_id="v3")]
    do_take_contacts(company, told, NOW_MS, system="crm")
    assert list(ContactRow.objects.order_by("external_id").values_list("visit", flat=True)) == ["v1", None, None]


def test_what_the_sender_says_brought_it_is_kept(company: Company) -> None:
    said = Source(channel=Channel.PAID_SEARCH, source="google", medium="cpc", campaign="A")
    do_take_contacts(company, [contact("f1", source=said)], NOW_MS, system="crm")
    with marked():
        assert do_take_contacts(company, [contact("f1", source=said)], NOW_MS, system="crm").unchanged == 1
    assert (ContactRow.objects.get().said_source or {})["campaign"] == "A"


class TestASharedPhone:
    """An office's phone makes no one customer of all who work there."""

    def test_it_joins_nobody_with_an_id_or_address_of_their_own(self, company: Company) -> None:
        told = [contact(f"f{nth}", phone_e164=ANN, email=f"{nth}@x.example", crm_id=f"crm:{nth}") for nth in range(5)]
        for batch in (told, *([one] for one in told)):
            do_take_contacts(company, batch, NOW_MS, system="crm")
            assert Customer.objects.count() == 5
            assert len(set(ContactRow.objects.values_list("customer", flat=True))) == 5
        first = ContactRow.objects.get(external_id="f0").customer
        assert CustomerKey.objects.get(kind="phone").customer == first

    def test_it_joins_what_says_nothing_else_of_the_same_kind(self, company: Company) -> None:
        told = [
            contact("f1", phone_e164=ANN, email="a@x.example"),
            contact("f2", phone_e164=ANN, crm_id="crm:1"),
            contact("f3", phone_e164=ANN),
            contact("f4", phone_e164=ANN, email="b@x.example"),
            contact("f5", phone_e164=ANN, crm_id="crm:2"),
        ]
        do_take_contacts(company, told, NOW_MS, system="crm")
        of = dict(ContactRow.objects.values_list("external_id", "customer"))
        assert of["f1"] == of["f2"] == of["f3"]
        assert len(set(of.values())) == 3

    def test_an_address_and_an_id_still_join(self, company: Company) -> None:
        apart = [
            contact("f1", phone_e164=ANN, crm_id="crm:1"),
            contact("f2", phone_e164=ANN, crm_id="crm:2"),
        ]
        do_take_contacts(company, apart, NOW_MS, system="crm")
        assert Customer.objects.count() == 2
        both = [
            contact("f3", email="a@x.example", crm_id="crm:1"),
            contact("f4", email="a@x.example", crm_id="crm:2"),
        ]
        do_take_contacts(company, both, NOW_MS, system="crm")
        assert Customer.objects.count() == 1

    def test_a_contact_with_a_phone_alone_is_its_customers(self, company: Company) -> None:
        old_ms = NOW_MS - 40 * DAY_MS
        do_take_contacts(company, [contact("f1", old_ms, phone_e164=ANN)], NOW_MS, system="crm")
        StaleMonth.objects.all().delete()
        do_take_contacts(company, [contact("f2", phone_e164=ANN, email="a@x.example")], NOW_MS, system="crm")
        assert StaleMonth.objects.filter(month="2026-08").exists()
        people = {fact.person for month in ("2026-08", "2026-09") for fact in conversions(span_of(company.pk, month))}
        assert people == {Customer.objects.get().pk}
