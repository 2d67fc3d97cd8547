"""Passkeys with a device that Chromium plays: made, used alone, used after a password, named and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.played_shell import Shell, running_shell
from tests.doors.cast import PASSWORD

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with running_shell(tmp_path_factory.mktemp("passkeys")) as running:
        yield running


@pytest.fixture
def here(shell: Shell) -> str:
    """The shell by a host name: an IP address has no passkeys."""
    return shell.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def device(page: Page) -> CDPSession:
    """A device with a fingerprint reader that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
    return session


def _sign_in(page: Page, here: str) -> None:
    page.goto(f"{here}/login/")
    page.get_by_label("E-mail address").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _add(page: Page, here: str, name: str) -> None:
    page.goto(f"{here}/me/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_it_signs_in_by_a_passkey_alone_and_asks_for_it_after_a_password(
    page: Page, device: CDPSession, here: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    _sign_in(page, here)
    _add(page, here, "Laptop")
    page.context.clear_cookies()

    page.goto(f"{here}/calls/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    page.context.clear_cookies()

    _sign_in(page, here)
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{here}/")

    page.goto(f"{here}/me/")
    expect(page.get_by_text("Laptop", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Name of Laptop").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert said == []


def test_it_says_when_the_device_says_no(page: Page, device: CDPSession, here: str) -> None:
    page.goto(f"{here}/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-passkey-said]")).to_have_text(re.compile("Nothing was chosen"))


def test_it_offers_no_passkey_on_a_bare_address(page: Page, shell: Shell) -> None:
    page.goto(f"{shell.url}/login/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
