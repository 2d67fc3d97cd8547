"""What docs/intake.md says can be done as it stands there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ringtrace.intake.call_logs.registry import CALL_LOGS
from ringtrace.intake.hooks.port import HookMessage, HookSettings
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.intake.hooks.standard import HOOK

TEXT = (Path(__file__).parents[2] / "docs/intake.md").read_text()


def test_it_signs_in_the_shell_as_the_page_shows() -> None:
    (script,) = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
    signing = script.rpartition("curl ")[0]
    names = ("id", "timestamp", "signature", "secret")
    told = "\n".join(f'printf "%s\\n" "${name}"' for name in names) + '\nprintf %s "$body"\n'
    answer = subprocess.run(["bash", "-euc", signing + told], capture_output=True, check=True).stdout
    *lines, body = answer.split(b"\n", len(names))
    said = {name: line.decode() for name, line in zip(names, lines, strict=True)}
    message = HookMessage(
        method="POST",
        url="https://calls.example.com/hooks/7",
        headers={f"webhook-{name}": said[name] for name in ("id", "timestamp", "signature")},
        body=body,
        received_ms=int(said["timestamp"]) * 1000,
    )
    settings = HookSettings(secret=said["secret"])
    assert HOOK.verify(message, settings, message.received_ms).is_genuine
    (outcome,) = HOOK.read(message, settings).outcomes
    assert (outcome.kind, outcome.value_cents) == ("sale", 420050)


def test_it_names_every_hook_and_every_log() -> None:
    for title in (*(hook.title for hook in HOOKS.values()), *(log.title for log in CALL_LOGS.values())):
        assert title.partition(" (")[0].lower().replace("another system", "any other") in TEXT.lower()


def test_it_sends_from_apex_what_the_hook_reads() -> None:
    (apex,) = re.findall(r"```apex\n(.*?)```", TEXT, re.DOTALL)
    for word in (
        "X-Ringtrace-Timestamp",
        "X-Ringtrace-Signature",
        "'v1='",
        '"organizationId"',
        '"object"',
        '"records"',
    ):
        assert word in apex
