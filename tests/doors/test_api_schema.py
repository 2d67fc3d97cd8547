"""Schemathesis asks every operation whatever its description allows, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from ringtrace.core.clock import wall_clock
from ringtrace.web.api import bearing
from ringtrace.web.models import User
from ringtrace.web.tokens import do_make_token
from tests.doors.api_rows import make_rows
from tests.doors.cast import make_cast
from tests.doors.programs import ROOT

EXAMPLES = 6
ALWAYS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
LISTS_THAT_ARE_TOLD = frozenset({"tell_outcomes", "tell_contacts", "tell_spend", "tell_calls"})
"""A row that cannot be is named in their answer, and the others are taken."""
NO_FORM_OF_BODY = frozenset({"save_definition", "make_tag_rule", "make_pop_hint", "change_pop_hint"})
"""What a condition may be is checked when it is read, not by the description."""

pytestmark = pytest.mark.django_db
schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", get_wsgi_application())
schema.config.phases.coverage.enabled = False  # thousands of requests, found nothing more when it was run
schema.config.generation.with_security_parameters = False
asked = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def known(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """Alice's token, and rows of hers that addresses may name; made once, in a transaction that is taken back."""
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    lake = tmp_path_factory.mktemp("schema") / "lake"
    with (
        django_db_blocker.unblock(),
        override_settings(PASSWORD_HASHERS=quick, LAKE_DIR=lake),
        transaction.atomic(),
    ):
        cast = make_cast()
        token = do_make_token(User.objects.get(email="alice@example.com"), cast.company, "Schemathesis", wall_clock())
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        yield {"rows": make_rows(cast), "headers": headers}
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_requests_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearing, "A_MINUTE", 1_000_000)


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@schema.parametrize()
@asked
def test_it_does_as_it_describes(case: Any, known: dict[str, Any]) -> None:
    """Once as it comes, and once about rows that are there. `fields` picks from what is described: tested elsewhere."""
    if case.query:
        case.query.pop("fields", None)
    told = case.operation.definition.raw["operationId"]
    checks = ALWAYS if told in LISTS_THAT_ARE_TOLD | NO_FORM_OF_BODY else (*ALWAYS, negative_data_rejection)
    with taken_back():
        case.call_and_validate(headers=known["headers"], checks=checks)
    if case.path_parameters:
        case.path_parameters = {name: known["rows"].get(name, value) for name, value in case.path_parameters.items()}
        with taken_back():
            case.call_and_validate(headers=known["headers"], checks=ALWAYS)
