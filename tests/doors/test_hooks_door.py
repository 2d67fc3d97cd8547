"""Webhooks at their door: each system's signed message, end to end, and whatever comes without proof."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings as house
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from msgspec.structs import replace
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ringtrace.cli import main
from ringtrace.core.clock import DAY_MS, MINUTE_MS, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.intake.hooks.pipedrive import authorization
from ringtrace.intake.hooks.port import LONGEST_BODY, HookMessage, HookSettings
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.intake.hooks.standard import sign
from ringtrace.web import hooks
from ringtrace.web.customers import phone_hash
from ringtrace.web.hooks import HookChoices, do_make_hook, do_retry_kept, settings_of
from ringtrace.web.models import CallRow, Company, ContactRow, Hook, HookMessageRow, OutcomeRow, RefusalRow
from tests.doors.cast import Cast, make_call, make_cast
from tests.rooms.payloads.senders import SENDERS, Sender, payload

EVERY = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)
PHONE = "+13105550123"  # of whom every payload speaks
WEB = "https://calls.example.com"


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.WEB_URL = WEB


def _hook(company: Company, sender: Sender, kinds: dict[str, str] | None = None) -> Hook:
    own = sender.settings
    choices = HookChoices(kinds=kinds or {}, org_id=own.org_id, currency=own.currency or "")
    hook, _ = do_make_hook(company, sender.hook, "CRM", 0, secret=own.secret, choices=choices)
    return hook


def _signed(hook: Hook, sender: Sender, body: bytes | None = None, at_ms: int | None = None) -> HookMessage:
    """As the system sends it to this hook's address."""
    _, mark, query = sender.url.partition("?")
    plain = replace(sender.unsigned(body), url=f"{WEB}/hooks/{hook.pk}/{mark}{query}")
    return sender.sign(plain, settings_of(hook).secret, wall_clock() if at_ms is None else at_ms)


def _post(message: HookMessage, **more: Any) -> HttpResponse:
    headers = {name: text for name, text in message.headers.items() if name != "content-type"}
    answer = Client(enforce_csrf_checks=True).generic(
        "POST",
        message.url.removeprefix(WEB),
        data=message.body,
        content_type=message.headers["content-type"],
        headers=headers,
        **more,
    )
    assert isinstance(answer, HttpResponse)
    return answer


def _caller(cast: Cast, started_ms: int, phone: str = PHONE) -> CallRow:
    call = make_call(cast.number, None, caller=phone, started_ms=started_ms)
    call.caller_hash = phone_hash(cast.company.pk, phone)
    call.save()
    return call


def _standard(cast: Cast) -> tuple[Hook, Sender]:
    sender = SENDERS["standard"]
    return _hook(cast.company, sender), sender


def _told(kind: str = "outcome.created", **data: Any) -> bytes:
    usual = {"kind": "sale", "at": "2026-03-08T17:45:00Z", "external_id": "invoice:1", "value": 10}
    return msgspec.json.encode({"type": kind, "data": usual | data})


@EVERY
def test_it_brings_each_systems_message_to_the_right_call(cast: Cast, sender: Sender) -> None:
    told = HOOKS[sender.hook].read(sender.message(), sender.settings).outcomes[0]
    right = _caller(cast, (told.called_ms or told.at_ms) - MINUTE_MS)
    _caller(cast, told.at_ms + DAY_MS)
    _caller(cast, told.at_ms - 2 * MINUTE_MS, "+13105550999")
    hook = _hook(cast.company, sender)
    if sender.hook == "pipedrive":  # a deal names its person by id alone: the person's own message brings the phone
        person = _signed(hook, sender, payload("pipedrive_v2_person.json"))
        assert _post(person).status_code == 200
    answer = _post(_signed(hook, sender))
    assert answer.status_code == 200
    assert answer.content == HOOKS[sender.hook].reply(sender.message(), taken=True).body
    row = OutcomeRow.objects.get(external_id=told.external_id)
    assert (row.kind, row.value_cents, row.call_id, row.miss) == (told.kind, told.value_cents, right.pk, "")
    hook.refresh_from_db()
    assert hook.taken == (2 if sender.hook == "pipedrive" else 1)
    assert hook.last_ms is not None


@EVERY
def test_it_counts_a_message_told_twice_once(cast: Cast, sender: Sender) -> None:
    hook = _hook(cast.company, sender)
    message = _signed(hook, sender)
    for _ in range(3):
        assert _post(message).status_code == 200
    ids = list(OutcomeRow.objects.values_list("external_id", flat=True))
    assert ids
    assert len(ids) == len(set(ids))


@EVERY
def test_it_refuses_what_is_not_proven_without_saying_why(cast: Cast, sender: Sender) -> None:
    hook = _hook(cast.company, sender)
    plain = replace(sender.unsigned(), url=f"{WEB}/hooks/{hook.pk}/")
    forged = replace(sender.sign(plain, sender.other_secret, wall_clock()))
    said = {(answer.status_code, answer.content) for answer in (_post(plain), _post(forged))}
    assert said == {(401, b"The message is not proven.\n")}
    hook.refresh_from_db()
    assert (hook.refused, hook.taken, hook.last_ms) == (2, 0, None)
    assert sum(RefusalRow.objects.filter(site_key=hook.pk).values_list("count", flat=True)) == 2
    assert not OutcomeRow.objects.exists()
    assert not HookMessageRow.objects.exists()


def test_it_answers_an_unknown_hook_as_an_unproven_message(cast: Cast) -> None:
    hook, sender = _standard(cast)
    plain = replace(sender.unsigned(), url=f"{WEB}/hooks/{hook.pk}/")
    unknown = replace(plain, url=f"{WEB}/hooks/hook_{'0' * 26}/")
    known, other = _post(plain), _post(unknown)
    for answer in (known, other):
        del answer["X-Request-Id"]
    assert (known.status_code, known.content, dict(known.headers)) == (
        other.status_code,
        other.content,
        dict(other.headers),
    )


def test_it_says_what_it_is_for_to_anybody_who_looks(cast: Cast) -> None:
    hook, _ = _standard(cast)
    answers = [Client().get(f"/hooks/{hook_id}/") for hook_id in (hook.pk, "hook_none")]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, b"This address takes signed messages of another system, by POST.\n")
    }
    assert Client().put(f"/hooks/{hook.pk}/").status_code == 405


@EVERY
def test_it_believes_no_host_header(cast: Cast, sender: Sender) -> None:
    """What is signed is the address of the settings; what the request says of its host means nothing."""
    hook = _hook(cast.company, sender)
    assert _post(_signed(hook, sender), SERVER_NAME="localhost").status_code == 200
    elsewhere = replace(_signed(hook, sender), url=f"https://localhost/hooks/{hook.pk}/")
    if sender.hook == "hubspot":
        assert _post(sender.sign(elsewhere, settings_of(hook).secret, wall_clock())).status_code in (400, 401, 404)


def test_it_takes_the_address_without_its_last_slash(cast: Cast) -> None:
    hook, sender = _standard(cast)
    message = _signed(hook, sender)
    assert _post(replace(message, url=message.url.rstrip("/"))).status_code == 200
    assert OutcomeRow.objects.exists()


def test_it_takes_no_body_over_the_cap(cast: Cast) -> None:
    hook, sender = _standard(cast)
    assert _post(_signed(hook, sender, b" " * (LONGEST_BODY + 1))).status_code == 413


@pytest.mark.parametrize(("size", "status"), [(0, 200), (LONGEST_BODY, 413)])
def test_it_reads_a_body_that_comes_in_pieces(cast: Cast, size: int, status: int) -> None:
    """Without a length, as the server hands it on: to its end, or to the cap."""
    hook, sender = _standard(cast)
    message = _signed(hook, sender, _told() + b" " * size)
    extra = {"wsgi.input": BytesIO(message.body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert _post(message, **extra).status_code == status
    assert OutcomeRow.objects.count() == (1 if status == 200 else 0)


def test_it_takes_no_replay(cast: Cast) -> None:
    hook, sender = _standard(cast)
    assert _post(_signed(hook, sender, at_ms=wall_clock() - 6 * MINUTE_MS)).status_code == 401
    assert not OutcomeRow.objects.exists()


def test_it_lets_what_was_told_later_stand_whatever_comes_last(cast: Cast) -> None:
    hook, sender = _standard(cast)
    later, earlier = _told(value=20), _told(value=10, at="2026-03-09T10:00:00Z")
    for body, at_ms in ((later, wall_clock()), (earlier, wall_clock() - MINUTE_MS)):
        assert _post(_signed(hook, sender, body, at_ms)).status_code == 200
    assert OutcomeRow.objects.get().value_cents == 2_000
    removal = {"kind": "sale", "at": "2026-03-10T17:45:00Z", "external_id": "invoice:1"}
    gone = msgspec.json.encode({"type": "outcome.removed", "data": removal})
    assert _post(_signed(hook, sender, gone, wall_clock() - MINUTE_MS)).status_code == 200
    assert OutcomeRow.objects.exists()


def test_it_takes_contacts_and_what_is_taken_back(cast: Cast) -> None:
    hook, sender = _standard(cast)
    contact = {"kind": "form", "at": "2026-03-08T17:45:00Z", "external_id": "form:1"}
    form = msgspec.json.encode({"type": "contact.created", "data": contact})
    removal = {"kind": "sale", "at": "2026-03-09T17:45:00Z", "external_id": "invoice:1"}
    gone = msgspec.json.encode({"type": "outcome.removed", "data": removal})
    for body in (form, _told(), gone, gone):
        assert _post(_signed(hook, sender, body)).status_code == 200
    assert ContactRow.objects.get().external_id == "form:1"
    assert not OutcomeRow.objects.exists()


# What is proven and cannot be taken


@EVERY
def test_it_keeps_proven_junk_and_lets_its_sender_go(cast: Cast, sender: Sender) -> None:
    if sender.body.startswith(b"<"):
        pytest.skip("an Outbound Message proves its organisation by its XML: junk proves nothing")
    hook = _hook(cast.company, sender)
    body = b'{"junk":"of Ada Example"}'
    for _ in range(2):
        assert _post(_signed(hook, sender, body)).status_code == 200
    row = HookMessageRow.objects.get()
    assert row.why
    assert "Ada" not in row.sealed
    assert "Ada" not in row.why
    page = cast.alice.get("/settings/hooks/").content.decode()
    assert "Messages that wait for you" in page


def test_it_takes_a_kept_message_once_what_was_wrong_is_mended(cast: Cast) -> None:
    sender = SENDERS["hubspot-workflow"]
    hook = _hook(cast.company, sender)
    Hook.objects.filter(pk=hook.pk).update(settings={"kinds": {"closedwon": "No kind!"}, "org_id": "33"})
    assert _post(_signed(hook, sender)).status_code == 200
    row = HookMessageRow.objects.get()
    assert "No kind!" in row.why
    assert not OutcomeRow.objects.exists()
    address = f"/settings/hooks/{hook.pk}/kept/{row.pk}/"
    assert "Still not taken" in cast.alice.post(address, {"what": "again"}, follow=True).content.decode()
    form = {f"{hook.pk}-name": "CRM", f"{hook.pk}-kinds": "closedwon = sale", f"{hook.pk}-org_id": "33"}
    assert cast.alice.post(f"/settings/hooks/{hook.pk}/", form).status_code == 302
    assert "Message taken" in cast.alice.post(address, {"what": "again"}, follow=True).content.decode()
    assert OutcomeRow.objects.get().kind == "sale"
    assert not HookMessageRow.objects.exists()


def test_it_does_not_let_a_kept_message_overwrite_what_came_since(cast: Cast) -> None:
    hook, sender = _standard(cast)
    body = _told(value=10)
    hooks._keep(hook, _signed(hook, sender, body, wall_clock() - MINUTE_MS), "kept before", 0)
    assert _post(_signed(hook, sender, _told(value=20, at="2026-03-09T10:00:00Z"))).status_code == 200
    assert do_retry_kept(HookMessageRow.objects.get(), wall_clock()) == ""
    assert OutcomeRow.objects.get().value_cents == 2_000


def test_it_takes_what_it_can_of_a_message_and_keeps_it_for_the_rest(cast: Cast) -> None:
    sender = SENDERS["salesforce-outbound"]
    hook = _hook(cast.company, sender)
    assert _post(_signed(hook, sender)).status_code == 200
    assert OutcomeRow.objects.count() == 2
    assert "formula field" in HookMessageRow.objects.get().why


def test_it_keeps_a_thousand_messages_and_lets_the_oldest_go(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST_KEPT", 3)
    hook, sender = _standard(cast)
    for number in range(5):
        hooks._keep(hook, _signed(hook, sender, b"%d" % number), f"message {number}", number)
    whys = HookMessageRow.objects.order_by("at_ms").values_list("why", flat=True)
    assert list(whys) == ["message 2", "message 3", "message 4"]


def test_it_keeps_nothing_that_proves_a_sender(cast: Cast) -> None:
    sender = SENDERS["pipedrive-v2"]
    hook = _hook(cast.company, sender)
    assert _post(_signed(hook, sender, b'{"junk":1}')).status_code == 200
    sealed = HookMessageRow.objects.get().sealed
    from_inside = house.KEYS.unseal(sealed, f"hook:{hook.pk}")
    assert authorization(settings_of(hook).secret) not in from_inside


@EVERY
def test_it_asks_to_be_told_again_where_the_store_does_not_take_it(
    cast: Cast, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_named: object) -> None:
        raise OperationalError("database is locked")

    hook = _hook(cast.company, sender)
    message = _signed(hook, sender)
    with monkeypatch.context() as broken:
        broken.setattr(hooks, "do_take_outcomes", locked)
        answer = _post(message)
    assert answer.status_code == 503
    assert answer.content == HOOKS[sender.hook].reply(message, taken=False).body
    assert not HookMessageRow.objects.exists()
    hook.refresh_from_db()
    assert hook.taken == 0
    assert _post(message).status_code == 200
    assert OutcomeRow.objects.exists()


# The page


def test_it_shows_a_secret_of_ours_once(cast: Cast) -> None:
    form = {"new-source": "standard", "new-name": "Our shop", "new-kinds": ""}
    page = cast.alice.post("/settings/hooks/add/", form).content.decode()
    found = re.search(r"whsec_[\w+/=]{40,}", page)
    assert found is not None
    hook = Hook.objects.get()
    assert f"{WEB}/hooks/{hook.pk}/" in page
    assert found[0] not in cast.alice.get("/settings/hooks/").content.decode()
    assert found[0] not in hook.sealed_secret
    body, at_secs = _told(), wall_clock() // 1000
    headers = {
        "webhook-id": "1",
        "webhook-timestamp": str(at_secs),
        "webhook-signature": sign(found[0], "1", at_secs, body),
    }
    answer = Client().post(f"/hooks/{hook.pk}/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200


def test_it_makes_a_new_secret_and_refuses_the_old_one(cast: Cast) -> None:
    hook, sender = _standard(cast)
    old = _signed(hook, sender)
    page = cast.alice.post(f"/settings/hooks/{hook.pk}/", {f"{hook.pk}-renew": "on"}).content.decode()
    assert "whsec_" in page
    assert _post(old).status_code == 401
    hook.refresh_from_db()
    assert _post(_signed(hook, sender)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"new-source": "hubspot"}, "own secret is needed"),
        ({"new-source": "salesforce"}, "organisation"),
        ({"new-source": "pigeon"}, "valid choice"),
        ({"new-source": "standard", "new-kinds": "closedwon"}, "not a stage and a kind"),
        ({"new-source": "standard", "new-kinds": "closedwon = !"}, "not a kind of outcome"),
        ({"new-source": "standard", "new-currency": "U$D"}, "not a currency"),
    ],
)
def test_it_says_what_is_wrong_with_a_new_webhook(cast: Cast, wrong: dict[str, str], said: str) -> None:
    answer = cast.alice.post("/settings/hooks/add/", wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Hook.objects.exists()


def test_it_discards_and_removes_when_asked_by_somebody_who_may(cast: Cast) -> None:
    hook, sender = _standard(cast)
    _post(_signed(hook, sender, b"{}"))
    row = HookMessageRow.objects.get()
    address = f"/settings/hooks/{hook.pk}/kept/{row.pk}/"
    for who, status in ((cast.bob, 403), (cast.charlie, 404)):
        for each in (address, f"/settings/hooks/{hook.pk}/", f"/settings/hooks/{hook.pk}/remove/"):
            assert who.post(each, {"what": "discard"}).status_code == status
    assert row.why in cast.bob.get("/settings/hooks/").content.decode().replace("&#x27;", "'")
    assert hook.pk not in cast.charlie.get("/settings/hooks/").content.decode()
    cast.alice.post(address, {"what": "discard"})
    assert not HookMessageRow.objects.exists()
    cast.alice.post(f"/settings/hooks/{hook.pk}/remove/")
    assert _post(_signed(hook, sender)).status_code == 401


def test_it_knows_no_kept_message_of_another_hook(cast: Cast) -> None:
    hook, sender = _standard(cast)
    _post(_signed(hook, sender, b"{}"))
    other, _ = do_make_hook(cast.company, "standard", "Other", 0)
    row = HookMessageRow.objects.get()
    assert cast.alice.post(f"/settings/hooks/{other.pk}/kept/{row.pk}/", {"what": "discard"}).status_code == 404


def test_it_needs_a_system_that_we_read(cast: Cast) -> None:
    with pytest.raises(BadInput):
        do_make_hook(cast.company, "pigeon", "", 0)
    assert isinstance(settings_of(_standard(cast)[0]), HookSettings)


@pytest.mark.django_db(transaction=True)
def test_it_takes_what_the_page_of_the_documentation_sends_by_curl(live_server: LiveServer) -> None:
    cast = make_cast()
    hook, secret = do_make_hook(cast.company, "standard", "", 0)
    text = (Path(__file__).parents[2] / "docs/intake.md").read_text()
    script = text.partition("```bash\n")[2].partition("```")[0]
    script = re.sub(r"secret='[^']*'", f"secret='{secret}'", script)
    script = script.replace("https://calls.example.com/hooks/YOUR_HOOK", f"{live_server.url}/hooks/{hook.pk}")
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, '{"taken":true}'), done.stderr
    assert OutcomeRow.objects.get().external_id == "invoice:2201"


def test_it_lists_webhooks_by_command(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringtrace.cli.hook.open_ledger", lambda *_args, **_named: None)
    hook, sender = _standard(cast)
    _post(_signed(hook, sender, b"{}"))
    with pytest.raises(SystemExit) as done:
        main(["hook", "list", "--company", cast.company.pk])
    said = capsys.readouterr().out
    assert done.value.code == 0
    assert f"{WEB}/hooks/{hook.pk}/  standard CRM  last " in said
    assert said.endswith(" UTC, 1 taken, 0 refused, 1 kept\n")
    assert settings_of(hook).secret not in said
